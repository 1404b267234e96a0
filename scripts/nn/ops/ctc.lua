--- Connectionist temporal classification: labels for sequences whose alignment with them is not known.
-- @submodule nn.ops
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local kinds = require "nn.support.kinds"
local stop = require "nn.support.stop"
local tensor = require "nn.tensor"
local base = require "nn.ops.base"

local ops = base.ops

--- -log of the probability of a sequence of labels, summed over all alignments with the steps (Graves and others
-- 2006): a step has one class or the blank, repeats are merged, then blanks removed. inf if the labels need more steps.
-- @function ctc_loss
-- @tparam tensor target (n, length) classes
-- @tparam tensor output (n, steps, classes) logits, of which it takes the softmax
-- @tparam tensor target_length (n): how many entries of each target count
-- @tparam tensor output_length (n): how many steps count
-- @tparam[opt=0] integer mask_index the class that is the blank
-- @treturn tensor float32 (n)
-- @usage nn.ops.ctc_loss({ { 1, 2 } }, nn.zeros{ 1, 4, 3 }, { 2 }, { 4 })
base.define { "ctc_loss", operands = { "target", "output", "target_length", "output_length" },
  options = { { "mask_index", 0, kinds.whole(0) } }, config = function(options, operands)
    operands[1], operands[2] = operands[2], operands[1]
    return { blank = options.mask_index }
  end }

-- ---- decoding ------------------------------------------------------------------------------------------------------

-- The class with the highest score at each step, repeats merged, blanks removed; and minus the sum of the scores.
local function greedy(steps, given)
  local path, score, last = {}, 0, nil
  for _, scores in ipairs(steps) do
    local best = 1
    for k = 2, #scores do
      if scores[k] > scores[best] then best = k end
    end
    local class = best - 1
    if class ~= given.mask_index and not (given.merge_repeated and class == last) then path[#path + 1] = class end
    score, last = score - scores[best], class
  end
  return { path }, { score }
end

local function log_add(x, y)
  if x < y then x, y = y, x end
  return y == -math.huge and x or x + math.log(1 + math.exp(y - x))
end

local function log_softmax(scores)
  local most, sum, result = math.max(table.unpack(scores)), 0, {}
  for _, score in ipairs(scores) do sum = sum + math.exp(score - most) end
  for k, score in ipairs(scores) do result[k] = score - most - math.log(sum) end
  return result
end

-- The beam of the next step: prefixes by their text, each with the log probabilities of ending in a blank and in its
-- last class.
local function extend(beam, log_p, blank)
  local next_beam, list = {}, {}
  local function add(key, path, field, value)
    local entry = next_beam[key]
    if not entry then
      entry = { key = key, path = path, blank = -math.huge, class = -math.huge }
      next_beam[key], list[#list + 1] = entry, entry
    end
    entry[field] = log_add(entry[field], value)
  end
  for _, each in ipairs(beam) do
    local path, last = each.path, each.path[#each.path]
    local total = log_add(each.blank, each.class)
    add(each.key, path, "blank", total + log_p[blank + 1])
    if last then add(each.key, path, "class", each.class + log_p[last + 1]) end
    for k = 0, #log_p - 1 do
      if k ~= blank then
        local longer = table.move(path, 1, #path, 1, {})
        longer[#longer + 1] = k
        add(each.key .. " " .. k, longer, "class", (k == last and each.blank or total) + log_p[k + 1])
      end
    end
  end
  for _, entry in ipairs(list) do entry.total = log_add(entry.blank, entry.class) end
  table.sort(list, function(a, b)
    if a.total ~= b.total then return a.total > b.total end
    return a.key < b.key
  end)
  return list
end

-- The most probable label sequences, and their log probabilities.
local function beam_search(steps, given)
  local beam = { { key = "", path = {}, blank = 0, class = -math.huge, total = 0 } }
  for _, scores in ipairs(steps) do
    stop.check()
    beam = extend(beam, log_softmax(scores), given.mask_index)
    for i = #beam, given.beam_width + 1, -1 do beam[i] = nil end
  end
  local paths, totals = {}, {}
  for i = 1, given.top_paths do
    paths[i], totals[i] = beam[i] and beam[i].path or {}, beam[i] and beam[i].total or -math.huge
  end
  return paths, totals
end

local STRATEGIES = { greedy = greedy, beam_search = beam_search }

local signature = arguments.signature("ctc_decode", {
  { "strategy", "greedy", kinds.one_of("greedy", "beam_search") }, { "beam_width", 100, kinds.whole(1) },
  { "top_paths", 1, kinds.whole(1) }, { "merge_repeated", true }, { "mask_index", 0, kinds.whole(0) },
})

-- The steps of a sample that count.
local function steps_of(inputs, lengths, i)
  local length = lengths[i]
  if length < 0 or length > inputs.shape[2] then
    blame("ctc_decode: sequence_lengths: expected numbers from 0 to %d, got %g", inputs.shape[2], length)
  end
  local steps = inputs[i]:totable()
  for k = #steps, length + 1, -1 do steps[k] = nil end
  return steps
end

--- The labels that scores of classes stand for.
-- @function ctc_decode
-- @tparam tensor inputs (n, steps, classes) logits
-- @tparam tensor sequence_lengths (n): how many steps count
-- @tparam[opt] table options strategy ("greedy": the best class at each step; "beam_search": the most probable labels,
-- over all their alignments); beam_width (100), top_paths (1): how many are kept on the way, and given; merge_repeated
-- (true; greedy only); mask_index (0): the class that is the blank
-- @treturn tensor int32 (paths, n, steps): classes, -1 after the end
-- @treturn tensor float32 (n, paths): log probabilities; for "greedy" minus the sum of the best scores
-- @usage
-- local logits = nn.zeros{ 1, 4, 3 }
-- local labels, scores = nn.ops.ctc_decode(logits, { 4 }, { strategy = "beam_search", beam_width = 5 })
function ops.ctc_decode(inputs, sequence_lengths, ...)
  local given = signature(base.options_of(...))
  inputs = base.known(base.tensor(inputs, "ctc_decode"), "ctc_decode")
  if inputs.ndim ~= 3 then
    blame("ctc_decode: inputs: expected (n, steps, classes), got %d axes", inputs.ndim)
  end
  if given.strategy == "greedy" then given.top_paths = 1 end
  local n, length = inputs.shape[1], inputs.shape[2]
  local lengths = base.tensor(sequence_lengths, "ctc_decode"):totable()
  local labels, scores = tensor.full({ given.top_paths, n, length }, -1, "int32"), tensor.zeros { n, given.top_paths }
  for i = 1, n do
    local paths, totals = STRATEGIES[given.strategy](steps_of(inputs, lengths, i), given)
    for p, path in ipairs(paths) do
      scores[{ i, p }] = totals[p]
      for k, class in ipairs(path) do labels[{ p, i, k }] = class end
    end
  end
  return labels, scores
end
