--- What a model scores that learned nothing but a constant answer.
-- @module nn.report.baseline
local classes = require "nn.report.classes"
local sentences = require "nn.report.sentences"

local baseline = {}

local say = sentences.say

-- What always answering the class that is most frequent in training scores, and that class.
local function majority(records)
  local manifest = records.manifest
  local train, validation = manifest.data.train, manifest.data.validation
  if not validation or not (train and train.classes) or not validation.classes then return nil end
  local frequent = 1
  for id in ipairs(train.classes) do
    if train.classes[id] > train.classes[frequent] then frequent = id end
  end
  return (validation.classes[frequent] or 0) / math.max(1, validation.samples or 1), frequent - 1
end

local function constant_of(records)
  local constant = records.manifest.baseline
  return type(constant) == "table" and type(constant.score) == "number" and constant or nil
end

--- What a constant answer scores by the objective.
-- @tparam Records records
-- @treturn ?number nil where that is not known
function baseline.score(records)
  local constant, name = constant_of(records), records.manifest.objective
  if constant then return constant.metric == name and constant.score or nil end
  local is_accuracy = name:find "^val_" and name:find "acc" and records:traits(name).proportion
  return is_accuracy and majority(records) or nil
end

--- A sentence about the constant answer.
-- @tparam Records records
-- @treturn string empty where none is known
function baseline.text(records)
  local constant = constant_of(records)
  if not constant then
    local share, class = majority(records)
    if not share then return "" end
    return say.majority { class = classes.title(records.manifest, class), score = ("%.4f"):format(share) }
  end
  return say.constant { what = constant.answer, metric = sentences.metric(constant.metric),
    score = records:number(constant.metric, constant.score) }
end

--- The same of the test data.
-- @tparam Records records
-- @tparam table section a conclusion
-- @treturn string empty where none is known
function baseline.on_test(records, section)
  local constant = section.baseline
  if type(constant) ~= "table" or type(constant.score) ~= "number" then return "" end
  local name = records.manifest.objective:gsub("^val_", "")
  return say.constant { what = constant.answer, metric = sentences.metric(name, "test "),
    score = records:number(name, constant.score) }
end

return baseline
