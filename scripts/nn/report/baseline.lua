--- What an answer scores that needs no learning, beside the scores of models; see `nn.baseline`.
-- @module nn.report.baseline
local classes = require "nn.report.classes"
local sentences = require "nn.report.sentences"

local baseline = {}

local say = sentences.say

-- Of an experiment whose record does not tell: the accuracy of the class that is most frequent in training, on another
-- part of the data.
local function majority(records, part)
  local train, other = records.manifest.data.train, records.manifest.data[part]
  if not (train and train.classes) or not (other and other.classes) then return nil end
  local name, frequent = records.manifest.objective, 1
  if not (name:find "^val_" and name:find "acc" and records:traits(name).proportion) then return nil end
  for id in ipairs(train.classes) do
    if train.classes[id] > train.classes[frequent] then frequent = id end
  end
  return { answer = "class", class = frequent - 1,
    score = (other.classes[frequent] or 0) / math.max(1, other.samples or 1) }
end

local function is_known(found)
  return type(found) == "table" and type(found.score) == "number"
end

local function of_objective(records)
  local found = records.manifest.baseline
  if not is_known(found) then return majority(records, "validation") end
  return found.metric == records.manifest.objective and found or nil
end

local function of_test(records, section)
  return is_known(section.baseline) and section.baseline or majority(records, "test")
end

-- "always answering class 0"
local function answer_text(records, found)
  local text = say["answer_" .. found.answer]
  return text { class = found.class and classes.title(records.manifest, found.class) or "" }
end

--- What a constant answer scores by the objective.
-- @tparam Records records
-- @treturn ?number nil where that is not known
function baseline.score(records)
  local found = of_objective(records)
  return found and found.answer ~= "previous" and found.score or nil
end

--- The end of a sentence that tells a score: "; always answering class 0 gives 0.9500".
-- @tparam Records records
-- @tparam ?table section a conclusion with a test result; nil for a score by the objective
-- @treturn string empty where nothing is known
function baseline.beside(records, section)
  local found, name = of_objective(records), records.manifest.objective
  if section then found, name = of_test(records, section), name:gsub("^val_", "") end
  if not is_known(found) then return "" end
  return say.beside { answer = answer_text(records, found), score = records:number(name, found.score) }
end

local function compared(records, found, metric, name)
  if not is_known(found) then return "" end
  return say.compared_with { answer = answer_text(records, found), metric = metric,
    score = records:number(name, found.score) }
end

--- A sentence about it, for a table of scores.
-- @tparam Records records
-- @treturn string empty where nothing is known
function baseline.text(records)
  local name = records.manifest.objective
  return compared(records, of_objective(records), sentences.metric(name), name)
end

--- The same of the test data.
-- @tparam Records records
-- @tparam table section a conclusion
-- @treturn string empty where nothing is known
function baseline.on_test(records, section)
  local name = records.manifest.objective:gsub("^val_", ""):gsub("^test_", "")
  return compared(records, of_test(records, section), sentences.metric(name, "test "), name)
end

return baseline
