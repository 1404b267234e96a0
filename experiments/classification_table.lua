-- Which output goes with which loss? Each row of the courses' table is trained, with a wrong pairing beside it.
--
--   ./nnrun experiments/classification_table.lua              a few seconds; reports/classification_table/report.md
--   ./nnrun experiments/classification_table.lua epochs=3     a quick look
--
-- Six questions about the same points of a square: is it inside a circle, which of three sectors is it in, and so on.
-- Each question has its own small network. All six are trained together as one model with one input and six outputs.
-- They share no weights, so each learns as if it were alone.

local nn = require "nn"
local Dense = nn.layers.Dense

-- Data: points, and the answers to six questions ----------------------------------------------------------------------

local COUNT = 4000
local points = nn.random.uniform { shape = { COUNT, 2 }, minval = -1, maxval = 1, seed = 1 }

local is_inside, sector, labels, height, nearness = {}, {}, {}, {}, {}
for i, point in ipairs(points:totable()) do
  local x, y = point[1], point[2]
  local distance = math.sqrt(x * x + y * y)
  is_inside[i] = { distance < 0.75 and 1 or 0 }
  sector[i] = math.floor(3 * (math.atan(y, x) / (2 * math.pi) + 0.5)) % 3
  labels[i] = { is_inside[i][1], x > 0 and 1 or 0, y > x * x and 1 or 0 } -- none, one or more of three
  height[i] = { 3 * math.sin(3 * x) - 2 * y }
  nearness[i] = { math.exp(-3 * distance) }
end
local sectors = nn.tensor(sector, "int32")

-- The table -----------------------------------------------------------------------------------------------------------

-- Each row has the answers, the number of output units, the score and the two pairings. The score is the accuracy, or
-- R2 for numbers: the share of their variance that the model explains. 1 is perfect in all rows.
local ROWS = {
  {
    name = "yes_or_no", question = "yes or no: inside the circle?", answers = nn.tensor(is_inside), units = 1,
    score = nn.metrics.BinaryAccuracy { name = "score" },
    right = { activation = "sigmoid", loss = "binary_crossentropy" },
    wrong = { activation = "softmax", loss = "binary_crossentropy" },
    why = "softmax makes the units add up to 1, so a single unit is always 1: the answer is always yes",
  },
  {
    name = "one_of_three", question = "one class of several, one-hot: which sector?",
    answers = nn.utils.to_categorical(sectors, 3), units = 3,
    score = nn.metrics.CategoricalAccuracy { name = "score" },
    right = { activation = "softmax", loss = "categorical_crossentropy" },
    wrong = { activation = "linear", loss = "categorical_crossentropy" },
    why = "without softmax or from_logits = true, the loss treats any numbers as probabilities",
  },
  {
    name = "class_ids", question = "the same, answers as class ids", answers = sectors, units = 3,
    score = nn.metrics.SparseCategoricalAccuracy { name = "score" },
    right = { activation = "softmax", loss = "sparse_categorical_crossentropy" },
    wrong = { activation = "tanh", loss = "sparse_categorical_crossentropy" },
    why = "tanh goes from -1 to 1; values below 0 are clipped, and there the gradient is 0",
  },
  {
    name = "several_labels", question = "several labels at once", answers = nn.tensor(labels), units = 3,
    score = nn.metrics.BinaryAccuracy { name = "score" },
    right = { activation = "sigmoid", loss = "binary_crossentropy" },
    wrong = { activation = "softmax", loss = "categorical_crossentropy" },
    why = "the probabilities of softmax add up to 1: two labels cannot both be likely",
  },
  {
    name = "any_number", question = "any number", answers = nn.tensor(height), units = 1,
    score = nn.metrics.R2Score { name = "score" },
    right = { activation = "linear", loss = "mean_squared_error" },
    wrong = { activation = "sigmoid", loss = "mean_squared_error" },
    why = "the answers go from -5 to 5, sigmoid only from 0 to 1",
  },
  {
    name = "a_share", question = "a number from 0 to 1", answers = nn.tensor(nearness), units = 1,
    score = nn.metrics.R2Score { name = "score" },
    right = { activation = "sigmoid", loss = "binary_crossentropy" },
    wrong = { activation = "relu", loss = "binary_crossentropy" },
    why = "relu can be above 1, which is clipped, and it can stay at 0 for ever",
  },
}

-- The experiment ------------------------------------------------------------------------------------------------------

local function build(p)
  local point = nn.Input { shape = { 2 }, name = "point" }
  local outputs, losses, metrics = {}, {}, {}
  for i, row in ipairs(ROWS) do
    local pairing = row[p.pairing]
    local hidden = Dense { p.width, activation = "relu" }(point)
    hidden = Dense { p.width, activation = "relu" }(hidden)
    outputs[i] = Dense { row.units, activation = pairing.activation, name = row.name }(hidden)
    losses[row.name], metrics[row.name] = pairing.loss, { row.score }
  end
  local model = nn.Model { inputs = { point }, outputs = outputs }
  model:compile { optimizer = nn.optimizers.Adam { p.learning_rate }, loss = losses, metrics = metrics }
  return model
end

local function answers(range)
  local list = {}
  for i, row in ipairs(ROWS) do list[i] = row.answers[{ range }] end
  return list
end

local TRAIN, VALIDATION = { 1, 3000 }, { 3001, COUNT }

local lab = nn.Experiment {
  name = "classification_table",
  title = "Problem, output, loss: what goes with what",
  train = { points[{ TRAIN }], answers(TRAIN) },
  validation = { points[{ VALIDATION }], answers(VALIDATION) },
  params = { pairing = "right", width = 16, learning_rate = 0.01, batch_size = 32, epochs = 30 },
  build = build,
  -- Losses of right and wrong pairings cannot be compared. So the variants are compared by the mean of the six scores.
  callbacks = function()
    return { nn.callbacks.LambdaCallback { on_epoch_end = function(_, logs)
      if not logs.val_loss then return end -- training stopped early
      local sum = 0
      for _, row in ipairs(ROWS) do sum = sum + logs["val_" .. row.name .. "_score"] end
      logs.val_mean_score = sum / #ROWS
    end } }
  end,
  seeds = { 1, 2, 3 },
  objective = "val_mean_score", mode = "max",
}

lab:note [[
The output of a network must be of the kind that the problem asks for: one probability, one probability for each
class, or a number. The loss must fit that kind. The courses have a table of the right pairings. Here each row of the
table is a small problem. It is trained twice: with the right pairing, and with a wrong one that is often seen.
Everything else is the same: the models, the points and the seeds.

The most common mistake on a classifier's output is relu. It is not among the wrong pairings: when all units are 0, the
probabilities are 0 / 0, and training stops at the first such point.

nnrun gives advice about the wrong pairings when the model is compiled: see the warnings.]]

local result = lab:sweep("Right and wrong", { pairing = { "right", "wrong" } })

-- The table again, with the scores ------------------------------------------------------------------------------------

local function mean_score(variant, name)
  local sum = 0
  for _, trial in ipairs(variant.trials) do sum = sum + trial.metrics["val_" .. name .. "_score"] end
  return sum / #variant.trials
end

local function text_of(pairing)
  return ("%s, %s"):format(pairing.activation == "linear" and "none" or pairing.activation, pairing.loss)
end

local lines, names, right, wrong = {}, {}, {}, {}
for i, row in ipairs(ROWS) do
  names[i] = row.name:gsub("_", " ")
  right[i], wrong[i] = mean_score(result.variants[1], row.name), mean_score(result.variants[2], row.name)
  lines[i] = ("| %s | %s | **%.3f** | %s | %.3f | %s |"):format(row.question, text_of(row.right), right[i],
    text_of(row.wrong), wrong[i], row.why)
end
lab:note(([[
## The table

The scores are means over the seeds on the validation points; 1 is perfect. For labels the score is the accuracy. For
numbers it is R2: predicting the mean would score 0.

| problem | output and loss | score | wrong | score | why it is wrong |
| --- | --- | ---: | --- | ---: | --- |
%s]]):format(table.concat(lines, "\n")))
lab:figure("Scores", nn.plot.bars {
  y_label = "score", names = names,
  series = { { name = "right pairing", values = right }, { name = "wrong pairing", values = wrong } },
})
