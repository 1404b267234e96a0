--- Layers that move pictures at random, in training only; gradients pass through them.
--
-- What a sample draws depends on the seed, the layer, the step and the sample's place in the batch alone.
-- @submodule nn.layers
local augmentation = require "nn.layers.preprocessing.augmentation"
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
local spatial = require "nn.layers.base.spatial"

local required = layer.required

--- The engine's arguments: kind, ranges a and b, and what all have.
local function config_of(kind, a, b, options)
  return {
    kind = kind, a_low = a and a[1], a_high = a and a[2], b_low = b and b[1], b_high = b and b[2],
    fill_mode = options.fill_mode, fill_value = options.fill_value, is_nearest = options.interpolation == "nearest",
  }
end

local function define(definition)
  definition.engine = "image_transform"
  augmentation.define(definition)
end

local AXES = { horizontal = { 1, 0 }, vertical = { 0, 1 }, horizontal_and_vertical = { 1, 1 } }

--- Flips half of the pictures.
-- @function RandomFlip
-- @tparam[opt] string mode "horizontal_and_vertical" (default): both at once; "horizontal": left and right change
-- places; "vertical": above and below
-- @tparam[opt] integer seed (the model's)
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, height,
-- width)
-- @usage RandomFlip{ "horizontal", input_shape = { 32, 32, 3 } }
define {
  class = "RandomFlip",
  arguments = { { "mode", "horizontal_and_vertical" }, { "seed" }, { "data_format" } },
  check = function(a, class)
    spatial.choice(a, class, "mode", { "horizontal", "vertical", "horizontal_and_vertical" })
  end,
  config = function(a)
    local x, y = table.unpack(AXES[a.mode])
    return config_of("flip", { 0, x }, { 0, y }, a)
  end,
  examples = { { {}, { 3, 4, 2 } }, { { "horizontal", data_format = "channels_first", seed = 3 }, { 2, 3, 4 } } },
}

--- Turns pictures around their middle.
-- @function RandomRotation
-- @tparam number|{number,number} factor angles in turns, counterclockwise: 0.1 is up to 36 degrees in both directions,
-- { -0.1, 0.2 } a range
-- @tparam[opt] string fill_mode what is beyond the edges of abcd: "reflect" (default): dcba; "constant": fill_value;
-- "wrap": abcd again; "nearest": the pixel at the edge; "mirror": cb, without the edge
-- @tparam[opt] string interpolation "bilinear" (default), or "nearest"
-- @tparam[opt] integer seed (the model's)
-- @tparam[opt=0] number fill_value
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, height,
-- width)
-- @usage RandomRotation{ 0.1, input_shape = { 32, 32, 3 } }
define {
  class = "RandomRotation",
  arguments = { { "factor", required }, { "fill_mode", "reflect" }, { "interpolation", "bilinear" }, { "seed" },
    { "fill_value", 0 }, { "data_format" } },
  check = function(a, class) augmentation.range(a, class, "factor", -1, 1) end,
  config = function(a) return config_of("rotation", a.factor, nil, a) end,
  examples = {
    { { 0.2 }, { 4, 5, 2 } },
    { { { 0.1, 0.3 }, "constant", data_format = "channels_first" }, { 1, 4, 5 } },
    { { 0.5, "wrap", "nearest" }, { 4, 3, 1 } },
  },
}

--- Shifts pictures.
-- @function RandomTranslation
-- @tparam number|{number,number} height_factor how far down, as a fraction of the height; a number f is the range from
-- -f to f
-- @tparam number|{number,number} width_factor how far to the right
-- @tparam[opt] string fill_mode ("reflect"), see RandomRotation
-- @tparam[opt] string interpolation "bilinear" (default), or "nearest"
-- @tparam[opt] integer seed (the model's)
-- @tparam[opt=0] number fill_value
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, height,
-- width)
-- @usage RandomTranslation{ 0.1, 0.2, "nearest" }
define {
  class = "RandomTranslation",
  arguments = { { "height_factor", required }, { "width_factor", required }, { "fill_mode", "reflect" },
    { "interpolation", "bilinear" }, { "seed" }, { "fill_value", 0 }, { "data_format" } },
  check = function(a, class)
    augmentation.range(a, class, "height_factor", -1, 1)
    augmentation.range(a, class, "width_factor", -1, 1)
  end,
  config = function(a) return config_of("translation", a.height_factor, a.width_factor, a) end,
  examples = { { { 0.4, 0.3, "constant" }, { 4, 5, 2 } }, { { 0.4, { 0.1, 0.3 }, "nearest" }, { 4, 5, 2 } } },
}

--- Zooms into pictures, or out of them.
-- @function RandomZoom
-- @tparam number|{number,number} height_factor how much more is seen from above to below: 0.2 zooms out by up to 20 %,
-- or into by as much; { -0.3, -0.2 } zooms into
-- @tparam[opt] number|{number,number} width_factor the same from left to right (the draw of the height)
-- @tparam[opt] string fill_mode ("reflect"), see RandomRotation
-- @tparam[opt] string interpolation "bilinear" (default), or "nearest"
-- @tparam[opt] integer seed (the model's)
-- @tparam[opt=0] number fill_value
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, height,
-- width)
-- @usage RandomZoom{ 0.2 }
define {
  class = "RandomZoom",
  arguments = { { "height_factor", required }, { "width_factor" }, { "fill_mode", "reflect" },
    { "interpolation", "bilinear" }, { "seed" }, { "fill_value", 0 }, { "data_format" } },
  check = function(a, class)
    augmentation.range(a, class, "height_factor", -1, 1)
    if a.width_factor ~= nil then augmentation.range(a, class, "width_factor", -1, 1) end
  end,
  config = function(a)
    local config = config_of("zoom", a.height_factor, a.width_factor, a)
    config.is_linked = a.width_factor == nil
    return config
  end,
  examples = { { { 0.5 }, { 4, 5, 2 } }, { { { 0.2, 0.4 }, { -0.5, -0.3 }, "mirror" }, { 4, 5, 2 } } },
}

--- Shears pictures: each row is shifted a little more than the one above, each column more than the one on its left.
-- @function RandomShear
-- @tparam[opt=0] number|{number,number} x_factor pixels to the side for each row, from 0 to 1
-- @tparam[opt=0] number|{number,number} y_factor pixels down for each column; the sign of both is drawn
-- @tparam[opt] string interpolation "bilinear" (default), or "nearest"
-- @tparam[opt] string fill_mode ("reflect"), see RandomRotation
-- @tparam[opt=0] number fill_value
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, height,
-- width)
-- @tparam[opt] integer seed (the model's)
-- @usage RandomShear{ 0.2, 0.1 }
define {
  class = "RandomShear",
  arguments = { { "x_factor", 0 }, { "y_factor", 0 }, { "interpolation", "bilinear" }, { "fill_mode", "reflect" },
    { "fill_value", 0 }, { "data_format" }, { "seed" } },
  check = function(a, class)
    augmentation.range(a, class, "x_factor", -1, 1)
    augmentation.range(a, class, "y_factor", -1, 1)
  end,
  config = function(a) return config_of("shear", a.x_factor, a.y_factor, a) end,
  examples = { { { 0.5, 0.2 }, { 4, 5, 2 } } },
}

--- Shows pictures from aside: their corners are moved.
-- @function RandomPerspective
-- @tparam[opt=1] number|{number,number} factor the probability that a picture is changed; of a range, one is drawn for
-- each picture. A number f is the range from 0 to f
-- @tparam[opt=0.3] number scale how far the corners are moved
-- @tparam[opt] string interpolation "bilinear" (default), or "nearest"
-- @tparam[opt=0] number fill_value beyond the edges
-- @tparam[opt] integer seed (the model's)
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, height,
-- width)
-- @usage RandomPerspective{ { 1, 1 }, 0.2 }
define {
  class = "RandomPerspective",
  arguments = { { "factor", 1 }, { "scale", 0.3 }, { "interpolation", "bilinear" }, { "fill_value", 0 }, { "seed" },
    { "data_format" } },
  check = function(a, class)
    augmentation.range(a, class, "factor", 0, 1)
    if type(a.scale) ~= "number" or a.scale < 0 then
      blame("%s: scale: expected a number of at least 0, got %s", class, blame.got(a.scale))
    end
  end,
  config = function(a)
    local config = config_of("perspective", { -a.scale, a.scale }, nil, a)
    config.fill_mode, config.chance_low, config.chance_high = "constant", a.factor[1], a.factor[2]
    return config
  end,
  examples = { { { { 1, 1 }, 0.4 }, { 4, 5, 2 } }, { {}, { 3, 4, 1 } } },
}

--- Parts of pictures: in training all of a batch at one place that is drawn, otherwise the middle, resized. So are
-- pictures that are no larger than the part.
-- @function RandomCrop
-- @tparam integer height of the part
-- @tparam integer width
-- @tparam[opt] integer seed (the model's)
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, height,
-- width)
-- @usage RandomCrop{ 24, 24, input_shape = { 32, 32, 3 } }
define {
  class = "RandomCrop",
  arguments = { { "height", required }, { "width", required }, { "seed" }, { "data_format" } },
  check = function(a, class)
    for _, name in ipairs { "height", "width" } do
      if math.type(a[name]) ~= "integer" or a[name] < 1 then
        blame("%s: %s: expected a whole number of at least 1, got %s", class, name, blame.got(a[name]))
      end
    end
  end,
  config = function(a) return { kind = "crop", height = a.height, width = a.width } end,
  examples = { { { 2, 3 }, { 4, 5, 2 } }, { { 4, 4, data_format = "channels_first" }, { 1, 3, 6 } } },
}
