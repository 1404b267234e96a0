--- Single pictures, by Keras' names.
-- @submodule nn.utils
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local image = require "nn.image"
local kinds = require "nn.support.kinds"
local tensor = require "nn.tensor"

local pictures = {}

local FORMAT = { "data_format", "channels_last", kinds.one_of("channels_last", "channels_first") }

local read = {
  load_img = arguments.options("load_img", { { "color_mode", "rgb" }, { "target_size" }, { "interpolation", "nearest" },
    { "keep_aspect_ratio", false } }),
  img_to_array = arguments.options("img_to_array", { FORMAT, { "dtype", "float32" } }),
  array_to_img = arguments.options("array_to_img", { FORMAT, { "scale", true } }),
  save_img = arguments.options("save_img", { FORMAT, { "scale", true } }),
}

local function check_picture(name, x)
  if not tensor.is_tensor(x) or x.ndim ~= 3 and not (name == "img_to_array" and x.ndim == 2) then
    blame("%s: expected a picture (height, width, channels), got %s", name, blame.got(x))
  end
  return x
end

--- Reads a picture; `nn.image.load` with Keras' name.
-- @function load_img
-- @tparam string path a PNG, JPEG or BMP file
-- @tparam[opt] table options color_mode ("rgb", "grayscale", "rgba"), target_size ({ height, width }), interpolation
-- ("nearest"), keep_aspect_ratio (false)
-- @treturn tensor uint8 (height, width, channels), where Keras has a picture of Pillow's
-- @raise if the file cannot be read or is damaged
-- @usage
-- nn.image.save("pet.png", nn.full({ 8, 6, 3 }, 90, "uint8"))
-- local pet = nn.utils.load_img("pet.png", { target_size = { 4, 4 } })
function pictures.load_img(path, options)
  local given = read.load_img(options)
  return image.load(path, given)
end

--- A picture as numbers to compute with.
-- @function img_to_array
-- @tparam tensor img (height, width, channels), or (height, width)
-- @tparam[opt] table options data_format ("channels_last"; "channels_first" puts the channels first), dtype ("float32")
-- @treturn tensor of three axes, from 0 to 255 as img
-- @usage local x = nn.utils.img_to_array(nn.full({ 8, 6, 3 }, 90, "uint8"))
function pictures.img_to_array(img, options)
  local given = read.img_to_array(options)
  local x = check_picture("img_to_array", img)
  if x.ndim == 2 then x = x:reshape { x.shape[1], x.shape[2], 1 } end
  if given.data_format == "channels_first" then x = x:transpose { 3, 1, 2 } end
  return x:copy():astype(given.dtype)
end

--- Numbers as a picture.
-- @function array_to_img
-- @tparam tensor x (height, width, channels)
-- @tparam[opt] table options data_format ("channels_last"; "channels_first": x is (channels, height, width)), scale
-- (true: the smallest number becomes 0 and the largest 255; false: numbers are from 0 to 255)
-- @treturn tensor uint8 (height, width, channels)
-- @usage local picture = nn.utils.array_to_img(nn.random.normal{ shape = { 8, 6, 3 }, seed = 1 })
function pictures.array_to_img(x, options)
  local given = read.array_to_img(options)
  x = check_picture("array_to_img", x):astype "float32"
  if given.data_format == "channels_first" then x = x:transpose { 2, 3, 1 } end
  if given.scale then
    x = x - x:min()
    local largest = x:max()
    x = largest > 0 and x * (255 / largest) or x
  end
  return x:copy():clip(0, 255):astype "uint8"
end

--- Writes a picture; `nn.image.save` with Keras' name and scaling.
-- @function save_img
-- @tparam string path its extension says the format: .png, .jpg, .jpeg or .bmp
-- @tparam tensor x (height, width, channels)
-- @tparam[opt] table options data_format and scale, see `array_to_img`
-- @usage nn.utils.save_img("noise.png", nn.random.normal{ shape = { 8, 6, 3 }, seed = 1 })
function pictures.save_img(path, x, options)
  local given = read.save_img(options)
  check_picture("save_img", x)
  image.save(path, pictures.array_to_img(x, given))
end

return pictures
