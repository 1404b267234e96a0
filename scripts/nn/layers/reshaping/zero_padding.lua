--- Zeros around the places of samples.
-- @submodule nn.layers
local layer = require "nn.layers.base"
local spatial = require "nn.layers.base.spatial"
local steps = require "nn.image.steps"

local function define(rank, examples)
  local class = ("ZeroPadding%dD"):format(rank)
  layer.define {
    class = class,
    arguments = { { "padding", 1 }, { "data_format" } },
    check = function(a)
      spatial.pairs(a, class, "padding", rank)
      spatial.format(a, class)
    end,
    methods = {
      lower_into = function(self, emit, inputs, shapes)
        local axes = spatial.axes(self, shapes[1], rank)
        return steps.pad(spatial.runner(self, emit), inputs[1], rank + 2, axes, self.arguments.padding)
      end,
    },
    examples = examples,
  }
end

--- Zeros before and after the steps of a sequence: (n, steps, channels) becomes (n, more steps, channels).
-- @function ZeroPadding1D
-- @tparam[opt=1] integer|{integer,integer} padding how many on each side, or { before, after }
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, steps)
-- @usage ZeroPadding1D{ { 2, 0 } }
define(1, { { {}, { 2, 3 } }, { { { 2, 0 }, data_format = "channels_first" }, { 2, 3 } } })
--- Zeros around pictures.
-- @function ZeroPadding2D
-- @tparam[opt=1] integer|table padding how many on each side; { rows, columns } on each side; or { { top, bottom }, {
-- left, right } }
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, height,
-- width)
-- @usage ZeroPadding2D{ { { 1, 0 }, { 2, 2 } } }
define(2, { { {}, { 2, 2, 3 } }, { { { { 1, 0 }, { 2, 1 } }, "channels_first" }, { 2, 2, 3 } } })
--- Zeros around volumes.
-- @function ZeroPadding3D
-- @tparam[opt=1] integer|table padding as for ZeroPadding2D, for { depth, height, width }
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, depth,
-- height, width)
-- @usage ZeroPadding3D{ { 1, 0, 2 } }
define(3, { { { { 1, 0, 2 } }, { 2, 2, 1, 2 } } })
