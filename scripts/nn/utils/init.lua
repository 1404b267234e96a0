--- Utilities (`nn.utils`).
-- @module nn.utils
local arrays = require "nn.utils.arrays"
local image_folder = require "nn.utils.image_folder"
local pictures = require "nn.utils.pictures"
local plot_model = require "nn.utils.plot_model"
local random = require "nn.random"
local text_folder = require "nn.utils.text_folder"
local timeseries = require "nn.utils.timeseries"
local word_vectors = require "nn.utils.word_vectors"

return {
  --- Makes everything random after it repeatable to the bit.
  -- @function set_random_seed
  -- @tparam integer seed
  -- @usage nn.utils.set_random_seed(42)
  set_random_seed = random.set_seed,
  to_categorical = arrays.to_categorical,
  normalize = arrays.normalize,
  train_test_split = require "nn.utils.train_test_split",
  k_fold = require "nn.utils.k_fold",
  image_dataset_from_directory = image_folder.load,
  text_dataset_from_directory = text_folder.load,
  timeseries_dataset_from_array = timeseries.from_array,
  load_word_vectors = word_vectors.load,
  load_img = pictures.load_img,
  img_to_array = pictures.img_to_array,
  array_to_img = pictures.array_to_img,
  save_img = pictures.save_img,
  model_to_dot = plot_model.to_dot,
  plot_model = plot_model.plot,
}
