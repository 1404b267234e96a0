--- Pictures for training (`nn.preprocessing.image`), by the names of the books.
-- @module nn.preprocessing.image
local generator = require "nn.preprocessing.image.generator"
local pictures = require "nn.utils.pictures"

return {
  ImageDataGenerator = generator.new,
  load_img = pictures.load_img,
  img_to_array = pictures.img_to_array,
  array_to_img = pictures.array_to_img,
  save_img = pictures.save_img,
}
