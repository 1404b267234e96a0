--- What a model scores that learned nothing but a constant answer.
-- @module nn.report.baseline
local classes = require "nn.report.classes"
local sentences = require "nn.report.sentences"

local baseline = {}

local say = sentences.say

-- Always the class that is most frequent in training.
local function majority(records)
  local manifest = records.manifest
  local train, validation = manifest.data.train, manifest.data.validation
  if not validation or not (train and train.classes) or not validation.classes then return "" end
  local frequent = 1
  for id in ipairs(train.classes) do
    if train.classes[id] > train.classes[frequent] then frequent = id end
  end
  local share = (validation.classes[frequent] or 0) / math.max(1, validation.samples or 1)
  return say.majority { class = classes.title(manifest, frequent - 1), score = ("%.4f"):format(share) }
end

--- A sentence about the constant answer.
-- @tparam Records records
-- @treturn string empty where none is known
function baseline.text(records)
  local constant = records.manifest.baseline
  if type(constant) ~= "table" or type(constant.score) ~= "number" then return majority(records) end
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
