--- The end of an experiment: the chosen variant, and how its models do on the test data.
local json = require "nn.json"
local lockbox = require "nn.lockbox"
local manifest = require "nn.manifest"
local objective = require "nn.objective"
local one_thread = require "nn.one_thread"
local plot = require "nn.plot"
local reporting = require "nn.reporting"
local split = require "nn.split"
local sweep = require "nn.sweep"
local tensor = require "nn.tensor"

local conclusion = {}

local CHOSEN = "the variant chosen by conclude"
local WORST = 10 -- mistakes shown

-- ---- test data ------------------------------------------------------------------------------------------------------

--- Evaluations made before the choice: all but those of earlier runs that chose the same.
local function count_before(lab, trials)
  local count = 0
  for _, use in ipairs(lab.manifest.test_uses) do
    local same = false
    for _, each in ipairs(trials) do
      same = same or use.trial == each.id and use.what:find(CHOSEN, 1, true) or use.after == each.id
    end
    if not same then count = count + 1 end
  end
  return count
end

--- Whether the script itself had models look at the test data before its choice.
function conclusion.has_peeked(lab)
  for _, use in ipairs(lab.manifest.test_uses) do
    if use.key and not use.after then return true end
  end
  return false
end

local function evaluate(lab, trials)
  local list = json.list {}
  for i, each in ipairs(trials) do
    manifest.tested(lab, each.id, CHOSEN)
    local metrics = each.model:evaluate(lab.test.x, lab.test.y, { verbose = 0, return_dict = true })
    list[i] = { id = each.id, metrics = json.object(metrics) }
  end
  return list
end

-- ---- mistakes -------------------------------------------------------------------------------------------------------

--- Predicted classes and how sure the model was of them.
-- @treturn ?tensor ids, nil where predictions are no classes
-- @treturn tensor probabilities
local function classes_of(predictions)
  if not tensor.is_tensor(predictions) or predictions.ndim ~= 2 then return nil end
  if predictions.shape[2] > 1 then return predictions:argmax { axis = 2 }, predictions:max { axis = 2 } end
  local flat = predictions:flatten()
  if flat:min() < 0 or flat:max() > 1 then return nil end
  local ids = flat:gt(0.5)
  return ids, ids * flat + (1 - ids) * (1 - flat)
end

--- Counts by true class (rows) and predicted class.
local function count_pairs(truth, predicted, classes)
  local matrix = {}
  for i = 1, classes do
    matrix[i] = {}
    for k = 1, classes do matrix[i][k] = 0 end
  end
  for i, id in ipairs(truth) do
    local row, column = matrix[id // 1 + 1 | 0], predicted[i] // 1 + 1 | 0
    row[column] = row[column] + 1
  end
  return matrix
end

local function name_of(lab, id)
  return lab.class_names and lab.class_names[id + 1] or tostring(id)
end

--- Positions of the wrong predictions the model was most sure of.
local function worst_mistakes(truth, predicted, sureness)
  local wrong = {}
  for i, id in ipairs(truth) do
    if id ~= predicted[i] then wrong[#wrong + 1] = i end
  end
  table.sort(wrong, function(a, b)
    if sureness[a] ~= sureness[b] then return sureness[a] > sureness[b] end
    return a < b
  end)
  return table.move(wrong, 1, math.min(#wrong, WORST), 1, {})
end

local function mistakes_figure(lab, wrong, truth, predicted, sureness)
  local captions = {}
  for i, position in ipairs(wrong) do
    captions[i] = ("true %s, predicted %s (%.1f %%)"):format(name_of(lab, truth[position] // 1 | 0),
      name_of(lab, predicted[position] // 1 | 0), 100 * sureness[position])
  end
  return plot.images(split.pictures(lab.test, wrong), {
    captions = captions, caption = "Test samples that the model gets wrong and is most sure of",
  })
end

--- Adds the confusion matrix and the worst mistakes to the section, where the targets are classes.
local function add_mistakes(lab, entry, model)
  local ids = #lab.test.targets == 1 and split.class_ids(lab.test.targets[1], lab.class_names ~= nil)
  if not ids then return end
  local predictions = model:predict(lab.test.x, { verbose = 0 })
  local predicted, sureness = classes_of(predictions)
  local classes = predicted and math.max(predictions.shape[2], 2)
  if not predicted or ids:max() >= classes then return end
  local truth = ids:totable()
  predicted, sureness = predicted:totable(), sureness:totable()
  entry.confusion = count_pairs(truth, predicted, classes)
  local names = lab.class_names and #lab.class_names == classes and lab.class_names or nil
  local function take(markdown) table.insert(entry.figures, markdown) end
  reporting.draw(lab, plot.confusion { matrix = entry.confusion, class_names = names }, "confusion", take)
  local wrong = worst_mistakes(truth, predicted, sureness)
  if #wrong > 0 and split.has_pictures(lab.test) then
    reporting.draw(lab, mistakes_figure(lab, wrong, truth, predicted, sureness), "mistakes", take)
  end
end

-- ---- the section ----------------------------------------------------------------------------------------------------

local function complete_ones(trials)
  local list = {}
  for _, each in ipairs(trials) do
    if each.score then list[#list + 1] = each end
  end
  return list
end

--- Chooses the best of all variants by the objective and evaluates its models on the test data.
-- @tparam table lab the experiment
-- @treturn table the section of the manifest
function conclusion.new(lab)
  local best, variant = sweep.best(lab, lab.variants)
  local trials = complete_ones(variant.trials)
  local entry = {
    kind = "conclusion", variant = manifest.variant(lab, variant.params, variant.trials),
    score = objective.summary(trials), figures = json.list {}, before_choice = count_before(lab, trials),
  }
  if lab.test then
    one_thread(function()
      lockbox.quietly(function()
        entry.test = { trials = evaluate(lab, trials) }
        add_mistakes(lab, entry, best.model)
      end)
    end)
  end
  return entry
end

return conclusion
