--- What `make bench` measures: one table that nnrun, every peer and the floor run.
--
-- Fields of a workload:
--   name       what `only=` selects; a beginning of it will do
--   title      how the tables call it
--   data       a data set of tests/bench/data.lua
--   task       "train" or "predict"
--   layers     widths from the input to the output; relu between them, the loss's own activation at the end
--   loss       "crossentropy" (softmax), "binary_crossentropy" (sigmoid) or "mse" (linear)
--   optimizer  "adam" (0.9, 0.999) or "rmsprop" (decay 0.9), at learning rate `rate`
--   batch      samples a step
--   samples    how many of the data set are used, `epochs` times; enough for a steady clock
--   unit       what is reported: "s/epoch" of `epoch` samples, "us/step" or "ms/pass"
--   tolerance  scores may differ by that much beyond what the seeds explain

local function mnist(settings)
  local workload = {
    data = "mnist", task = "train", loss = "crossentropy", optimizer = "adam", rate = 1e-3, samples = 50000, epochs = 1,
    epoch = 50000, unit = "s/epoch", tolerance = 0.01,
  }
  for key, value in pairs(settings) do workload[key] = value end
  return workload
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
    name = "housing-32", title = "California housing, 30+30+1, batch 32", data = "housing", task = "train",
    layers = { 8, 30, 30, 1 }, loss = "mse", optimizer = "adam", rate = 1e-3, batch = 32, samples = 16512, epochs = 4,
    epoch = 16512, unit = "s/epoch", tolerance = 0.1,
  },
  {
    name = "imdb-512", title = "IMDB as 10,000 multi-hot words, 16+16+1, batch 512", data = "imdb", task = "train",
    layers = { 10000, 16, 16, 1 }, loss = "binary_crossentropy", optimizer = "rmsprop", rate = 1e-3, batch = 512,
    samples = 15000, epochs = 4, epoch = 15000, unit = "s/epoch", tolerance = 0.02,
  },
  mnist { name = "predict-shallow", title = "inference, 10,000 images, 50+50", task = "predict", layers = SHALLOW,
    batch = 1000, samples = 10000, epochs = 20, unit = "ms/pass" },
  mnist { name = "predict-wide", title = "inference, 10,000 images, 512+512", task = "predict", layers = WIDE,
    batch = 1000, samples = 10000, epochs = 5, unit = "ms/pass" },
}
