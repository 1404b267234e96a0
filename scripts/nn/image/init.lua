--- Pictures as tensors, in PNG, JPEG and BMP files.
-- @module nn.image
local data = require "engine.data"
local tensor = require "nn.tensor"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local channels_of = require "nn.image.channels"
local files = require "nn.support.files"
local resizing = require "nn.image.resizing"

local DTYPES = { uint8 = true, int32 = true }

local loading = arguments.options("nn.image.load", {
  { "color_mode", "rgb" }, { "target_size" }, { "interpolation", "nearest" }, { "keep_aspect_ratio", false },
  { "dtype", "uint8" },
})
local saving = arguments.options("nn.image.save", {})

local image = { resize = resizing.resize }

local function check_path(what, path)
  if type(path) ~= "string" then blame("%s: expected the path of a picture, got %s", what, blame.got(path)) end
end

-- The pixels of a file as they are.
local function read(path, options)
  local channels, dtype = channels_of[options.color_mode], options.dtype
  if not channels then
    blame('nn.image.load: color_mode: expected "rgb", "grayscale" or "rgba", got %s', blame.got(options.color_mode))
  elseif not DTYPES[dtype] then
    blame('nn.image.load: dtype: expected "uint8" or "int32", got %s', blame.got(dtype))
  end
  local bytes, message = files.read(path)
  if not bytes then blame("nn.image.load: %s", message) end
  local pixels, told = data.decode_image(bytes, channels, dtype)
  if not pixels then blame("nn.image.load: %s: %s", path, told) end
  if told == 16 and dtype == "uint8" then
    blame('nn.image.load: %s: has 16 bits a channel, which uint8 cannot hold; read it with dtype = "int32", which '
      .. "gives numbers from 0 to 65535, or save it with 8 bits", path)
  end
  return pixels
end

--- Reads a picture.
-- Unlike Keras' `load_img` and `img_to_array` this gives whole numbers, not floats: divide by 255 for numbers from 0 to
-- 1. A picture brought to another size is what Pillow makes of it, as in Keras. A damaged file is an error.
-- @function load
-- @tparam string path a PNG, JPEG or BMP file
-- @tparam[opt] table options
-- `color_mode`: "rgb" (default), "grayscale" or "rgba"; channels that the file has besides are left out;
-- `target_size`: `{ height, width }` to bring the picture to (default: its own size);
-- `interpolation`: "nearest" (default), "bilinear", "bicubic" or "box", how that is done;
-- `keep_aspect_ratio`: whether it is cut to the proportions of `target_size` first, around its centre (false);
-- `dtype`: "uint8" (default), or "int32", which also holds the channels of 16 bits that some PNG files have
-- @treturn tensor (height, width, channels); 1 channel for grayscale, 3 for rgb, 4 for rgba
-- @raise where the file cannot be read, is damaged, or has 16 bits a channel and no dtype is given that holds them
-- @usage local digit = nn.image.load("seven.png", { color_mode = "grayscale", target_size = { 28, 28 } })
-- local x = digit:reshape{ 1, 28, 28 } / 255
function image.load(path, options)
  check_path("nn.image.load", path)
  options = loading(options)
  resizing.check("nn.image.load", options.target_size, options.interpolation)
  local pixels = read(path, options)
  if not options.target_size then return pixels end
  return resizing.as_pillow(pixels, options.target_size, options.interpolation, options.keep_aspect_ratio)
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
-- @tparam[opt] table options none so far: an unknown one is an error
-- @raise where the tensor is no picture or the file cannot be written
-- @usage nn.image.save("first.png", images[1])
function image.save(path, pixels, options)
  check_path("nn.image.save", path)
  saving(options)
  if not tensor.is_tensor(pixels) then blame("nn.image.save: expected a tensor, got %s", blame.got(pixels)) end
  local ok, message = data.save_image(path, as_bytes(pixels))
  if not ok then blame("nn.image.save: %s", message) end
end

return image
