--- Pictures of another size.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
local spatial = require "nn.layers.base.spatial"
local steps = require "nn.image.steps"

local INTERPOLATIONS = { "bilinear", "nearest", "bicubic", "lanczos3", "lanczos5" }

local function check_size(a, class)
  for _, name in ipairs { "height", "width" } do
    if math.type(a[name]) ~= "integer" or a[name] < 1 then
      blame("%s: %s: expected a whole number of at least 1, got %s", class, name, blame.got(a[name]))
    end
  end
end

local Resizing = {}

function Resizing:lower_into(emit, inputs, shapes)
  local a, axes = self.arguments, spatial.axes(self, shapes[1], 2)
  return steps.resize(spatial.runner(self, emit), inputs[1], spatial.batch(shapes[1]), axes, { a.height, a.width }, a)
end

local function check_resizing(a)
  check_size(a, "Resizing")
  spatial.format(a, "Resizing")
  spatial.choice(a, "Resizing", "interpolation", INTERPOLATIONS)
  for _, name in ipairs { "crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias" } do
    if type(a[name]) ~= "boolean" then
      blame("Resizing: %s: expected true or false, got %s", name, blame.got(a[name]))
    end
  end
  if a.crop_to_aspect_ratio and a.pad_to_aspect_ratio then
    blame "Resizing: give crop_to_aspect_ratio or pad_to_aspect_ratio, not both"
  elseif a.fill_mode ~= "constant" then
    blame('Resizing: fill_mode: expected "constant", got %s', blame.got(a.fill_mode))
  elseif type(a.fill_value) ~= "number" then
    blame("Resizing: fill_value: expected a number, got %s", blame.got(a.fill_value))
  end
end

--- Pictures in another size, in training and otherwise. `nn.image.resize` does the same to tensors.
-- @function Resizing
-- @tparam integer height of the new pictures
-- @tparam integer width
-- @tparam[opt] string interpolation "bilinear" (default), "nearest", "bicubic", "lanczos3" or "lanczos5"
-- @tparam[opt] boolean crop_to_aspect_ratio (false): only the middle that has the new proportions
-- @tparam[opt] boolean pad_to_aspect_ratio (false): with margins instead
-- @tparam[opt] string fill_mode "constant", the only one
-- @tparam[opt=0] number fill_value of the margins
-- @tparam[opt] boolean antialias (false): where a picture shrinks, all its pixels count
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, height,
-- width)
-- @usage Resizing{ 150, 150, input_shape = { 374, 500, 3 } }
layer.define {
  class = "Resizing",
  arguments = {
    { "height", layer.required }, { "width", layer.required }, { "interpolation", "bilinear" },
    { "crop_to_aspect_ratio", false }, { "pad_to_aspect_ratio", false }, { "fill_mode", "constant" },
    { "fill_value", 0 }, { "antialias", false }, { "data_format" },
  },
  check = check_resizing,
  methods = Resizing,
  examples = {
    { { 4, 3 }, { 3, 5, 2 } },
    { { 4, 3, "nearest", data_format = "channels_first" }, { 2, 3, 5 } },
    { { 2, 2, antialias = true }, { 5, 6, 1 } },
    { { 2, 4, "bicubic", crop_to_aspect_ratio = true }, { 5, 4, 1 } },
    { { 3, 5, "lanczos5", pad_to_aspect_ratio = true, fill_value = 0.5 }, { 4, 4, 1 } },
  },
}

--- The middle of pictures, in training and otherwise. A picture that is smaller than the middle wanted is resized, in
-- its proportions.
-- @function CenterCrop
-- @tparam integer height of the middle
-- @tparam integer width
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, height,
-- width)
-- @usage CenterCrop{ 24, 24 }
layer.define {
  class = "CenterCrop",
  arguments = { { "height", layer.required }, { "width", layer.required }, { "data_format" } },
  check = function(a)
    check_size(a, "CenterCrop")
    spatial.format(a, "CenterCrop")
  end,
  methods = {
    lower_into = function(self, emit, inputs, shapes)
      local shape, size = spatial.batch(shapes[1]), { self.arguments.height, self.arguments.width }
      local axes, run = spatial.axes(self, shapes[1], 2), spatial.runner(self, emit)
      local above, left = shape[axes[1]] - size[1], shape[axes[2]] - size[2]
      if above < 0 or left < 0 then
        return steps.resize(run, inputs[1], shape, axes, size, { crop_to_aspect_ratio = true,
          interpolation = "bilinear" })
      end
      return steps.slice(run, inputs[1], #shape, axes, { above // 2 + 1, left // 2 + 1 }, size)
    end,
  },
  examples = { { { 2, 2 }, { 5, 4, 2 } }, { { 4, 4, "channels_first" }, { 1, 3, 6 } } },
}
