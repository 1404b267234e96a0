--- How predictions of binary labels lie among thresholds: what precision, recall, AUC and their kin are made of.
--
-- The engine keeps, apart for false and true labels, how much weight lies between each two neighbouring thresholds.
local blame = require "nn.support.blame"
local tensor = require "nn.tensor"

local buckets = {}

--- a / b, and 0 where there is nothing.
function buckets.ratio(a, b) return b ~= 0 and a / b or 0.0 end

--- Raises an error where a threshold is not one.
function buckets.check(class, thresholds)
  for _, threshold in ipairs(type(thresholds) == "table" and thresholds or { thresholds }) do
    if type(threshold) ~= "number" or not (threshold >= 0 and threshold <= 1) then
      blame("%s: thresholds: expected numbers from 0 to 1, got %s", class, blame.got(threshold))
    end
  end
end

--- A sorted copy.
function buckets.ascending(list)
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted)
  return sorted
end

--- Numbers at equal distances strictly between 0 and 1.
function buckets.between(count)
  local list = {}
  for i = 1, count do list[i] = i / (count + 1) end
  return list
end

--- What the engine needs to know.
function buckets.config(thresholds, a)
  return { thresholds = tensor.tensor(buckets.ascending(thresholds)), top_k = a.top_k, class_id = a.class_id,
    multi_label = a.multi_label, from_logits = a.from_logits }
end

--- For each ascending threshold what lies above it and what does not, of one label's sums.
-- @tparam {number,...} sums weights between thresholds, of false labels, then of true ones
-- @tparam integer count of thresholds
-- @tparam[opt=0] integer label whose sums they are
-- @treturn {{tp=,fp=,tn=,fn=},...}
function buckets.counts(sums, count, label)
  local list, start = {}, 2 * (label or 0) * (count + 1)
  local fp, tp = 0, 0
  local negatives, positives = 0, 0
  for bucket = 1, count + 1 do
    negatives = negatives + (sums[start + bucket] or 0)
    positives = positives + (sums[start + count + 1 + bucket] or 0)
  end
  for i = count, 1, -1 do
    fp, tp = fp + (sums[start + i + 1] or 0), tp + (sums[start + count + 1 + i + 1] or 0)
    list[i] = { tp = tp, fp = fp, tn = negatives - fp, fn = positives - tp }
  end
  return list
end

return buckets
