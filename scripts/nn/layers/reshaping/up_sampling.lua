--- More places from each.
-- @submodule nn.layers
local layer = require "nn.layers.base"
local spatial = require "nn.layers.base.spatial"
local steps = require "nn.image.steps"

local INTERPOLATIONS = { "nearest", "bilinear", "bicubic", "lanczos3", "lanczos5" }

local function define(rank, arguments, examples)
  local class = ("UpSampling%dD"):format(rank)
  layer.define {
    class = class,
    arguments = arguments,
    check = function(a)
      spatial.numbers(a, class, "size", rank)
      spatial.format(a, class)
      if rank == 2 then spatial.choice(a, class, "interpolation", INTERPOLATIONS) end
    end,
    methods = {
      lower_into = function(self, emit, inputs, shapes)
        local axes, sizes = spatial.axes(self, shapes[1], rank), {}
        for i, axis in ipairs(axes) do sizes[i] = shapes[1][axis - 1] * self.arguments.size[i] end
        return steps.resample(spatial.runner(self, emit), inputs[1], axes, sizes,
          self.arguments.interpolation or "nearest")
      end,
    },
    examples = examples,
  }
end

--- Each step of a sequence several times: (n, steps, channels) becomes (n, size * steps, channels).
-- @function UpSampling1D
-- @tparam[opt=2] integer size how many times
-- @usage UpSampling1D{ 3 }
define(1, { { "size", 2 } }, { { {}, { 3, 2 } } })
--- Larger pictures.
-- @function UpSampling2D
-- @tparam[opt=2] integer|{integer,integer} size how many times higher and wider
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, height,
-- width)
-- @tparam[opt] string interpolation "nearest" (default): each pixel several times; "bilinear", "bicubic", "lanczos3"
-- or "lanczos5": weighted means of the pixels around
-- @usage UpSampling2D{ 2, interpolation = "bilinear" }
define(2, { { "size", 2 }, { "data_format" }, { "interpolation", "nearest" } }, {
  { { { 2, 3 } }, { 2, 3, 2 } },
  { { 2, "channels_first", "bilinear" }, { 2, 2, 3 } },
  { { 2, interpolation = "bicubic" }, { 3, 2, 1 } },
  { { 2, interpolation = "lanczos3" }, { 3, 4, 1 } },
})
--- Larger volumes: each place several times along each axis.
-- @function UpSampling3D
-- @tparam[opt=2] integer|{integer,integer,integer} size how many times { deeper, higher, wider }
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, depth,
-- height, width)
-- @usage UpSampling3D{ { 1, 2, 2 } }
define(3, { { "size", 2 }, { "data_format" } }, { { { { 1, 2, 2 } }, { 2, 2, 2, 1 } } })
