-- A training loop of one's own on MNIST: a gradient tape, a loss and an optimizer in place of `fit`.
--
--   ./nnrun experiments/custom_training.lua            some seconds; reports/custom_training/report.md
--   ./nnrun experiments/custom_training.lua epochs=5   longer
--
-- Begin with `fit`: it is shorter, and its numbers are in every report. A loop of one's own is for what `fit` cannot
-- do, such as two optimizers for one network, which comes last here.

local nn = require "nn"
local Dense, Dropout = nn.layers.Dense, nn.layers.Dropout

-- Data ----------------------------------------------------------------------------------------------------------------

local images, labels = nn.datasets.mnist.load_data()

-- The samples are shuffled once, so that both ways of training see the same batches.
local order = nn.random.permutation(60000, 1) + 1
local x = (images:gather(order) / 255):reshape { -1, 784 }
local y = labels:gather(order)

local TRAIN, VALIDATION = { { 1, 50000 } }, { { 50001, 60000 } }
local x_train, y_train, x_val, y_val = x[TRAIN], y[TRAIN], x[VALIDATION], y[VALIDATION]

-- The experiment ------------------------------------------------------------------------------------------------------

local function network(p)
  return nn.Sequential {
    Dense { p.width, activation = "relu", input_shape = { 784 } },
    Dropout { p.dropout },
    Dense { p.width, activation = "relu" },
    Dense { 10, activation = "softmax" },
  }
end

local lab = nn.Experiment {
  name = "custom_training",
  title = "A training loop of one's own",
  train = { x_train, y_train },
  validation = { x_val, y_val },
  params = { width = 50, dropout = 0.1, learning_rate = 1e-3, batch_size = 100, epochs = 2 },
  build = function(p)
    local model = network(p)
    model:compile {
      optimizer = nn.optimizers.Adam { p.learning_rate }, loss = "sparse_categorical_crossentropy",
      metrics = { "accuracy" },
    }
    return model
  end,
  seeds = { 1 },
}
local p = lab.params -- those of the command line included

-- The same training, twice --------------------------------------------------------------------------------------------

local SEED = 42 -- for the weights at the start, and for what dropout draws

local function with_fit()
  nn.random.set_seed(SEED)
  local model = lab.build(p)
  local history = model:fit(x_train, y_train, {
    epochs = p.epochs, batch_size = p.batch_size, shuffle = false, validation_data = { x_val, y_val }, verbose = 0,
  }).history
  return model, history.loss, history.val_accuracy
end

-- The batches in the order of the samples. With :shuffle(50000) before :batch each epoch has an order of its own; `fit`
-- takes such a dataset, too: model:fit(batches, { epochs = 2 }).
local batches = nn.data.Dataset.from_tensor_slices({ x_train, y_train }):batch(p.batch_size)

-- What is to be done with the gradients of a batch: function(gradients, variables).
local function by_hand(update)
  nn.random.set_seed(SEED)
  local model = network(p)
  local loss_fn = nn.losses.SparseCategoricalCrossentropy {}
  local mean_loss, accuracy = nn.metrics.Mean {}, nn.metrics.SparseCategoricalAccuracy {}
  local losses, accuracies = {}, {}
  for epoch = 1, p.epochs do
    mean_loss:reset_state()
    accuracy:reset_state()
    for x_batch, y_batch in batches:iterate() do
      local tape <close> = nn.GradientTape()
      local loss = loss_fn(y_batch, model(x_batch, { training = true }))
      local variables = model.trainable_variables
      update(tape:gradient(loss, variables), variables)
      mean_loss:update_state(loss)
    end
    accuracy:update_state(y_val, model:predict(x_val))
    losses[epoch], accuracies[epoch] = mean_loss:result(), accuracy:result()
  end
  return model, losses, accuracies
end

local adam = nn.optimizers.Adam { p.learning_rate }
local fitted, fit_loss, fit_accuracy = with_fit()
local trained, own_loss, own_accuracy = by_hand(function(gradients, variables)
  adam:apply_gradients(nn.zip(gradients, variables))
end)

-- Two optimizers, one for the hidden layers and one for the last one.
local below, last = nn.optimizers.SGD { 0.1 }, nn.optimizers.Adam { p.learning_rate }
local _, mixed_loss, mixed_accuracy = by_hand(function(gradients, variables)
  local count = #variables
  below:apply(table.move(gradients, 1, count - 2, 1, {}), table.move(variables, 1, count - 2, 1, {}))
  last:apply(table.move(gradients, count - 1, count, 1, {}), table.move(variables, count - 1, count, 1, {}))
end)

-- What came out -------------------------------------------------------------------------------------------------------

local function largest_difference(a, b)
  local most = 0
  for i, weight in ipairs(a.weights) do most = math.max(most, (weight - b.weights[i]):abs():max()) end
  return most
end

local rows = {}
for epoch = 1, p.epochs do
  rows[epoch] = ("| %d | %.5f | %.5f | %.4f | %.4f |"):format(epoch, fit_loss[epoch], own_loss[epoch],
    fit_accuracy[epoch], own_accuracy[epoch])
end

lab:note(([[
A loop of one's own has four lines where `fit` has one: the model's call, the loss, the gradients and the update.

    local tape <close> = nn.GradientTape()
    local loss = loss_fn(y, model(x, { training = true }))
    local gradients = tape:gradient(loss, model.trainable_variables)
    optimizer:apply_gradients(nn.zip(gradients, model.trainable_variables))

Both start from the same weights, see the same batches, and drop out the same units:

| epoch | loss, `fit` | loss, own loop | validation accuracy, `fit` | own loop |
| ---: | ---: | ---: | ---: | ---: |
%s

The largest difference between two weights after training is %g. It is not 0 here because most pixels are: `fit` leaves
out the products with zeros, and so it adds up the others in another order.]]):format(table.concat(rows, "\n"),
  largest_difference(fitted, trained)))

lab:note(([[
What `fit` cannot do: plain SGD for the hidden layers and Adam for the last one. After %d epochs the loss is %.5f and
the validation accuracy %.4f.]]):format(p.epochs, mixed_loss[p.epochs], mixed_accuracy[p.epochs]))

lab:trial({}, { title = "The experiment's own trial" })
lab:conclude()
