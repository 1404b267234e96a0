-- Which output goes with which loss? The table of the courses, each row trained, and a wrong pairing beside it.
--
--   ./nnrun experiments/classification_table.lua              a few seconds; reports/classification_table/report.md
--   ./nnrun experiments/classification_table.lua epochs=3     a quick look
--
-- Six questions about the same points of a square: is it inside a circle, which of three sectors is it in, and so on.
-- Each question has a small network of its own. All six are trained together as one model with one input and six
-- outputs, but no weight is shared, so each learns as if it were alone.

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

-- What a row is about: the answers, how many output units, how a guess is scored (1 is perfect in all rows: the share
-- of right answers, or for numbers R2, the share of their variance that is explained), and the two pairings.
local ROWS = {
  {
    name = "yes_or_no", question = "yes or no: inside the circle?", answers = nn.tensor(is_inside), units = 1,
    score = nn.metrics.BinaryAccuracy { name = "score" },
    right = { activation = "sigmoid", loss = "binary_crossentropy" },
    wrong = { activation = "softmax", loss = "binary_crossentropy" },
    why = "softmax makes the units add up to 1; a single one is always 1, and the answer always yes",
  },
  {
    name = "one_of_three", question = "one class of several, one-hot: which sector?",
    answers = nn.utils.to_categorical(sectors, 3), units = 3,
    score = nn.metrics.CategoricalAccuracy { name = "score" },
    right = { activation = "softmax", loss = "categorical_crossentropy" },
    wrong = { activation = "linear", loss = "categorical_crossentropy" },
    why = "without softmax, and without from_logits = true, the loss takes any numbers for probabilities",
  },
  {
    name = "class_ids", question = "the same, answers as class ids", answers = sectors, units = 3,
    score = nn.metrics.SparseCategoricalAccuracy { name = "score" },
    right = { activation = "softmax", loss = "sparse_categorical_crossentropy" },
    wrong = { activation = "tanh", loss = "sparse_categorical_crossentropy" },
    why = "tanh goes from -1 to 1; a probability below 0 is cut off, and there no gradient brings it back",
  },
  {
    name = "several_labels", question = "several labels at once", answers = nn.tensor(labels), units = 3,
    score = nn.metrics.BinaryAccuracy { name = "score" },
    right = { activation = "sigmoid", loss = "binary_crossentropy" },
    wrong = { activation = "softmax", loss = "categorical_crossentropy" },
    why = "softmax shares out one certainty among the labels: two cannot both be likely",
  },
  {
    name = "any_number", question = "any number", answers = nn.tensor(height), units = 1,
    score = nn.metrics.R2Score { name = "score" },
    right = { activation = "linear", loss = "mean_squared_error" },
    wrong = { activation = "sigmoid", loss = "mean_squared_error" },
    why = "the answers run from -5 to 5, sigmoid from 0 to 1",
  },
  {
    name = "a_share", question = "a number from 0 to 1", answers = nn.tensor(nearness), units = 1,
    score = nn.metrics.R2Score { name = "score" },
    right = { activation = "sigmoid", loss = "binary_crossentropy" },
    wrong = { activation = "relu", loss = "binary_crossentropy" },
    why = "relu goes beyond 1, which is cut off, and it may be 0 for good",
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
  -- The losses of right and wrong pairings cannot be compared, so variants are: by the mean of the six scores.
  callbacks = function()
    return { nn.callbacks.LambdaCallback { on_epoch_end = function(_, logs)
      if not logs.val_loss then return end -- training broke off
      local sum = 0
      for _, row in ipairs(ROWS) do sum = sum + logs["val_" .. row.name .. "_score"] end
      logs.val_mean_score = sum / #ROWS
    end } }
  end,
  seeds = { 1, 2, 3 },
  objective = "val_mean_score", mode = "max",
}

lab:note [[
What comes out of a network must be of the kind that is asked for: a probability, one probability a class, a number.
And the loss must measure that kind. The courses have a table of what goes with what; here each of its rows is a small
problem that is trained twice, with the pairing of the table and with one that is wrong and often seen. The models are
the same but for that, and so are the points and the seeds.

Relu, the most common slip of all on a classifier's output, is not among the wrong ones: where it makes all units 0, the
probabilities are 0 / 0, and training breaks off at the first such point.

nnrun gives advice about most of the wrong pairings when they are compiled; see the warnings at the end.]]

local result = lab:sweep("Right and wrong", { pairing = { "right", "wrong" } })

-- The table again, with what came of it -------------------------------------------------------------------------------

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

Scores are those of the validation points, means over the seeds; 1 is perfect. For answers that are labels a score is
the share of right ones, for numbers R2: 0 is what guessing the mean would get.

| problem | output and loss | score | wrong | score | why it is wrong |
| --- | --- | ---: | --- | ---: | --- |
%s]]):format(table.concat(lines, "\n")))
lab:figure("Scores", nn.plot.bars {
  y_label = "score", names = names,
  series = { { name = "right pairing", values = right }, { name = "wrong pairing", values = wrong } },
})
