--- Layers that change the colours of pictures at random, in training only.
--
-- What a sample draws depends on the seed, the layer, the step and the sample's place in the batch alone.
-- @submodule nn.layers
local augmentation = require "nn.layers.preprocessing.augmentation"
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"

local required = layer.required
local BYTES = { 0, 255 }

--- The engine's arguments: kind, the range a, and the range of values.
local function config_of(kind, a, options)
  local range = options.value_range or {}
  return { kind = kind, a_low = a and a[1], a_high = a and a[2], low = range[1], high = range[2] }
end

local function define(definition)
  definition.engine = "image_color"
  augmentation.define(definition)
end

--- A layer with one factor that is drawn from a range.
-- @tparam table t class, kind; low, high: where the factor may lie; range: function(factor) that gives what is drawn;
-- order: the arguments after factor; examples
local function define_by_factor(t)
  define {
    class = t.class, arguments = { { "factor", required }, table.unpack(t.order) }, examples = t.examples,
    check = function(a, class) augmentation.range(a, class, "factor", t.low, t.high) end,
    config = function(a) return config_of(t.kind, t.range and t.range(a.factor) or a.factor, a) end,
  }
end

local AFTER_FACTOR = { { "value_range", BYTES }, { "seed" }, { "data_format" } }
local FORMAT_FIRST = { { "value_range", BYTES }, { "data_format" }, { "seed" } }
local EXAMPLE = { { { 0.2, 0.6 }, value_range = { -2, 2 } }, { 3, 2, 3 } }

--- Makes pictures brighter or darker.
-- @function RandomBrightness
-- @tparam number|{number,number} factor what is added, as a fraction of value_range, from -1 to 1; a number f is the
-- range from -f to f
-- @tparam[opt] {number,number} value_range ({ 0, 255 }) of the values; the result is clipped to it
-- @tparam[opt] integer seed (the model's)
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- @usage RandomBrightness{ 0.2, value_range = { 0, 1 } }
define_by_factor { class = "RandomBrightness", kind = "brightness", low = -1, high = 1, order = AFTER_FACTOR,
  examples = { { { 0.1, value_range = { -2, 2 } }, { 3, 2, 2 } } } }

--- Changes the contrast: the distance of values from their channel's mean.
-- @function RandomContrast
-- @tparam number|{number,number} factor { l, u }: the distance is multiplied by a number from 1 - l to 1 + u; a number
-- f is { 0, f }
-- @tparam[opt] {number,number} value_range ({ 0, 255 }) the result is clipped to it
-- @tparam[opt] integer seed (the model's)
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- @usage RandomContrast{ { 0.2, 0.2 }, value_range = { 0, 1 } }
define_by_factor { class = "RandomContrast", kind = "contrast", low = 0, high = 1, order = AFTER_FACTOR,
  range = function(factor) return { 1 - factor[1], 1 + factor[2] } end,
  examples = { { { { 0.5, 0.6 }, value_range = { -4, 4 } }, { 3, 2, 2 } },
    { { 0.9, value_range = { -4, 4 }, data_format = "channels_first" }, { 2, 3, 2 } } } }

--- Makes colours stronger or weaker.
-- @function RandomSaturation
-- @tparam number|{number,number} factor 0.5 changes nothing, 0 gives grey, 1 the strongest colours; a number f is the
-- range from 0 to f
-- @tparam[opt] {number,number} value_range ({ 0, 255 }) the saturation is clipped to it, as in Keras
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- @tparam[opt] integer seed (the model's)
-- @usage RandomSaturation{ { 0.4, 0.6 }, value_range = { 0, 1 } }
define_by_factor { class = "RandomSaturation", kind = "saturation", low = 0, high = 1, order = FORMAT_FIRST,
  examples = { EXAMPLE } }

--- Turns the colours of pictures around the circle of colours.
-- @function RandomHue
-- @tparam number|{number,number} factor how far in one or the other direction, 1 is half of the circle; a number f is
-- the range from 0 to f
-- @tparam[opt] {number,number} value_range ({ 0, 255 }) of the values
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- @tparam[opt] integer seed (the model's)
-- @usage RandomHue{ 0.1, value_range = { 0, 1 } }
define_by_factor { class = "RandomHue", kind = "hue", low = 0, high = 1, order = FORMAT_FIRST, examples = { EXAMPLE } }

--- Takes colour away.
-- @function RandomColorDegeneration
-- @tparam number|{number,number} factor how much: 1 gives grey; a number f is the range from 0 to f
-- @tparam[opt] {number,number} value_range ({ 0, 255 }) the result is clipped to it
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- @tparam[opt] integer seed (the model's)
-- @usage RandomColorDegeneration{ 0.5 }
define_by_factor { class = "RandomColorDegeneration", kind = "degeneration", low = 0, high = 1, order = FORMAT_FIRST,
  examples = { EXAMPLE } }

--- Makes pictures sharper or less sharp.
-- @function RandomSharpness
-- @tparam number|{number,number} factor 0.5 changes nothing, 0 gives the mean of each pixel and its neighbours, 1 goes
-- as far in the other direction; a number f is the range from 0 to f
-- @tparam[opt] {number,number} value_range ({ 0, 255 }) the result is clipped to it
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- @tparam[opt] integer seed (the model's)
-- @usage RandomSharpness{ 1 }
define_by_factor { class = "RandomSharpness", kind = "sharpness", low = 0, high = 1, order = FORMAT_FIRST,
  examples = { { { { 0.1, 0.9 }, value_range = { -9, 9 } }, { 3, 4, 2 } } } }

local function check_bits(a, class)
  local given = a.factor
  local list = type(given) == "table" and #given == 2 and given or { given, given }
  for i = 1, 2 do
    if math.type(list[i]) ~= "integer" or list[i] < 1 or list[i] > 8 then
      blame("%s: factor: expected a whole number from 1 to 8, or a list { lowest, highest } of two, got %s", class,
        blame.got(given))
    end
  end
  a.factor = { math.min(table.unpack(list)), math.max(table.unpack(list)) }
end

--- Leaves fewer bits of each value. No gradient passes.
-- @function RandomPosterization
-- @tparam integer|{integer,integer} factor how many of 8 bits; of a list { lowest, highest } a number below the
-- highest is drawn
-- @tparam[opt] {number,number} value_range ({ 0, 255 }) of the values
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- @tparam[opt] integer seed (the model's)
-- @usage RandomPosterization{ 4 }
define {
  class = "RandomPosterization",
  arguments = { { "factor", required }, table.unpack(FORMAT_FIRST) },
  check = check_bits,
  config = function(a) return config_of("posterization", a.factor, a) end,
  examples = { { { 1, value_range = { -2, 2 } }, { 2, 2, 1 } } },
}

--- The probability that a picture is changed, from a range.
local function with_chance(config, range)
  config.chance_low, config.chance_high = range[1], range[2]
  return config
end

--- Makes pictures grey, with as many channels as before.
-- @function RandomGrayscale
-- @tparam[opt=0.5] number factor the share of pictures that become grey
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- @tparam[opt] integer seed (the model's)
-- @usage RandomGrayscale{ 0.2 }
define {
  class = "RandomGrayscale",
  arguments = { { "factor", 0.5 }, { "data_format" }, { "seed" } },
  check = function(a, class)
    if type(a.factor) ~= "number" or a.factor < 0 or a.factor > 1 then
      blame("%s: factor: expected a number from 0 to 1, got %s", class, blame.got(a.factor))
    end
  end,
  config = function(a) return with_chance(config_of("degeneration", { 1, 1 }, a), { a.factor, a.factor }) end,
  examples = { { {}, { 2, 2, 3 } } },
}

--- Inverts the values of pictures.
-- @function RandomInvert
-- @tparam[opt=1] number|{number,number} factor the probability that a picture is inverted; of a range, one is drawn for
-- each picture. A number f is the range from 0 to f
-- @tparam[opt] {number,number} value_range ({ 0, 255 }) a value becomes the highest minus it
-- @tparam[opt] integer seed (the model's)
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- @usage RandomInvert{ 0.5 }
define {
  class = "RandomInvert",
  arguments = { { "factor", 1 }, table.unpack(AFTER_FACTOR) },
  check = function(a, class) augmentation.range(a, class, "factor", 0, 1) end,
  config = function(a) return with_chance(config_of("inversion", nil, a), a.factor) end,
  examples = { { { value_range = { 0, 1 } }, { 2, 2, 2 } } },
}

--- Inverts the values of pictures that are above a threshold.
-- @function Solarization
-- @tparam[opt=0] number|{number,number} addition_factor what is added before, as a fraction of value_range; a number f
-- is the range from 0 to f
-- @tparam[opt=0] number|{number,number} threshold_factor the threshold
-- @tparam[opt] {number,number} value_range ({ 0, 255 }) of the values
-- @tparam[opt] integer seed (the model's)
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- @usage Solarization{ threshold_factor = { 0.5, 0.5 } }
define {
  class = "Solarization",
  arguments = { { "addition_factor", 0 }, { "threshold_factor", 0 }, table.unpack(AFTER_FACTOR) },
  check = function(a, class)
    augmentation.range(a, class, "addition_factor", 0, 1)
    augmentation.range(a, class, "threshold_factor", 0, 1)
  end,
  config = function(a)
    local config = config_of("solarization", nil, a)
    config.a_low, config.a_high = a.addition_factor[1] * 255, a.addition_factor[2] * 255
    config.b_low, config.b_high = a.threshold_factor[1] * 255, a.threshold_factor[2] * 255
    return config
  end,
  examples = { { { 0.1, { 0.51, 0.51 }, value_range = { -2, 3 } }, { 3, 2, 1 } } },
}

--- Stretches the values of each channel of a picture over the whole range, in training and otherwise.
-- @function AutoContrast
-- @tparam[opt] {number,number} value_range ({ 0, 255 })
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- @usage AutoContrast{}
define {
  class = "AutoContrast",
  arguments = { { "value_range", BYTES }, { "data_format" } },
  config = function(a)
    local config = config_of("auto_contrast", nil, a)
    config.is_always = true
    return config
  end,
  examples = { { { { 0, 1 } }, { 3, 2, 2 } }, { { { 0, 1 }, "channels_first" }, { 2, 3, 2 } } },
}

--- Gives each channel of a picture as many values in each part of the range, in training and otherwise. No gradient
-- passes.
-- @function Equalization
-- @tparam[opt] {number,number} value_range ({ 0, 255 })
-- @tparam[opt=256] integer bins of the histogram
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- @usage Equalization{}
define {
  class = "Equalization",
  arguments = { { "value_range", BYTES }, { "bins", 256 }, { "data_format" } },
  check = function(a, class)
    if math.type(a.bins) ~= "integer" or a.bins < 1 or a.bins > 65536 then
      blame("%s: bins: expected a whole number from 1 to 65536, got %s", class, blame.got(a.bins))
    end
  end,
  config = function(a)
    local config = config_of("equalization", nil, a)
    config.is_always, config.bins = true, a.bins
    return config
  end,
  examples = { { { { -2, 2 }, 4 }, { 2, 2, 1 } } },
}

local function check_kernel(a, class)
  local given = a.kernel_size
  local list = type(given) == "table" and #given == 2 and given or { given, given }
  for i = 1, 2 do
    if math.type(list[i]) ~= "integer" or list[i] < 1 or list[i] > 255 or list[i] % 2 == 0 then
      blame("%s: kernel_size: expected an odd whole number up to 255, or a list of two, got %s", class,
        blame.got(given))
    end
  end
  a.kernel_size = { list[1], list[2] }
end

--- Blurs pictures.
-- @function RandomGaussianBlur
-- @tparam[opt=1] number|{number,number} factor the probability that a picture is blurred; of a range, one is drawn for
-- each picture. A number f is the range from 0 to f
-- @tparam[opt=3] integer|{integer,integer} kernel_size how many pixels count, an odd number; a list is { width, height
-- }
-- @tparam[opt=1] number|{number,number} sigma the standard deviation, drawn for each picture and axis; a number f is
-- the range from 0 to f
-- @tparam[opt] {number,number} value_range ({ 0, 255 }) the result is clipped to it
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- @tparam[opt] integer seed (the model's)
-- @usage RandomGaussianBlur{ 0.5, kernel_size = 5 }
define {
  class = "RandomGaussianBlur",
  arguments = { { "factor", 1 }, { "kernel_size", 3 }, { "sigma", 1 }, table.unpack(FORMAT_FIRST) },
  check = function(a, class)
    augmentation.range(a, class, "factor", 0, 1)
    augmentation.range(a, class, "sigma", 0, 1)
    check_kernel(a, class)
  end,
  config = function(a)
    local config = with_chance(config_of("blur", a.sigma, a), a.factor)
    config.kernel_width, config.kernel_height = a.kernel_size[1], a.kernel_size[2]
    return config
  end,
  examples = { { { { 1, 1 }, { 3, 5 }, { 0.5, 1 }, value_range = { -2, 2 } }, { 4, 3, 2 } } },
}

-- ---- several at once -----------------------------------------------------------------------------------------------

-- The arguments of RandomColorJitter, in the order in which they act.
local JITTER = {
  { "brightness_factor", "RandomBrightness" }, { "contrast_factor", "RandomContrast" },
  { "saturation_factor", "RandomSaturation" }, { "hue_factor", "RandomHue" },
}

--- Changes brightness, contrast, saturation and hue, one after the other; what is nil is left out.
-- @function RandomColorJitter
-- @tparam[opt] {number,number} value_range ({ 0, 255 }) of the values
-- @tparam[opt] number|{number,number} brightness_factor as RandomBrightness takes it
-- @tparam[opt] number|{number,number} contrast_factor as RandomContrast takes it
-- @tparam[opt] number|{number,number} saturation_factor as RandomSaturation takes it
-- @tparam[opt] number|{number,number} hue_factor as RandomHue takes it
-- @tparam[opt] integer seed (the model's)
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- @usage RandomColorJitter{ { 0, 1 }, 0.2, 0.2, { 0.4, 0.6 }, 0.1 }
layer.define {
  class = "RandomColorJitter",
  arguments = { { "value_range", BYTES }, { "brightness_factor" }, { "contrast_factor" }, { "saturation_factor" },
    { "hue_factor" }, { "seed" }, { "data_format" } },
  check = function(a, object)
    object.layers = {}
    for _, entry in ipairs(JITTER) do
      if a[entry[1]] ~= nil then
        object.layers[#object.layers + 1] = layer.layers[entry[2]] { a[entry[1]], value_range = a.value_range,
          seed = a.seed, data_format = a.data_format, name = object.name }
      end
    end
  end,
  methods = {
    lower_into = function(self, emit, inputs, shapes)
      local node = inputs[1]
      for _, each in ipairs(self.layers) do node = each:lower_into(emit, { node }, shapes) end
      if #self.layers == 0 then node = self:emit_plain(emit, "activation", {}, inputs) end
      return node
    end,
  },
  examples = { { { { -3, 3 }, 0.1, 0.1, { 0.4, 0.6 }, 0.1 }, { 2, 2, 3 } }, { {}, { 2, 2, 3 } } },
}
