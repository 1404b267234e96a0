--- Layers that erase parts of pictures or mix them with others, at random and in training only.
-- @submodule nn.layers
local augmentation = require "nn.layers.preprocessing.augmentation"
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
local spatial = require "nn.layers.base.spatial"

local function check_fill(a, class)
  local given = a.fill_value
  if given == nil then return end
  local list = type(given) == "table" and #given == 3 and given or { given, given, given }
  for i = 1, 3 do
    if type(list[i]) ~= "number" then
      blame("%s: fill_value: expected a number, a list of three, or nothing for noise, got %s", class,
        blame.got(given))
    end
  end
  a.fill_value = { list[1], list[2], list[3] }
end

--- Fills a rectangle of each picture.
-- @function RandomErasing
-- @tparam[opt=1] number|{number,number} factor the probability that a picture is changed; of a range, one is drawn for
-- each picture. A number f is the range from 0 to f
-- @tparam[opt] number|{number,number} scale ({ 0.02, 0.33 }) of the sides of the rectangle, as fractions of the
-- picture's, squared
-- @tparam[opt] number|{number,number,number} fill_value of the rectangle, or of each channel of it (noise)
-- @tparam[opt] {number,number} value_range ({ 0, 255 }) noise is normal with the highest value as standard deviation,
-- clipped to the range
-- @tparam[opt] integer seed (the model's)
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- @usage RandomErasing{ { 0.5, 0.5 }, fill_value = 0 }
layer.define {
  class = "RandomErasing",
  arguments = { { "factor", 1 }, { "scale", { 0.02, 0.33 } }, { "fill_value" }, { "value_range", { 0, 255 } },
    { "seed" }, { "data_format" } },
  check = function(a)
    augmentation.range(a, "RandomErasing", "factor", 0, 1)
    augmentation.range(a, "RandomErasing", "scale", 0, 1)
    check_fill(a, "RandomErasing")
    augmentation.check(a, "RandomErasing")
  end,
  methods = {
    lower_into = function(self, emit, inputs, shapes)
      local a = self.arguments
      local fill = a.fill_value or {}
      return augmentation.node(self, emit, inputs[1], shapes[1], "random_erasing", {
        chance_low = a.factor[1], chance_high = a.factor[2], scale_low = a.scale[1], scale_high = a.scale[2],
        is_noise = a.fill_value == nil, fill_0 = fill[1], fill_1 = fill[2], fill_2 = fill[3],
        low = a.value_range[1], high = a.value_range[2], seed = a.seed,
      })
    end,
  },
  examples = {
    { { { 1, 1 }, { 0.2, 0.4 } }, { 4, 5, 2 } },
    { { { 1, 1 }, { 0.2, 0.4 }, { 1, 2, 3 }, data_format = "channels_first", seed = 2 }, { 3, 4, 5 } },
  },
}

--- Nodes of a layer that mixes samples; labels are a second input, and a second result.
local function mix(is_cut, alpha_of)
  return function(self, emit, inputs, shapes)
    local ndim, alpha = #shapes[1], alpha_of(self.arguments)
    local channels = self.arguments.data_format == "channels_first" and 1 or ndim
    local node
    local pictures = self:over_last(emit, inputs[1], { channels }, ndim, function(from)
      node = self:emit_plain(emit, "mix",
        { is_cut = is_cut, alpha_low = alpha[1], alpha_high = alpha[2], seed = self.arguments.seed },
        { from, table.unpack(inputs, 2) })
      return node
    end)
    if #inputs == 1 then return pictures end
    return pictures, { node, 2 }
  end
end

local function define_mix(class, arguments, check, lower_into, examples)
  layer.define {
    class = class, arguments = arguments, merges = true, examples = examples, methods = { lower_into = lower_into },
    check = function(a)
      check(a)
      spatial.format(a, class)
      augmentation.check(a, class)
    end,
  }
end

--- Mixes each picture of a batch with another one of it: both count in a proportion that is drawn for the batch.
-- @function MixUp
-- @tparam[opt=0.2] number alpha of the beta distribution of the proportion: the smaller, the closer to 0 or 1 it is
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- @tparam[opt] integer seed (the model's)
-- Called with a list of pictures and one-hot labels it gives both, mixed alike.
-- @usage local mixed, labels = nn.layers.MixUp{}({ photos, nn.ones{ 2, 3 } }, { training = true })
define_mix("MixUp", { { "alpha", 0.2 }, { "data_format" }, { "seed" } }, function(a)
  if type(a.alpha) ~= "number" or a.alpha <= 0 then
    blame("MixUp: alpha: expected a number above 0, got %s", blame.got(a.alpha))
  end
end, mix(false, function(a) return { a.alpha, a.alpha } end),
  { { {}, { 2, 3, 2 } }, { { 1, "channels_first", 3 }, { 2, 3, 2 } } })

--- Puts a rectangle of another picture of the batch into each picture.
-- @function CutMix
-- @tparam[opt=1] number|{number,number} factor of the beta distribution of the rectangles' sizes, drawn for each
-- batch; a number f is the range from 0 to f
-- @tparam[opt] integer seed (the model's)
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- Called with a list of pictures and one-hot labels it gives both; labels are mixed by the area of the rectangle.
-- @usage local mixed, labels = nn.layers.CutMix{}({ photos, nn.ones{ 2, 3 } }, { training = true })
define_mix("CutMix", { { "factor", 1 }, { "seed" }, { "data_format" } }, function(a)
  augmentation.range(a, "CutMix", "factor", 0, 1)
end, mix(true, function(a) return a.factor end),
  { { {}, { 3, 4, 2 } }, { { { 0.5, 1 }, data_format = "channels_first" }, { 2, 3, 4 } } })
