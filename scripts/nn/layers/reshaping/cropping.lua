--- Samples without the places at their edges.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
local spatial = require "nn.layers.base.spatial"
local steps = require "nn.image.steps"

--- First place and number of places that are left along each axis.
local function parts_left(self, shape, axes)
  local first, sizes = {}, {}
  for i, pair in ipairs(self.arguments.cropping) do
    local length = shape[axes[i] - 1]
    first[i], sizes[i] = pair[1] + 1, length - pair[1] - pair[2]
    if sizes[i] < 1 then
      blame.at(self.where, "%s: cropping: %d + %d leave nothing of a length of %d; crop less", self:title(), pair[1],
        pair[2], length)
    end
  end
  return first, sizes
end

local function define(rank, arguments, examples)
  local class = ("Cropping%dD"):format(rank)
  layer.define {
    class = class,
    arguments = arguments,
    check = function(a)
      spatial.pairs(a, class, "cropping", rank)
      spatial.format(a, class)
    end,
    methods = {
      lower_into = function(self, emit, inputs, shapes)
        local axes = spatial.axes(self, shapes[1], rank)
        local first, sizes = parts_left(self, shapes[1], axes)
        return steps.slice(spatial.runner(self, emit), inputs[1], rank + 2, axes, first, sizes)
      end,
    },
    examples = examples,
  }
end

--- A sequence without its first and last steps.
-- @function Cropping1D
-- @tparam[opt=1] integer|{integer,integer} cropping how many on each side, or { before, after }
-- @usage Cropping1D{ { 0, 2 } }
define(1, { { "cropping", 1 } }, { { {}, { 4, 2 } }, { { { 0, 2 } }, { 4, 2 } } })
--- Pictures without their edges.
-- @function Cropping2D
-- @tparam[opt=0] integer|table cropping how many on each side; { rows, columns } on each side; or { { top, bottom }, {
-- left, right } }
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, height,
-- width)
-- @usage Cropping2D{ { { 1, 0 }, { 2, 2 } } }
define(2, { { "cropping", 0 }, { "data_format" } },
  { { { 1 }, { 3, 4, 2 } }, { { { { 1, 0 }, { 0, 2 } }, "channels_first" }, { 2, 3, 4 } } })
--- Volumes without their edges.
-- @function Cropping3D
-- @tparam[opt=1] integer|table cropping as for Cropping2D, for { depth, height, width }
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, depth,
-- height, width)
-- @usage Cropping3D{ { 1, 0, 2 } }
define(3, { { "cropping", 1 }, { "data_format" } }, { { { { { 1, 0 }, 0, 1 } }, { 3, 2, 3, 2 } } })
