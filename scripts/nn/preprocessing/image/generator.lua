--- `ImageDataGenerator`, as in the books: pictures that are changed at random, from tensors or from folders.
-- @submodule nn.preprocessing.image
local arguments = require "nn.support.arguments"
local augmented = require "nn.preprocessing.image.augmented"
local blame = require "nn.support.blame"
local Dataset = require("nn.data").Dataset
local directory = require "nn.preprocessing.image.directory"
local engine_random = require "engine.random"
local kinds = require "nn.support.kinds"
local properties = require "nn.support.properties"
local random = require "nn.random"
local tensor = require "nn.tensor"
local transform = require "nn.preprocessing.image.transform"

local WHAT = "ImageDataGenerator"
local EPSILON = 1e-6 -- Keras': beside a deviation that may be 0

local function is_range(value)
  return type(value) == "table" and #value == 2 and kinds.number.fits(value[1]) and kinds.number.fits(value[2])
end

local POSITIVE = { text = "a number of at least 0", fits = function(v) return kinds.number.fits(v) and v >= 0 end }
local SHIFT = { text = "a number of at least 0, or a list of pixels", fits = function(value)
  return POSITIVE.fits(value) or type(value) == "table" and #value > 0 and kinds.number.fits(value[1])
end }
local ZOOM = { text = "a number from 0 to 1, or { low, high }", fits = function(value)
  return is_range(value) and value[1] > 0 and value[2] >= value[1] or POSITIVE.fits(value) and value < 1
end }
local RANGE = { text = "{ low, high }", fits = is_range }
local FRACTION = { text = "a fraction between 0 and 1", fits = function(v) return POSITIVE.fits(v) and v < 1 end }

local LIST = {
  { "featurewise_center", false }, { "samplewise_center", false }, { "featurewise_std_normalization", false },
  { "samplewise_std_normalization", false }, { "rotation_range", 0, POSITIVE }, { "width_shift_range", 0, SHIFT },
  { "height_shift_range", 0, SHIFT }, { "brightness_range", nil, RANGE }, { "shear_range", 0, POSITIVE },
  { "zoom_range", 0, ZOOM }, { "channel_shift_range", 0, POSITIVE },
  { "fill_mode", "nearest", kinds.one_of("nearest", "constant", "reflect", "wrap") }, { "cval", 0, kinds.number },
  { "horizontal_flip", false }, { "vertical_flip", false }, { "rescale", nil, kinds.number },
  { "preprocessing_function", nil, kinds.func }, { "validation_split", 0, FRACTION },
  { "interpolation_order", 1, kinds.one_of(0, 1) },
}

local signature, methods = arguments.signature(WHAT, LIST), {}
local meta = properties.class(WHAT, methods, LIST, { "mean", "std" })

local function check_pictures(what, x)
  if not tensor.is_tensor(x) or x.ndim ~= 4 or #x == 0 then
    blame("%s: expected pictures (n, height, width, channels), got %s", what, blame.got(x))
  end
  return x:astype "float32"
end

local function check_picture(what, x)
  if not tensor.is_tensor(x) or x.ndim ~= 3 then
    blame("%s: expected a picture (height, width, channels), got %s", what, blame.got(x))
  end
  return x:astype "float32":reshape { 1, table.unpack(x.shape) }
end

-- ---- what is done to pictures ---------------------------------------------------------------------------------------

local function map_each(x, f)
  local list = {}
  for i = 1, #x do
    list[i] = f(x[i])
    if not tensor.is_tensor(list[i]) then
      blame("%s: preprocessing_function: expected it to return a picture, got %s", WHAT, blame.got(list[i]))
    end
  end
  return tensor.stack(list)
end

-- The numbers of pictures (n, ...) brought to the scale that was asked for.
local function standardize(self, x)
  local over = { axis = { 2, 3, 4 }, keepdims = true }
  if self.preprocessing_function then x = map_each(x, self.preprocessing_function) end
  if self.rescale then x = x * self.rescale end
  if self.samplewise_center then x = x - x:mean(over) end
  if self.samplewise_std_normalization then x = x / (x:std(over) + EPSILON) end
  if (self.featurewise_center or self.featurewise_std_normalization) and not self.mean then
    blame("%s: featurewise_center and featurewise_std_normalization need generator:fit(x) first", WHAT)
  end
  if self.featurewise_center then x = x - self.mean end
  if self.featurewise_std_normalization then x = x / (self.std + EPSILON) end
  return x
end

local function draw(self, seed, stream, shape)
  local draws = engine_random.uniform(seed, stream, { shape[1], transform.DRAWS }, 0, 1):totable()
  local list = {}
  for i, own in ipairs(draws) do list[i] = transform.parameters(self, own, shape[2], shape[3]) end
  return list
end

--- Changes pictures; for augmented datasets.
-- @local
function methods:changed(x, seed, stream)
  x = check_pictures(WHAT, x)
  return standardize(self, transform.apply(x, draw(self, seed, stream, x.shape), self))
end

--- A picture, or several, brought to the scale that was asked for, without random changes.
-- @function generator:standardize
-- @tparam tensor x (height, width, channels) or (n, height, width, channels)
-- @treturn tensor float32
-- @usage nn.preprocessing.image.ImageDataGenerator{ rescale = 1 / 255 }:standardize(nn.ones{ 4, 4, 3 })
function methods:standardize(x)
  if tensor.is_tensor(x) and x.ndim == 4 then return standardize(self, check_pictures("standardize", x)) end
  return standardize(self, check_picture("standardize", x))[1]
end

--- What would be done to a picture of that shape.
-- @function generator:get_random_transform
-- @tparam {integer,...} img_shape height, width, channels
-- @tparam[opt] integer seed the next one of `nn.random`
-- @treturn table theta (degrees), tx (rows), ty (columns), shear (degrees), zx, zy, flip_horizontal, flip_vertical,
-- channel_shift_intensity, brightness
-- @usage
-- local generator = nn.preprocessing.image.ImageDataGenerator{ rotation_range = 40 }
-- print(generator:get_random_transform({ 8, 8, 3 }, 1).theta)
function methods:get_random_transform(img_shape, seed)
  if type(img_shape) ~= "table" or math.type(img_shape[1]) ~= "integer" or math.type(img_shape[2]) ~= "integer" then
    blame("get_random_transform: expected { height, width, channels }, got %s", blame.got(img_shape))
  end
  return draw(self, seed or random.next_seed(), 0, { 1, img_shape[1], img_shape[2] })[1]
end

--- Applies what `get_random_transform` gave, or a part of it.
-- @function generator:apply_transform
-- @tparam tensor x (height, width, channels)
-- @tparam table transform_parameters
-- @treturn tensor float32
-- @usage
-- local generator = nn.preprocessing.image.ImageDataGenerator{}
-- local mirrored = generator:apply_transform(nn.ones{ 4, 4, 3 }, { flip_horizontal = true })
function methods:apply_transform(x, transform_parameters)
  return transform.apply(check_picture("apply_transform", x), { transform_parameters or {} }, self)[1]
end

--- Changes one picture at random.
-- @function generator:random_transform
-- @tparam tensor x (height, width, channels)
-- @tparam[opt] integer seed the next one of `nn.random`
-- @treturn tensor float32
-- @usage nn.preprocessing.image.ImageDataGenerator{ horizontal_flip = true }:random_transform(nn.ones{ 4, 4, 3 }, 1)
function methods:random_transform(x, seed)
  x = check_picture("random_transform", x)
  return transform.apply(x, draw(self, seed or random.next_seed(), 0, x.shape), self)[1]
end

local fit_options = arguments.options("fit", { { "augment", false }, { "rounds", 1, kinds.whole(1) },
  { "seed", nil, kinds.integer } })

--- Finds the mean and the deviation of each channel, for featurewise_center and featurewise_std_normalization.
-- @function generator:fit
-- @tparam tensor x (n, height, width, channels)
-- @tparam[opt] table options augment (false): of changed pictures, rounds (1) times; seed
-- @usage nn.preprocessing.image.ImageDataGenerator{ featurewise_center = true }:fit(nn.ones{ 5, 4, 4, 3 })
function methods:fit(x, options)
  local given = fit_options(options)
  x = check_pictures("fit", x)
  if given.augment then
    local list, seed = {}, given.seed or random.next_seed()
    for i = 1, given.rounds do list[i] = transform.apply(x, draw(self, seed, i, x.shape), self) end
    x = tensor.concatenate { axis = 1, table.unpack(list) }
  end
  local over = { axis = { 1, 2, 3 } }
  self.mean = x:mean(over)
  self.std = (x - self.mean):std(over)
end

-- ---- datasets -------------------------------------------------------------------------------------------------------

local flow_options = arguments.options("flow", {
  { "batch_size", 32, kinds.whole(1) }, { "shuffle", true }, { "sample_weight" }, { "seed", nil, kinds.integer },
  { "subset", nil, kinds.one_of("training", "validation") },
})

-- The part of a tensor that is asked for: the first fraction is for validation, as in Keras.
local function part_of(self, x, subset)
  if not subset then return x end
  if self.validation_split == 0 then blame("flow: subset: give ImageDataGenerator a validation_split too") end
  local held_out = math.floor(#x * self.validation_split)
  local first, last = held_out + 1, #x
  if subset == "validation" then first, last = 1, held_out end
  if last < first then blame("flow: subset: no pictures are left of %d", #x) end
  return x[{ { first, last } }]
end

--- Batches of changed pictures, from tensors.
-- @function generator:flow
-- @tparam tensor x (n, height, width, channels)
-- @tparam[opt] tensor y labels
-- @tparam[opt] table options batch_size (32), shuffle (true), sample_weight, seed (that of the run), subset
-- ("training", "validation": parts by validation_split)
-- @treturn Dataset of x and y
-- @usage
-- local generator = nn.preprocessing.image.ImageDataGenerator{ rotation_range = 20, horizontal_flip = true }
-- for images in generator:flow(nn.ones{ 6, 8, 8, 3 }, nn.zeros{ 6 }, { batch_size = 4 }):iterate() do
--   print(#images)
-- end
function methods:flow(x, y, options)
  if type(y) == "table" and not tensor.is_tensor(y) and options == nil and #y == 0 then y, options = nil, y end
  local given = flow_options(options)
  check_pictures("flow", x)
  local columns = {}
  for _, each in pairs { x, y, given.sample_weight } do columns[#columns + 1] = part_of(self, each, given.subset) end
  local dataset = Dataset.from_tensor_slices(#columns == 1 and columns[1] or columns)
  if given.shuffle then dataset = dataset:shuffle(#columns[1], { seed = given.seed }) end
  return Dataset.of_node(augmented.node(dataset:batch(given.batch_size), { generator = self, seed = given.seed }))
end

--- Batches of changed pictures, from a folder with one folder a class.
-- @function generator:flow_from_directory
-- @tparam string directory
-- @tparam[opt] table options target_size ({ 256, 256 }: height, width), color_mode ("rgb", "grayscale", "rgba"),
-- classes (the folders in the order of their class ids), class_mode ("categorical", "binary": float32 (n), "sparse":
-- int32 (n), "input": the pictures themselves, "none"), batch_size (32), shuffle (true), seed (the next one of
-- `nn.random`), follow_links (false), subset ("training", "validation"), interpolation ("nearest"), keep_aspect_ratio
-- (false)
-- @treturn Dataset with `class_names` and `file_paths`; the folder is read while a model trains
-- @raise as `nn.utils.image_dataset_from_directory`
-- @usage
-- local lfs = require "lfs"
-- for _, folder in ipairs{ "pets", "pets/cats", "pets/dogs" } do lfs.mkdir(folder) end
-- nn.image.save("pets/cats/1.png", nn.full({ 8, 8, 3 }, 50, "uint8"))
-- nn.image.save("pets/dogs/1.png", nn.full({ 8, 8, 3 }, 90, "uint8"))
-- local generator = nn.preprocessing.image.ImageDataGenerator{ rescale = 1 / 255, horizontal_flip = true }
-- local train = generator:flow_from_directory("pets", { target_size = { 4, 4 }, class_mode = "binary" })
function methods:flow_from_directory(directory_path, options)
  local source, fields, mode = directory.dataset(directory_path, options, self.validation_split)
  local seed = fields.seed
  local result = Dataset.of_node(augmented.node(source, { generator = self, seed = seed }), fields)
  if mode ~= "input" then return result end
  return result:map(function(x) return x, x end)
end

--- What changes pictures at random while a model is trained. Angles are in degrees; shifts below 1 are shares of the
-- picture, others pixels.
-- @function ImageDataGenerator
-- @tparam[opt] table arguments rescale, preprocessing_function (of one picture), rotation_range, width_shift_range,
-- height_shift_range, brightness_range ({ low, high }), shear_range, zoom_range (z for { 1 - z, 1 + z }),
-- channel_shift_range, horizontal_flip, vertical_flip, fill_mode ("nearest", "constant", "reflect", "wrap"), cval,
-- interpolation_order (1; 0: the nearest pixel), samplewise_center, samplewise_std_normalization, featurewise_center
-- and featurewise_std_normalization (after `fit`), validation_split
-- @treturn ImageDataGenerator
-- @usage local generator = nn.preprocessing.image.ImageDataGenerator{ rescale = 1 / 255, rotation_range = 40 }
local function new(given, ...)
  arguments.check_one(WHAT, ...)
  local self = signature(given)
  local zoom = self.zoom_range
  if type(zoom) == "number" then self.zoom_range = { 1 - zoom, 1 + zoom } end
  self.featurewise_center = self.featurewise_center or self.featurewise_std_normalization -- as in Keras
  self.samplewise_center = self.samplewise_center or self.samplewise_std_normalization
  return setmetatable(self, meta)
end

return { new = new }
