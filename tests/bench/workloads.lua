--- What `make bench` measures: one table that nnrun, every peer and the floor run.
--
-- Fields of a workload:
--   name       what `only=` selects; a beginning of it will do
--   table      where its times are written: "dense", "images" or "sequences"; `only=` selects a whole table too
--   title      how the tables call it
--   data       a data set of tests/bench/data.lua
--   task       "train" or "predict"
--   layers     the shape of a sample, then layers as networks.lua reads them; a number is a dense layer with relu, the
--              last with the loss's own activation
--   loss       "crossentropy" (softmax), "binary_crossentropy" (sigmoid) or "mse" (linear)
--   optimizer  "adam" (0.9, 0.999) or "rmsprop" (decay 0.9), at learning rate `rate`
--   batch      samples a step
--   samples    how many of the data set are used, `epochs` times; enough for a steady clock
--   targets    numbers of y a sample, 1 by default
--   scored     how many samples of the test set give the score; all by default
--   unit       what is reported: "s/epoch" of `epoch` samples, "us/step", "ms/step" or "ms/pass"
--   tolerance  scores may differ by that much beyond what the seeds explain

local function mnist(settings)
  local workload = {
    table = "dense", data = "mnist", task = "train", loss = "crossentropy", optimizer = "adam", rate = 1e-3,
    samples = 50000, epochs = 1, epoch = 50000, unit = "s/epoch", tolerance = 0.01,
  }
  for key, value in pairs(settings) do workload[key] = value end
  return workload
end

--- A workload of the other tables; `steps` batches a run.
local function steps(kind, count, settings)
  local workload = {
    table = kind, task = "train", loss = "crossentropy", optimizer = "adam", rate = 1e-3, epochs = 1,
    samples = count * settings.batch, scored = 200, unit = "ms/step", tolerance = 0.1,
  }
  for key, value in pairs(settings) do workload[key] = value end
  return workload
end

local FIRST_CONV = { "28x28x1", "conv-32-5", "pool-2", "conv-64-5", "pool-2", 10 }

local function vgg(conv)
  local layers = { "32x32x3" }
  for _, filters in ipairs { 32, 64, 128 } do
    local layer = ("%s-%d-3-same"):format(conv, filters)
    for _, word in ipairs { layer, layer, "pool-2" } do layers[#layers + 1] = word end
  end
  return table.move({ 128, 10 }, 1, 2, #layers + 1, layers)
end

--- A network that names the next of 65 characters at each of 100 steps.
local function characters(layer, width)
  return { "100", ("embedding-65-%d"):format(width), layer, 65 }
end

local SHALLOW, DEEP, WIDE = { 784, 50, 50, 10 }, { 784, 500, 500, 500, 500, 500, 10 }, { 784, 512, 512, 10 }

return {
  mnist { name = "shallow-100", title = "50+50, batch 100", layers = SHALLOW, batch = 100, epochs = 5 },
  mnist { name = "deep-100", title = "5 x 500, batch 100", layers = DEEP, batch = 100, samples = 10000 },
  mnist { name = "shallow-10000", title = "50+50, batch 10,000", layers = SHALLOW, batch = 10000, epochs = 4,
    tolerance = 0.03 },
  mnist { name = "shallow-1", title = "50+50, batch 1", layers = SHALLOW, batch = 1, samples = 2500, unit = "us/step",
    tolerance = 0.03 },
  mnist { name = "wide-32", title = "512+512, batch 32", layers = WIDE, batch = 32, samples = 16000 },
  mnist { name = "wide-128", title = "512+512, batch 128", layers = WIDE, batch = 128, samples = 32000 },
  mnist { name = "wide-1024", title = "512+512, batch 1,024", layers = WIDE, batch = 1024, samples = 50000 },
  {
    name = "housing-32", table = "dense", title = "California housing, 30+30+1, batch 32", data = "housing",
    task = "train", layers = { 8, 30, 30, 1 }, loss = "mse", optimizer = "adam", rate = 1e-3, batch = 32,
    samples = 16512, epochs = 4, epoch = 16512, unit = "s/epoch", tolerance = 0.1,
  },
  {
    name = "imdb-512", table = "dense", title = "IMDB as 10,000 multi-hot words, 16+16+1, batch 512", data = "imdb",
    task = "train", layers = { 10000, 16, 16, 1 }, loss = "binary_crossentropy", optimizer = "rmsprop", rate = 1e-3,
    batch = 512, samples = 15000, epochs = 4, epoch = 15000, unit = "s/epoch", tolerance = 0.02,
  },
  mnist { name = "predict-shallow", title = "inference, 10,000 images, 50+50", task = "predict", layers = SHALLOW,
    batch = 1000, samples = 10000, epochs = 20, unit = "ms/pass" },
  mnist { name = "predict-wide", title = "inference, 10,000 images, 512+512", task = "predict", layers = WIDE,
    batch = 1000, samples = 10000, epochs = 5, unit = "ms/pass" },
  steps("images", 40, { name = "conv-28", title = "Conv 32 5x5, Conv 64 5x5 on 28x28, batch 100", data = "mnist",
    layers = FIRST_CONV, batch = 100, tolerance = 0.03 }),
  steps("images", 24, { name = "conv7-28", title = "Conv 64 7x7, Conv 128 3x3, Dense 64 on 28x28, batch 100",
    data = "mnist", layers = { "28x28x1", "conv-64-7-same", "pool-2", "conv-128-3-same", "pool-2", 64, 10 },
    batch = 100 }),
  steps("images", 24, { name = "vgg-32", title = "VGG-like on 32x32x3, batch 64", data = "pictures32",
    layers = vgg "conv", batch = 64 }),
  steps("images", 24, { name = "vggnorm-32", title = "the same with BatchNormalization", data = "pictures32",
    layers = vgg "convnorm", batch = 64, tolerance = 0.3 }),
  steps("images", 12, { name = "dogs-150", title = "Conv 32-64-128-128, Dense 512 on 150x150x3, batch 20",
    data = "pictures150", layers = { "150x150x3", "conv-32-3", "pool-2", "conv-64-3", "pool-2", "conv-128-3", "pool-2",
      "conv-128-3", "pool-2", 512, 1 }, loss = "binary_crossentropy", optimizer = "rmsprop", rate = 1e-4, batch = 20,
    scored = 40, tolerance = 0.3 }),
  steps("images", 100, { name = "predict-conv", title = "inference, 10,000 images, Conv 32 5x5, Conv 64 5x5",
    data = "mnist", task = "predict", layers = FIRST_CONV, batch = 100, epochs = 2, unit = "ms/pass" }),
  steps("sequences", 60, { name = "lstm-128", title = "LSTM 128 on 28 steps of 28, batch 100", data = "mnist",
    layers = { "28x28", "lstm-128", 10 }, batch = 100 }),
  steps("sequences", 60, { name = "gru-128", title = "GRU 128 on 28 steps of 28, batch 100", data = "mnist",
    layers = { "28x28", "gru-128", 10 }, batch = 100 }),
  steps("sequences", 20, { name = "lstm-32", title = "Embedding 10,000x32, LSTM 32, 200 steps, batch 128",
    data = "reviews", layers = { "200", "embedding-10000-32", "lstm-32", 1 }, loss = "binary_crossentropy",
    batch = 128, tolerance = 0.3 }),
  steps("sequences", 20, { name = "gru-256", title = "Embedding 64, GRU 256, Dense 65 a step, 100 steps, batch 64",
    data = "characters100", layers = characters("grus-256", 64), targets = 100, batch = 64 }),
  steps("sequences", 2, { name = "lstm-1024", title = "Embedding 256, LSTM 1024, Dense 65 a step, 100 steps, batch 64",
    data = "characters100", layers = characters("lstms-1024", 256), targets = 100, batch = 64 }),
  steps("sequences", 12, { name = "gpt-128", title = "GPT: 4 blocks, 128 wide, 4 heads, 128 steps, batch 32",
    data = "characters128", layers = { "128", "tokens-65-128", "block-4", "block-4", "block-4", "block-4", 65 },
    targets = 128, batch = 32 }),
}
