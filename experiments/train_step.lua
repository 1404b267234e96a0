-- What a training step of one's own can do that `fit` cannot: mixed-up samples, labels that are not quite sure, and
-- gradients that are cut off by hand. Each is compared with the same loop without it, and that with `fit`.
--
--   ./nnrun experiments/train_step.lua            some minutes; reports/train_step/report.md
--   ./nnrun experiments/train_step.lua epochs=20  longer
--
-- mixup (Zhang et al., 2017): a batch is blended with itself in another order, the labels too.
-- Label smoothing (Szegedy et al., 2015): 0.9 for the right class, and the rest shared out.
-- Clipping (Pascanu et al., 2012): gradients whose norm is above a limit are scaled down to it.

local nn = require "nn"
local Dense, Dropout = nn.layers.Dense, nn.layers.Dropout

local CLASSES = 10

-- Data: few samples, so that there is something to gain ---------------------------------------------------------------

local images, labels = nn.datasets.fashion_mnist.load_data()
local COUNT = tonumber(arg[1]) or 4000 -- "-- 200" takes fewer
local function samples(range)
  return images[range]:reshape { -1, 784 } / 255, nn.utils.to_categorical(labels[range], CLASSES)
end
local x_train, y_train = samples { { 1, COUNT } }
local x_val, y_val = samples { { 58001, 58000 + COUNT // 2 } }

local function network(p)
  local model = nn.Sequential {
    Dense { p.width, activation = "relu", input_shape = { 784 } }, Dropout { 0.2 },
    Dense { p.width, activation = "relu" }, Dense { CLASSES, activation = "softmax" },
  }
  model:compile { optimizer = nn.optimizers.Adam { p.learning_rate }, loss = "categorical_crossentropy",
    metrics = { "accuracy" } }
  return model
end

-- What is done to a batch and to gradients ----------------------------------------------------------------------------

-- The share of the second sample is drawn for the whole batch, from 0 to `most`.
local function mixup(xs, ys, most)
  local order, share = nn.random.permutation(#xs) + 1, nn.random.uniform { shape = { 1 }, maxval = most }:item()
  return (1 - share) * xs + share * xs:gather(order), (1 - share) * ys + share * ys:gather(order)
end

local function smooth(ys, doubt) return (1 - doubt) * ys + doubt / CLASSES end

local function clip(gradients, limit)
  local sum = 0
  for _, gradient in ipairs(gradients) do sum = sum + (gradient * gradient):sum() end
  local scale, clipped = math.min(1, limit / (math.sqrt(sum) + 1e-6)), {}
  for i, gradient in ipairs(gradients) do clipped[i] = scale * gradient end
  return clipped
end

-- Training ------------------------------------------------------------------------------------------------------------

local function by_hand(p, data, report, model)
  local loss_fn, mean = nn.losses.CategoricalCrossentropy {}, nn.metrics.Mean {}
  local batches = nn.data.Dataset.from_tensor_slices({ data.train.x, data.train.y }):shuffle(4000):batch(p.batch_size)

  local train_step = nn.compile(function(xs, ys)
    if p.mixup > 0 then xs, ys = mixup(xs, ys, p.mixup) end
    if p.smoothing > 0 then ys = smooth(ys, p.smoothing) end
    local tape <close> = nn.GradientTape()
    local loss = loss_fn(ys, model(xs, { training = true }))
    local gradients = tape:gradient(loss, model.trainable_variables)
    if p.clip > 0 then gradients = clip(gradients, p.clip) end
    model.optimizer:apply(gradients, model.trainable_variables)
    return loss
  end)

  local state = { model = model, optimizer = model.optimizer, batches = batches }
  for epoch = report:resume(state) + 1, p.epochs do
    mean:reset_state()
    for xs, ys in batches:iterate() do mean:update_state(train_step(xs, ys)) end
    local val_loss, val_accuracy = model:evaluate(data.validation.x, data.validation.y, { verbose = 0 })
    report { epoch = epoch, loss = mean:result(), val_loss = val_loss, val_accuracy = val_accuracy, model = model }
  end
end

local function by_fit(p, data, report, model)
  for epoch = report:resume { model = model, optimizer = model.optimizer } + 1, p.epochs do
    local history = model:fit(data.train.x, data.train.y, { batch_size = p.batch_size, verbose = 0,
      validation_data = data.validation }).history
    report { epoch = epoch, loss = history.loss[1], val_loss = history.val_loss[1],
      val_accuracy = history.val_accuracy[1], model = model }
  end
end

-- The experiment ------------------------------------------------------------------------------------------------------

local lab = nn.Experiment {
  name = "train_step",
  title = "Training steps of one's own",
  data = { x_train, y_train },
  validation = { x_val, y_val },
  params = { by = "hand", mixup = 0, smoothing = 0, clip = 0, width = 100, learning_rate = 1e-3, batch_size = 50,
    epochs = 8 },
  train = function(p, data, report)
    local train = p.by == "fit" and by_fit or by_hand
    train(p, data, report, network(p))
  end,
  objective = "val_accuracy",
  seeds = { 1, 2, 3 },
}

lab:sweep("What a step does besides", {
  { by = "fit" }, { by = "hand" }, { mixup = 0.4 }, { smoothing = 0.1 }, { clip = 1 },
  { mixup = 0.4, smoothing = 0.1, clip = 1 },
})
lab:conclude()
