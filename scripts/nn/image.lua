--- Pictures as tensors, in PNG, JPEG and BMP files.
-- @module nn.image
local data = require "engine.data"
local tensor = require "nn.tensor"
local arguments = require "nn.arguments"
local blame = require "nn.blame"

local CHANNELS = { grayscale = 1, rgb = 3, rgba = 4 }
local INTERPOLATIONS = { nearest = true, box = true, bilinear = true, bicubic = true }
local LARGEST_SIDE = 16384

local signature = arguments.signature("nn.image.load", {
  { "color_mode", "rgb" }, { "target_size" }, { "interpolation", "nearest" },
})

local image = {}

-- Any value in a message; strings in quotes.
local function shown(value)
  return type(value) == "string" and ("%q"):format(value) or tostring(value)
end

local function check_path(what, path)
  if type(path) ~= "string" then blame("%s: expected the path of a picture, got %s", what, shown(path)) end
end

local function is_side(value)
  return math.type(value) == "integer" and value >= 1 and value <= LARGEST_SIDE
end

local function size_of(target_size)
  if target_size == nil then return 0, 0 end
  local height, width
  if type(target_size) == "table" then height, width = target_size[1], target_size[2] end
  if not is_side(height) or not is_side(width) then
    blame("nn.image.load: target_size: expected { height, width } in pixels, 1 to %d, got %s", LARGEST_SIDE,
      type(target_size) == "table" and ("{ %s, %s }"):format(shown(height), shown(width)) or shown(target_size))
  end
  return height, width
end

--- Reads a picture.
-- Unlike Keras' `load_img` and `img_to_array` this gives bytes, not floats: divide by 255 for numbers from 0 to 1.
-- @function load
-- @tparam string path a PNG, JPEG or BMP file
-- @tparam[opt] table options
-- `color_mode`: "rgb" (default), "grayscale" or "rgba";
-- `target_size`: `{ height, width }` to bring the picture to (default: its own size, and the proportions are not kept);
-- `interpolation`: "nearest" (default), "bilinear", "bicubic" or "box", how that is done
-- @treturn tensor uint8, (height, width, channels); 1 channel for grayscale, 3 for rgb, 4 for rgba
-- @raise where the file cannot be read or is no such picture
-- @usage local digit = nn.image.load("seven.png", { color_mode = "grayscale", target_size = { 28, 28 } })
-- local x = digit:reshape{ 1, 28, 28 } / 255
function image.load(path, options)
  check_path("nn.image.load", path)
  options = signature(options)
  local channels, interpolation = CHANNELS[options.color_mode], options.interpolation
  if not channels then
    blame('nn.image.load: color_mode: expected "rgb", "grayscale" or "rgba", got %s', shown(options.color_mode))
  end
  if not INTERPOLATIONS[interpolation] then
    blame('nn.image.load: interpolation: expected "nearest", "bilinear", "bicubic" or "box", got %s',
      shown(interpolation))
  end
  local height, width = size_of(options.target_size)
  local pixels, message = data.load_image(path, channels, width, height, interpolation)
  return pixels or blame("nn.image.load: %s", message)
end

-- The tensor as bytes with three axes.
local function as_bytes(pixels)
  local shape = pixels.shape
  local channels = #shape == 2 and 1 or shape[3]
  if #shape < 2 or #shape > 3 or not (channels == 1 or channels == 3 or channels == 4) then
    blame("nn.image.save: expected a tensor of shape (height, width), or (height, width, channels) with 1, 3 or 4 "
      .. "channels, got (%s)", table.concat(shape, ", "))
  end
  if pixels.dtype == "float32" and pixels.size > 0 then
    local low, high = pixels:min(), pixels:max()
    if not (low >= 0 and high <= 1) then
      blame("nn.image.save: expected float32 values from 0 to 1, got %g to %g; scale them, or save uint8", low, high)
    end
    pixels = (pixels * 255):round():astype "uint8"
  elseif pixels.dtype ~= "uint8" then
    blame("nn.image.save: expected a tensor of uint8, or of float32 from 0 to 1, got %s", pixels.dtype)
  end
  return pixels:reshape { shape[1], shape[2], channels }
end

--- Writes a tensor as a picture. JPEG loses detail (quality 90), PNG and BMP do not.
-- @function save
-- @tparam string path its extension says the format: .png, .jpg, .jpeg or .bmp; a file that is there is replaced
-- @tparam tensor pixels uint8, or float32 from 0 to 1; (height, width) or (height, width, 1) in grey,
-- (height, width, 3) in RGB, (height, width, 4) in RGB and alpha (not JPEG)
-- @raise where the tensor is no picture or the file cannot be written
-- @usage nn.image.save("first.png", images[1])
function image.save(path, pixels)
  check_path("nn.image.save", path)
  if not tensor.is_tensor(pixels) then blame("nn.image.save: expected a tensor, got %s", shown(pixels)) end
  local ok, message = data.save_image(path, as_bytes(pixels))
  if not ok then blame("nn.image.save: %s", message) end
end

return image
