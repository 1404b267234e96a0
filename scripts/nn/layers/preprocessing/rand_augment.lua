--- Some of many random changes of pictures.
-- @submodule nn.layers
local augmentation = require "nn.layers.preprocessing.augmentation"
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
require "nn.layers.preprocessing.random_colors"
require "nn.layers.preprocessing.random_transforms"

-- The changes in the order in which they act: class, and how its arguments follow from the layer's.
local CHANGES = {
  { "RandomShear", function(f, a) return { f, f, interpolation = a.interpolation } end },
  { "RandomTranslation", function(f, a) return { f, f, interpolation = a.interpolation } end },
  { "RandomRotation", function(f, a) return { f, interpolation = a.interpolation } end },
  { "RandomBrightness", function(f, a) return { f, value_range = a.value_range } end },
  { "RandomColorDegeneration", function(f, a) return { f, value_range = a.value_range } end },
  { "RandomContrast", function(f, a) return { f, value_range = a.value_range } end },
  { "RandomSharpness", function(f, a) return { f, value_range = a.value_range } end },
  { "RandomPosterization", function(f, a) return { math.max(1, 8 * f[2] // 1 | 0), value_range = a.value_range } end },
  { "Solarization", function(f, a) return { f, f, value_range = a.value_range } end },
  -- These two alone also act outside of training.
  { "AutoContrast", function(_, a) return { value_range = a.value_range } end, is_always = true },
  { "Equalization", function(_, a) return { value_range = a.value_range } end, is_always = true },
}

-- The layers of the changes, which share one draw.
local function layers_of(a, object)
  local list = {}
  for i, change in ipairs(CHANGES) do
    local given = change[2](a.factor, a)
    given.name = object.name
    list[i] = layer.layers[change[1]](given)
    list[i].picked = { pick = i - 1, pick_of = #CHANGES, pick_count = a.num_ops, seed = a.seed }
    if change.is_always then list[i].picked.is_always = false end
  end
  return list
end

--- Changes each picture in `num_ops` ways, in training only (RandAugment, Cubuk et al. 2019). Each picture draws them
-- from shear, translation, rotation, brightness, less colour, contrast, sharpness, posterization, solarization,
-- stretched contrast and equalization; they act in this order.
-- @function RandAugment
-- @tparam[opt] {number,number} value_range ({ 0, 255 }) of the values
-- @tparam[opt=2] integer num_ops how many of the 11 changes
-- @tparam[opt=0.5] number|{number,number} factor how strong they are, from 0 to 1; a number f is the range from 0 to f
-- @tparam[opt] string interpolation "bilinear" (default), or "nearest"
-- @tparam[opt] integer seed (the model's)
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (3, height, width)
-- @usage RandAugment{ { 0, 1 }, num_ops = 3, factor = 0.3, input_shape = { 32, 32, 3 } }
layer.define {
  class = "RandAugment",
  arguments = { { "value_range", { 0, 255 } }, { "num_ops", 2 }, { "factor", 0.5 }, { "interpolation", "bilinear" },
    { "seed" }, { "data_format" } },
  check = function(a, object)
    if math.type(a.num_ops) ~= "integer" or a.num_ops < 1 or a.num_ops > #CHANGES then
      blame("RandAugment: num_ops: expected a whole number from 1 to %d, got %s", #CHANGES, blame.got(a.num_ops))
    end
    augmentation.range(a, "RandAugment", "factor", 0, 1)
    augmentation.check(a, "RandAugment")
    object.layers = layers_of(a, object)
  end,
  methods = {
    -- The nodes of the changes follow each other: the engine counts on it.
    lower_into = function(self, emit, inputs, shapes)
      local shape, ndim = shapes[1], #shapes[1]
      local channels = self.arguments.data_format == "channels_first" and 1 or ndim
      return self:over_last(emit, inputs[1], { channels }, ndim, function(node)
        local last = channels == 1 and { shape[2], shape[3], shape[1] } or shape
        for _, each in ipairs(self.layers) do node = each:lower_into(emit, { node }, { last }) end
        return node
      end)
    end,
  },
  -- With seeds that draw no posterization or equalization: their steps have no gradient.
  examples = { { { { -3, 3 }, 1, 0.4, seed = 2 }, { 4, 5, 3 } },
    { { { -3, 3 }, 1, seed = 5, data_format = "channels_first" }, { 3, 4, 5 } } },
}
