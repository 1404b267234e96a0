--- Pools whose result has a given size: each axis is divided into parts that are as equal as they can be.
-- @submodule nn.layers
local layer = require "nn.layers.base"
local spatial = require "nn.layers.base.spatial"
local steps = require "nn.image.steps"

local KINDS = { Average = "mean", Max = "max" }

local function define(kind, rank, examples)
  local class = ("Adaptive%sPooling%dD"):format(kind, rank)
  layer.define {
    class = class,
    arguments = { { "output_size", layer.required }, { "data_format" } },
    check = function(a)
      spatial.numbers(a, class, "output_size", rank)
      spatial.format(a, class)
    end,
    methods = {
      lower_into = function(self, emit, inputs, shapes)
        local axes = spatial.axes(self, shapes[1], rank)
        return steps.pool(spatial.runner(self, emit), inputs[1], axes, self.arguments.output_size, KINDS[kind])
      end,
    },
    examples = examples,
  }
end

--- The means of equal parts of a sequence: (n, steps, channels) becomes (n, output_size, channels). Part i of m covers
-- the steps from i * steps / m to (i + 1) * steps / m, those at both ends included if only a part of them is covered.
-- @function AdaptiveAveragePooling1D
-- @tparam integer output_size how many parts
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, steps)
-- @usage AdaptiveAveragePooling1D{ 3 }
define("Average", 1, { { { 3 }, { 7, 2 } } })
--- The means of equal parts of a picture. Arguments as for AdaptiveAveragePooling1D; output_size may be { rows, columns
-- }.
-- @function AdaptiveAveragePooling2D
-- @usage AdaptiveAveragePooling2D{ { 2, 3 } }
define("Average", 2, { { { { 2, 3 } }, { 5, 4, 2 } }, { { 2, "channels_first" }, { 2, 3, 5 } } })
--- The means of equal parts of a volume. Arguments as for AdaptiveAveragePooling1D; output_size may be { depth, rows,
-- columns }.
-- @function AdaptiveAveragePooling3D
-- @usage AdaptiveAveragePooling3D{ 2 }
define("Average", 3, { { { { 1, 2, 3 } }, { 2, 3, 4, 1 } } })
--- The greatest numbers of equal parts of a sequence. Arguments as for AdaptiveAveragePooling1D.
-- @function AdaptiveMaxPooling1D
-- @usage AdaptiveMaxPooling1D{ 3 }
define("Max", 1, { { { 3 }, { 7, 2 } } })
--- The greatest numbers of equal parts of a picture. Arguments as for AdaptiveAveragePooling2D.
-- @function AdaptiveMaxPooling2D
-- @usage AdaptiveMaxPooling2D{ { 2, 3 } }
define("Max", 2, { { { { 2, 3 } }, { 5, 4, 2 } }, { { 2, "channels_first" }, { 2, 3, 5 } } })
--- The greatest numbers of equal parts of a volume. Arguments as for AdaptiveAveragePooling3D.
-- @function AdaptiveMaxPooling3D
-- @usage AdaptiveMaxPooling3D{ 2 }
define("Max", 3, { { { { 1, 2, 3 } }, { 2, 3, 4, 1 } } })
