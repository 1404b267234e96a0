--- The test data's guard: every evaluation, prediction or fit of a model on them is told to their experiment.
--
-- Known again are the tensors themselves, views into their memory, tensors of the same values, and copies of some of
-- their rows. What a script computes from them (`x_test * 2`) is not.
local engine_tensor = require "engine.tensor"
local engine = require "engine.data"
local blame = require "nn.support.blame"
local digest = require "nn.support.digest"
local facts = require "nn.advice.facts"
local json = require "nn.support.json"
local memoize = require "nn.support.memoize"

local lockbox = {}

local hash = engine.hash

-- By experiment; what nobody refers to any more goes.
local boxes = setmetatable({}, { __mode = "k" })
-- What was evaluated before any experiment was declared: by tensor, a list of uses, of which there may be no end.
local early = setmetatable({}, { __mode = "k" })
local MOST = 1000
local silent = 0

local function same_shape(a, b)
  return a.dtype == b.dtype and table.concat(a.shape, "x") == table.concat(b.shape, "x")
end

-- Whether two tensors could hold the same rows.
local function same_rows(a, b)
  return a.dtype == b.dtype and #a > 0 and #b > 0 and a.size * #b == b.size * #a
end

-- The rows of some tensors that have the form of another's.
local function set_of(tensors, form)
  local hashes = {}
  for _, each in ipairs(tensors) do
    if same_rows(each, form) then hashes[#hashes + 1] = facts.hashes { each } end
  end
  return engine.row_set(table.concat(hashes))
end

-- Whether a tensor holds rows of the test data that no other part has: mostly those, or most of those.
local function holds_rows(box, each, i, tensor)
  if not same_rows(each, tensor) then return false end
  box.sets[i] = box.sets[i] or { test = set_of({ each }, each), others = set_of(box.others, each) }
  local count = engine.common_rows(box.sets[i].test, facts.hashes { tensor }, box.sets[i].others)
  return count > 0 and 2 * count >= math.min(#tensor, #each)
end

local function is_in(box, tensor)
  for i, each in ipairs(box.tensors) do
    if engine_tensor.overlap(each, tensor) then return true end
    if same_shape(each, tensor) then
      box.hashes[i] = box.hashes[i] or hash(each)
      if box.hashes[i] == hash(tensor) then return true end
    end
    if holds_rows(box, each, i, tensor) then return true end
  end
  return false
end

local function is_any_in(box, tensors, last)
  for i = 1, last do
    if is_in(box, tensors[i]) then return true end
  end
  return false
end

--- Puts the inputs of test data under guard.
-- @tparam table owner an experiment; the guard ends with it
-- @tparam {tensor,...} tensors
-- @tparam {tensor,...} others inputs of the other parts: rows that they have too are no sign of a use
-- @tparam function on_use function({ what = "evaluate at lab.lua:31", key = string })
function lockbox.seal(owner, tensors, others, on_use)
  boxes[owner] = { tensors = tensors, others = others, hashes = {}, sets = {}, on_use = on_use }
  for tensor, uses in pairs(early) do
    if is_in(boxes[owner], tensor) then
      for _, use in ipairs(uses) do on_use(use) end
    end
  end
end

local hash_of = memoize(hash)

-- What a model is, which does not change while it is compiled in the same way.
local descriptions = setmetatable({}, { __mode = "k" })

local function description_of(model)
  local known = descriptions[model]
  if not known or known.compiled ~= model.compiled or known.graph ~= model.outputs then
    local compile = model.compiled and digest.stored(model:compile_config())
    known = { compiled = model.compiled, graph = model.outputs,
      text = json.encode { model = model:to_json(), compile = compile } }
    descriptions[model] = known
  end
  return known.text
end

-- How a model came about: what was found out about it in an earlier run is found out again, even where the script was
-- edited elsewhere, or another build of nnrun gives other last bits. Of a model that was not trained here, its weights.
local function key_of(model, verb)
  local steps = model.optimizer and model.optimizer:calls() or 0
  if model.trial_id or model.epochs_seen or steps > 0 then
    local course = ("%s %s %s %d"):format(model.trial_id, model.seed, model.epochs_seen, steps)
    return hash(verb, description_of(model), course)
  end
  local hashes = {}
  for i, weight in ipairs(model:named_weights()) do hashes[i] = hash_of(weight.tensor) end
  return hash(verb, table.concat(hashes))
end

--- Tells what a model is about to see.
-- @tparam table model
-- @tparam {tensor,...} tensors inputs
-- @tparam string verb "evaluate"
-- @tparam[opt] boolean is_any whether all tensors are to be looked at; without it the first input stands for the others
function lockbox.touch(model, tensors, verb, is_any)
  if silent > 0 or #tensors == 0 then return end
  local use
  local function described()
    use = use or { what = ("%s at %s"):format(verb, (blame.here():gsub(":? *$", ""))) }
    use.key = use.key or key_of(model, verb)
    return use
  end
  local last = is_any and #tensors or 1
  for i = 1, next(boxes) == nil and last or 0 do
    local uses = early[tensors[i]] or {}
    early[tensors[i]] = uses
    if #uses < MOST then uses[#uses + 1] = described() end
  end
  for _, box in pairs(boxes) do
    if is_any_in(box, tensors, last) then box.on_use(described()) end
  end
end

--- Calls a function whose evaluations are counted elsewhere.
function lockbox.quietly(action, ...)
  silent = silent + 1
  local results = table.pack(pcall(action, ...))
  silent = silent - 1
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

return lockbox
