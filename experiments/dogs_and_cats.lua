-- Dogs and cats: 2,000 photographs are few. A network learns them by heart; augmentation and dropout make that harder.
--
--   ./nnrun experiments/dogs_and_cats.lua epochs=1                 a quick look
--   ./nnrun experiments/dogs_and_cats.lua                          some minutes; reports/dogs_and_cats/report.md
--   ./nnrun experiments/dogs_and_cats.lua epochs=30                as long as in the book
--   ./nnrun experiments/dogs_and_cats.lua -- path/to/photographs   another folder
--
-- The folder has the photographs in train/cats, train/dogs, validation/cats and validation/dogs. Without a path the lab
-- looks for cats_and_dogs in $NNRUN_DATA and in data. A tar file has to be unpacked first: tar xf FILE -C FOLDER.

local lfs = require "lfs"
local nn = require "nn"
local layers = nn.layers

-- Data ----------------------------------------------------------------------------------------------------------------

local function find_photographs()
  local tried = {}
  local known = (os.getenv "NNRUN_DATA" or "data") .. "/cats_and_dogs"
  for _, folder in ipairs { arg[1] or known, "data/cats_and_dogs" } do
    if lfs.attributes(folder .. "/train", "mode") == "directory" then return folder end
    tried[#tried + 1] = folder
  end
  error(("no photographs in %s: give the folder that has train and validation in it, as in "
    .. "./nnrun experiments/dogs_and_cats.lua -- FOLDER"):format(table.concat(tried, " or ")), 0)
end

local folder = find_photographs()
local SIZE = { 150, 150 }

-- The photographs stay in their files: threads decode the next batches while the network is trained with one.
local function photographs(part, shuffle)
  return nn.utils.image_dataset_from_directory(folder .. "/" .. part, {
    label_mode = "binary", image_size = SIZE, batch_size = 20, shuffle = shuffle, seed = 1,
  })
end

local train, validation = photographs("train", true), photographs("validation", false)
local names = train.class_names

-- The experiment ------------------------------------------------------------------------------------------------------

--- Each epoch sees another version of each photograph: mirrored, turned a little, nearer or farther.
local function augmentation()
  return layers.RandomFlip { "horizontal" }, layers.RandomRotation { 0.1 }, layers.RandomZoom { 0.2 }
end

local function build(p)
  local model = nn.Sequential { nn.Input { shape = { SIZE[1], SIZE[2], 3 } } }
  if p.augment then
    for _, layer in ipairs { augmentation() } do model:add(layer) end
  end
  model:add(layers.Rescaling { 1 / 255 })
  for _, filters in ipairs { 32, 64, 128, 128 } do
    model:add(layers.Conv2D { filters, 3, activation = "relu" })
    model:add(layers.MaxPooling2D { 2 })
  end
  model:add(layers.Flatten {})
  if p.dropout > 0 then model:add(layers.Dropout { p.dropout }) end
  model:add(layers.Dense { 512, activation = "relu" })
  model:add(layers.Dense { 1, activation = "sigmoid" })
  model:compile { optimizer = nn.optimizers.RMSprop { p.learning_rate }, loss = "binary_crossentropy",
    metrics = { "accuracy" } }
  return model
end

local lab = nn.Experiment {
  name = "dogs_and_cats",
  title = "Dogs and cats",
  train = train,
  validation = validation,
  class_names = names,
  params = { augment = false, dropout = 0, learning_rate = 1e-4, epochs = 14 },
  build = build,
  seeds = { 1 },
  objective = "val_accuracy",
}

-- One batch, for pictures of what happens to it.
local some
for images in validation:take(1):iterate() do some = images end

lab:note [[
With 2,000 photographs a network of 3.5 million weights has room to remember each of them. Watch the two curves of the
plain network: on the training photographs it gets better and better, on those for validation it soon stops.

Augmentation shows the network another version of each photograph in each epoch. Dropout leaves out half of the features
at each step. Both slow the training down, and the two curves stay together for longer. Here are nine versions of one
photograph:]]

local versions = {}
for i = 1, 9 do versions[i] = 1 end
local changed = some:gather(versions)
for _, layer in ipairs { augmentation() } do changed = layer(changed, { training = true }) end
lab:figure("One photograph, nine times", nn.plot.images(changed:clip(0, 255):round():astype "uint8", {
  columns = 3, scale = 1,
}))

lab:sweep("Plain, and with both remedies", {
  { augment = false, dropout = 0 },
  { augment = true, dropout = 0.5 },
})
lab:conclude()

-- Looking inside ------------------------------------------------------------------------------------------------------

local model = lab.best.model
for _, layer in ipairs(model.layers) do
  if layer.class_name == "Conv2D" then
    lab:figure("First-layer filters", nn.plot.filters(layer))
    break
  end
end
lab:figure("Feature maps of one photograph", nn.plot.feature_maps(model, some[1]))

lab:note [[
Where does it look? The mistakes of which it was most sure, among the photographs for validation:]]
local wrong = {}
for images, labels in validation:iterate() do
  local p = model:predict(images, { verbose = 0 })
  for i = 1, #images do
    local sure, truth = p[{ i, 1 }], labels[{ i, 1 }]
    if (sure > 0.5) ~= (truth == 1) then
      wrong[#wrong + 1] = { image = images[i], sure = math.max(sure, 1 - sure), truth = truth }
    end
  end
end
table.sort(wrong, function(a, b) return a.sure > b.sure end)
local pictures, words = {}, {}
for k = 1, math.min(8, #wrong) do
  local truth = wrong[k].truth // 1 | 0
  pictures[k] = wrong[k].image
  words[k] = ("a %s, predicted %s (%.0f %%)"):format(names[truth + 1], names[2 - truth], 100 * wrong[k].sure)
end
lab:figure("The worst mistakes", nn.plot.grad_cam(model, nn.stack(pictures), { captions = words, columns = 2 }))
