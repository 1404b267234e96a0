--- The test data's guard: every evaluation, prediction or fit of a model on them is told to their experiment.
--
-- Known again are the tensors themselves, views into their memory, and tensors of the same values. What a script
-- computes from them (`x_test * 2`) is not.
local engine_tensor = require "engine.tensor"
local hash = require("engine.data").hash
local blame = require "nn.blame"
local digest = require "nn.digest"
local json = require "nn.json"

local lockbox = {}

-- By experiment; what nobody refers to any more goes.
local boxes = setmetatable({}, { __mode = "k" })
-- What was evaluated before any experiment was declared: by tensor, a list of uses.
local early = setmetatable({}, { __mode = "k" })
local silent = 0

local function same_shape(a, b)
  return a.dtype == b.dtype and table.concat(a.shape, "x") == table.concat(b.shape, "x")
end

local function is_in(box, tensor)
  for i, each in ipairs(box.tensors) do
    if engine_tensor.overlap(each, tensor) then return true end
    if same_shape(each, tensor) then
      box.hashes[i] = box.hashes[i] or hash(each)
      if box.hashes[i] == hash(tensor) then return true end
    end
  end
  return false
end

--- Puts the inputs of test data under guard.
-- @tparam table owner an experiment; the guard ends with it
-- @tparam {tensor,...} tensors
-- @tparam function on_use function({ what = "evaluate at lab.lua:31", key = string })
function lockbox.seal(owner, tensors, on_use)
  boxes[owner] = { tensors = tensors, hashes = {}, on_use = on_use }
  for tensor, uses in pairs(early) do
    if is_in(boxes[owner], tensor) then
      for _, use in ipairs(uses) do on_use(use) end
    end
  end
end

-- How a model came about: what was found out about it in an earlier run is found out again, even where the script was
-- edited elsewhere, or another build of nnrun gives other last bits. Of a model that was not trained here, its weights.
local function key_of(model, verb)
  if model.trial_id or model.epochs_seen then
    local compile = model:compile_config()
    return hash(verb, json.encode {
      model = model:to_json(), compile = digest.stored(compile), trial = model.trial_id, seed = model.seed,
      epochs = model.epochs_seen, steps = model.optimizer and model.optimizer:calls(),
    })
  end
  local tensors = {}
  for i, entry in ipairs(model:named_weights()) do tensors[i] = entry.tensor end
  return hash(verb, table.unpack(tensors))
end

--- Tells what a model is about to see.
-- @tparam table model
-- @tparam {tensor,...} tensors inputs
-- @tparam string verb "evaluate"
function lockbox.touch(model, tensors, verb)
  if silent > 0 or #tensors == 0 then return end
  local use
  local function described()
    use = use or { what = ("%s at %s"):format(verb, (blame.here():gsub(":? *$", ""))) }
    use.key = use.key or key_of(model, verb)
    return use
  end
  if next(boxes) == nil then
    local uses = early[tensors[1]] or {}
    uses[#uses + 1], early[tensors[1]] = described(), uses
  end
  for _, box in pairs(boxes) do
    if is_in(box, tensors[1]) then box.on_use(described()) end
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
