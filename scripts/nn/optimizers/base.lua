--- What all optimizers share: the options every one takes, the learning rate, the count of updates, the state vectors.
--
-- `learning_rate` can be assigned at any time; `iterations` counts updates (with gradient_accumulation_steps several
-- gradients make one). There is one count; state vectors, such as Adam's moments, belong to each variable, whether
-- `fit`, `train_on_batch` or `apply_gradients` updates it, and for however many models.
-- @submodule nn.optimizers
local registry = require "engine.registry"
local engine = require "engine.tensor"
local objects = require "engine.objects"
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local Family = require "nn.support.family"
local multipliers = require "nn.optimizers.multipliers"
local learned = require "nn.experiment.learned"
local rules = require "engine.rules"
local schedules = require "nn.optimizers.schedules"
local Slots = require "nn.optimizers.slots"
local tensor = require "nn.tensor"
local known_variables = require "nn.tape.variables"

local optimizer = {}

-- The arguments of every optimizer besides its own, in Keras' order.
optimizer.options = {
  { "weight_decay" }, { "clipnorm" }, { "clipvalue" }, { "global_clipnorm" }, { "use_ema", false },
  { "ema_momentum", 0.99 }, { "ema_overwrite_frequency" }, { "loss_scale_factor" }, { "gradient_accumulation_steps" },
  { "learning_rate_multipliers" },
}

-- A number, a schedule (also as stored), or anything that can be called.
local function learning_rate(class, rate)
  if type(rate) == "table" and rate.class_name then return schedules.family.get(rate, "learning_rate") end
  local meta = type(rate) == "table" and getmetatable(rate)
  local callable = type(rate) == "function" or meta and meta.__call
  if not callable and (type(rate) ~= "number" or rate < 0 or rate ~= rate) then
    blame("%s: learning_rate: expected a number of at least 0 or a schedule, got %s", class, blame.got(rate))
  end
  return rate
end

local methods = {}
optimizer.methods = methods

-- The engine's arguments.
-- @treturn table
function methods:config()
  local values = {}
  for _, name in ipairs(self.fields) do values[name] = self.arguments[name] end
  return values
end

--- All arguments as plain values, the learning rate as it is now.
-- @function optimizer:get_config
-- @treturn table as the constructor takes it
-- @usage nn.optimizers.Adam(optimizer:get_config())
function methods:get_config()
  local config = {}
  for name, value in pairs(self.arguments) do config[name] = value end
  local rate = self.learning_rate
  config.learning_rate = type(rate) == "function" and rate or Family.plain(rate)
  return config
end

-- What it stands for in a digest (see nn.digest); its state belongs to the variables.
function methods:__digest()
  return { self.class_name, self:get_config(), self.iterations, self.accumulated }
end

--- The learning rate at an update.
-- @function optimizer:rate_at
-- @tparam[opt] integer iteration updates done before (as many as there were)
-- @treturn number
-- @usage print(optimizer:rate_at(1000))
function methods:rate_at(iteration)
  local rate = learning_rate(self.class_name, self.learning_rate)
  if type(rate) == "number" then return rate end
  local value = rate(iteration or self.iterations)
  if type(value) ~= "number" or value ~= value or value < 0 then
    blame("%s: the schedule gave %s for a rate", self.class_name, tostring(value))
  end
  return value
end

-- The state vectors of variables, made where there are none.
-- @tparam {tensor,...} variables
-- @treturn {{tensor,...},...} of each variable, in the order of slot_names
function methods:slots_of(variables)
  return self.slots:of(objects.slots(self.engine, self:config()), variables)
end

-- The names of the state vectors, such as "momentum".
-- @treturn {string,...}
function methods:slot_names()
  local list = {}
  for i, slot in ipairs(objects.slots(self.engine, self:config())) do list[i] = slot.name end
  return list
end

-- How many gradients it has seen.
-- @treturn integer
function methods:calls()
  return self.iterations * self.steps + self.accumulated
end

-- Sets how many gradients it has seen.
-- @tparam integer calls
function methods:set_calls(calls)
  self.iterations, self.accumulated = calls // self.steps, calls % self.steps
end

-- What the learning rate of each variable is multiplied by. Names of layers that the model has not are an error.
-- @tparam {tensor,...} variables those that are trained
-- @tparam table model
-- @treturn {number,...}
function methods:rate_factors_of(variables, model)
  local given = self.arguments.learning_rate_multipliers
  multipliers.check_names(self.class_name, given, model)
  return multipliers.of_all(given, variables)
end

-- ---- updates by a script's own gradients ---------------------------------------------------------------------------

local function entry_for(what, index, pair, changes_gradients)
  if type(pair) ~= "table" or pair[1] == nil or not tensor.is_tensor(pair[2]) then
    blame("%s: expected { gradient, variable } at position %d, the variable a float32 tensor", what, index)
  end
  local gradient, variable = align.floats(pair[1]), pair[2]
  if not engine.have_same_shape(gradient, variable) then
    blame("%s: gradient of shape %s for a variable of shape %s", what, align.text(gradient.shape),
      align.text(variable.shape))
  end
  return { changes_gradients and gradient:copy() or gradient, variable }
end

-- Says once of an optimizer that variables were left as they are.
local function warn_of_skipped(self, what, skipped)
  if self.has_warned or #skipped == 0 then return end
  self.has_warned = true
  io.stderr:write(("%s%s: no gradient (false) for %s, which stay as they are\n"):format(blame.here(), what,
    table.concat(skipped, ", ")))
end

-- The pairs that have a gradient, as the engine takes them.
local function entries_of(self, what, pairs_)
  local entries, skipped, a = {}, {}, self.arguments
  local changes_gradients = a.clipnorm or a.clipvalue or a.global_clipnorm or self.steps > 1
  for index, pair in ipairs(pairs_) do
    if type(pair) == "table" and pair[1] == false then
      skipped[#skipped + 1] = pair[2] and known_variables.name_of(pair[2]) or "variable " .. index
    else
      entries[#entries + 1] = entry_for(what, index, pair, changes_gradients)
    end
  end
  warn_of_skipped(self, what, skipped)
  return entries
end

-- Brings a variable within the limits that its layer has for it.
local function constrain(variable)
  local own = known_variables.rules_of(variable).constraint
  if own and own.is_own then variable[{}] = own(variable:copy()) end
  local constraint = known_variables.constraint_of(variable)
  if constraint then variable[{}] = rules.constrain(constraint, variable, known_variables.name_of(variable)) end
end

local function update(self, what, pairs_)
  if type(pairs_) ~= "table" then
    blame("%s: expected a list of { gradient, variable }, got %s", what, blame.got(pairs_))
  end
  local entries, changed = entries_of(self, what, pairs_), {}
  for i, entry in ipairs(entries) do changed[i] = entry[2] end
  local states = self.slots:find_all(changed) or self:slots_of(changed)
  local factors = multipliers.of_all(self.arguments.learning_rate_multipliers, changed)
  for i, entry in ipairs(entries) do entry[3], entry[4] = states[i], factors[i] end
  objects.apply_gradients(self.engine, self:config(), self:calls(), self:rate_at(), entries)
  for _, variable in ipairs(changed) do constrain(variable) end
  learned.note(changed)
  self:set_calls(self:calls() + 1)
end

--- One update of each variable by its gradient. Weights of layers stay within the layers' constraints. A variable whose
-- gradient is false stays as it is, which is said once.
-- @function optimizer:apply_gradients
-- @tparam {{tensor,tensor},...} pairs_ gradient and variable; a variable is a contiguous float32 tensor
-- @raise where shapes differ
-- @usage optimizer:apply_gradients{ { gradient, variable } }
function methods:apply_gradients(pairs_) update(self, "apply_gradients", pairs_) end

--- The same from two lists.
-- @function optimizer:apply
-- @tparam {tensor,...} gradients
-- @tparam {tensor,...} trainable_variables
-- @raise where their lengths or shapes differ
-- @usage optimizer:apply({ gradient }, { variable })
function methods:apply(gradients, trainable_variables)
  if type(gradients) ~= "table" or type(trainable_variables) ~= "table" then
    blame("apply: expected a list of gradients and a list of variables, got %s and %s", blame.got(gradients),
      blame.got(trainable_variables))
  elseif #gradients ~= #trainable_variables then
    blame("apply: got %d gradients for %d variables", #gradients, #trainable_variables)
  end
  local list = {}
  for i, gradient in ipairs(gradients) do list[i] = { gradient, trainable_variables[i] } end
  update(self, "apply", list)
end

--- With use_ema: the variables become their moving averages, as `fit` does after the last epoch.
-- @function optimizer:finalize_variable_values
-- @tparam {tensor,...} variables
-- @usage optimizer:finalize_variable_values{ variable }
function methods:finalize_variable_values(variables)
  if not self.arguments.use_ema then return end
  for index, variable in ipairs(variables) do
    local state = self.slots:find(variable)
    if not state then blame("finalize_variable_values: variable %d was never updated", index) end
    variable[{}] = state[#state]
  end
end

local function check_options(class, a)
  local clips = {}
  for _, name in ipairs { "clipnorm", "clipvalue", "global_clipnorm" } do
    if a[name] then clips[#clips + 1] = name end
  end
  if #clips > 1 then blame("%s: only one of %s can be given", class, table.concat(clips, " and ")) end
  if a.loss_scale_factor then
    blame("%s: loss_scale_factor: losses are not scaled here: all numbers are float32", class)
  end
  multipliers.check(class, a.learning_rate_multipliers)
end

-- Makes an object of checked arguments ready for work.
-- @tparam table object an object of the family, its arguments bound
function optimizer.prepare(object)
  local a, class = object.arguments, object.class_name
  check_options(class, a)
  registry.check_optimizer(object.engine, object:config(), class)
  a.learning_rate = learning_rate(class, a.learning_rate)
  object.learning_rate, object.iterations, object.accumulated = a.learning_rate, 0, 0
  object.steps, object.slots = a.gradient_accumulation_steps or 1, Slots.new()
end

return optimizer
