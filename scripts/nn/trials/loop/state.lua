--- What a training loop of a script's own works on, as plain data and tensors: models, layers, optimizers, metrics,
-- datasets, variables and tensors, by name, beside numbers and texts. So a loop can go on where a killed one stopped.
local blame = require "nn.support.blame"
local graphs = require "nn.models.graphs"
local is_model = require "nn.models.is_model"
local layer = require "nn.layers.base"
local metrics = require "nn.metrics"
local metric_state = require "nn.metrics.state"
local model_state = require "nn.models.run.state"
local optimizers = require "nn.optimizers"
local snapshot = require "nn.tensor.snapshot"
local Dataset = require "nn.data".Dataset
local tensor = require "nn.tensor"

local state = {}

local PLAIN = { number = true, string = true, boolean = true }

-- Copies values into tensors, which stay the same ones.
local function assign(tensors, values)
  for i, t in ipairs(tensors) do t[{}] = values[i] end
end

local function copies(tensors)
  local list = {}
  for i, t in ipairs(tensors) do list[i] = t:copy() end
  return list
end

local function layer_state(self) return { weights = copies(self.weights) } end

local function restore_layer(self, saved) self:set_weights(saved.weights) end

local function state_of_model(self)
  return { weights = copies(self.weights), seed = self.seed, epochs_seen = self.epochs_seen,
    steps = graphs.steps(self), kept = model_state.kept(self) }
end

local function restore_model(self, saved)
  self:set_weights(saved.weights)
  model_state.restore_kept(self, saved.kept)
  self.seed, self.epochs_seen = saved.seed, saved.epochs_seen
  graphs.set_steps(self, saved.steps)
end

-- An optimizer's state vectors belong to variables, which the other things have.
local function optimizer_state(self, variables, name)
  local saved, count = { calls = self:calls(), slots = {} }, 0
  if type(self.learning_rate) == "number" then saved.learning_rate = self.learning_rate end
  for i, variable in ipairs(variables) do
    local slots = self.slots:find(variable)
    saved.slots[i] = slots and copies(slots) or false
    count = count + (slots and 1 or 0)
  end
  if count == 0 and saved.calls > 0 and #self:slot_names() > 0 then
    blame("state: the optimizer %s has updated variables of which none is in the state; name their model too", name)
  end
  return saved
end

local function restore_optimizer(self, saved, variables)
  self:set_calls(saved.calls)
  if saved.learning_rate then self.learning_rate = saved.learning_rate end
  local updated, values = {}, {}
  for i, variable in ipairs(variables) do
    if saved.slots[i] then updated[#updated + 1], values[#values + 1] = variable, saved.slots[i] end
  end
  for i, slots in ipairs(self:slots_of(updated)) do assign(slots, values[i]) end
end

local KINDS = {
  { name = "model", is = is_model, of = state_of_model, restore = restore_model,
    variables = function(self) return self.weights end },
  { name = "layer", is = layer.is, of = layer_state, restore = restore_layer,
    variables = function(self) return self.weights end },
  { name = "tensor", is = tensor.is_tensor, of = function(self) return self:copy() end,
    restore = function(self, saved) self[{}] = saved end, variables = function(self) return { self } end },
  { name = "metric", is = metrics.family.is, of = function(self) return metric_state.of { { metric = self } } end,
    restore = function(self, saved) metric_state.restore({ { metric = self } }, saved) end },
  { name = "dataset", is = Dataset.is,
    of = function(self) return { seed = rawget(self, "seed"), passes = rawget(self, "passes") } end,
    restore = function(self, saved)
      rawset(self, "seed", saved.seed)
      rawset(self, "passes", saved.passes)
    end },
  { name = "optimizer", is = optimizers.family.is, of = optimizer_state, restore = restore_optimizer },
}

local function kind_of(value)
  for _, kind in ipairs(KINDS) do
    if kind.is(value) then return kind end
  end
end

-- The names of a table in an order that is always the same.
local function keys_of(list)
  local keys = {}
  for key in pairs(list) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return type(a) .. tostring(a) < type(b) .. tostring(b) end)
  return keys
end

local function is_list(value) return type(value) == "table" and getmetatable(value) == nil end

-- Calls a function with each thing in a table and in the tables within, its place there and the table that holds it.
local function for_each(list, visit, place)
  for _, key in ipairs(keys_of(list)) do
    local value, name = list[key], place and place .. "." .. tostring(key) or tostring(key)
    if is_list(value) then for_each(value, visit, name) else visit(value, name, list, key) end
  end
end

-- All variables that the things have, each once.
local function variables_of(things)
  local variables, seen = {}, {}
  for_each(things, function(value)
    local kind = kind_of(value)
    for _, variable in ipairs(kind and kind.variables and kind.variables(value) or {}) do
      if not seen[variable] then variables[#variables + 1], seen[variable] = variable, true end
    end
  end)
  return variables
end

--- Raises an error where something cannot be kept.
-- @tparam table things by name
function state.check(things)
  if not is_list(things) then
    blame("state: expected a table of models, optimizers, variables and the like by name, got %s", blame.got(things))
  end
  for_each(things, function(value, name)
    if not (PLAIN[type(value)] or kind_of(value)) then
      blame("state: %s: expected a model, a layer, an optimizer, a metric, a dataset, a variable, a tensor, a number "
        .. "or a text, got %s", name, blame.got(value))
    end
  end)
end

--- Where something is among the things.
-- @tparam table things
-- @param wanted
-- @treturn ?string its place, such as "own.generator"; nil if it is not there
function state.place_of(things, wanted)
  local found
  for_each(things, function(value, name)
    if rawequal(value, wanted) then found = found or name end
  end)
  return found
end

--- What is at a place.
function state.at(things, place)
  local found
  for_each(things, function(value, name)
    if name == place then found = value end
  end)
  return found
end

--- The things' state.
-- @tparam table things by name, in tables within if need be
-- @treturn table plain data and tensors
function state.of(things)
  local saved, variables = {}, variables_of(things)
  for_each(things, function(value, name)
    local kind = kind_of(value)
    saved[name] = { kind = kind and kind.name or "plain", value = value }
    if kind then saved[name].value = kind.of(value, variables, name) end
  end)
  return snapshot.can_store(saved) and saved or blame "state: it holds what cannot be kept"
end

--- Makes things as they were. Numbers and texts are set in the table.
-- @tparam table things made anew, under the same names
-- @tparam table saved what `state.of` gave
-- @treturn boolean whether it fits them; if not, nothing was changed
function state.restore(things, saved)
  local fits, variables = true, variables_of(things)
  for_each(things, function(value, name)
    local kind = kind_of(value)
    fits = fits and saved[name] ~= nil and saved[name].kind == (kind and kind.name or "plain")
  end)
  if not fits then return false end
  local found = {} -- tables must not change while they are walked through
  for_each(things, function(...) found[#found + 1] = { ... } end)
  for _, each in ipairs(found) do
    local value, name, list, key = table.unpack(each)
    local kind = kind_of(value)
    if kind then kind.restore(value, saved[name].value, variables) else list[key] = saved[name].value end
  end
  return true
end

return state
