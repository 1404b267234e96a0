--- Learning rates that change with the updates (`nn.optimizers.schedules`), with Keras' names, defaults and formulas.
--
-- A schedule is given to an optimizer as its learning_rate, and can be asked directly: with a number it gives the
-- rate at that update (the first is 0), with a list or a tensor of numbers a list or a tensor of rates.
--
--     local rate = nn.optimizers.schedules.ExponentialDecay{ 0.1, decay_steps = 1000, decay_rate = 0.9 }
--     rate(500)                                                        --> 0.0949
--     model:compile{ optimizer = nn.optimizers.SGD{ rate }, loss = "mse" }
--
-- A function of the number of the update does as well: `learning_rate = function(step) return 1 / (10 + step) end`.
-- @module nn.optimizers.schedules
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local Family = require "nn.support.family"
local tensor = require "nn.tensor"

local required = arguments.required
local schedules, family = Family.new("schedule", "optimizers.schedules")
schedules.family = family

-- Calls rate(number) for each number of what may be a number, a list or a tensor.
local function each(steps, rate)
  if type(steps) == "number" then return rate(steps) end
  if tensor.is_tensor(steps) then return tensor.tensor(each(steps:totable(), rate)) end
  if type(steps) ~= "table" then
    blame("schedule: expected a step, or a list or tensor of steps, got %s", blame.got(steps))
  end
  local rates = {}
  for i, step in ipairs(steps) do rates[i] = each(step, rate) end
  return rates
end

local function number(a, class, name)
  if type(a[name]) ~= "number" or a[name] ~= a[name] then
    blame("%s: %s: expected a number, got %s", class, name, blame.got(a[name]))
  end
end

local function above_zero(a, class, name)
  number(a, class, name)
  if a[name] <= 0 then blame("%s: %s: expected a number above 0, got %g", class, name, a[name]) end
end

local CHECKS = { decay_steps = above_zero, first_decay_steps = above_zero, t_mul = above_zero }

-- Every argument with a default that is a number, or none, is a number.
local function check(class, list, a)
  for _, entry in ipairs(list) do
    local name, default = entry[1], entry[2]
    local optional = default == nil and a[name] == nil
    if not optional and type(default) ~= "boolean" and type(default) ~= "string" then
      (CHECKS[name] or number)(a, class, name)
    end
  end
end

--- @tparam string class
-- @tparam {{string,any},...} list arguments and defaults
-- @tparam function rate from all arguments and a step to the rate
-- @tparam[opt] function own_check of the arguments, in place of the one for numbers
local function define(class, list, rate, own_check)
  local methods = {}

  function methods:__call(steps)
    return each(steps, function(step) return rate(self.arguments, step) end)
  end

  family.define {
    class = class, arguments = list, methods = methods,
    check = function(a) (own_check or check)(class, list, a) end,
  }
end

--- Its arguments, as the constructor takes them.
-- @function schedule:get_config
-- @treturn table
-- @usage local same = nn.optimizers.schedules.CosineDecay(schedule:get_config())

--- The class and arguments of a schedule as plain values.
-- @function serialize
-- @tparam table schedule
-- @treturn table { class_name =, config = }
-- @usage nn.optimizers.schedules.serialize(schedule)
schedules.serialize = family.serialize

--- The schedule that stands for such a table.
-- @function deserialize
-- @tparam table config
-- @treturn table the schedule
-- @usage nn.optimizers.schedules.deserialize(nn.optimizers.schedules.serialize(schedule))
function schedules.deserialize(config) return family.get(config, "schedules.deserialize") end

local function decays(a, step)
  local part = step / a.decay_steps
  return a.staircase and math.floor(part) or part
end

--- initial_learning_rate * decay_rate ^ (step / decay_steps).
-- @function ExponentialDecay
-- @tparam number initial_learning_rate
-- @tparam number decay_steps updates in which the rate is multiplied by decay_rate once
-- @tparam number decay_rate
-- @tparam[opt=false] boolean staircase whole decays only: the rate stays the same in between
-- @tparam[opt="ExponentialDecay"] string name
-- @usage nn.optimizers.schedules.ExponentialDecay{ 0.1, decay_steps = 1000, decay_rate = 0.9, staircase = true }
define("ExponentialDecay", {
  { "initial_learning_rate", required }, { "decay_steps", required }, { "decay_rate", required },
  { "staircase", false }, { "name", "ExponentialDecay" },
}, function(a, step)
  return a.initial_learning_rate * a.decay_rate ^ decays(a, step)
end)

--- initial_learning_rate / (1 + decay_rate * step / decay_steps).
-- @function InverseTimeDecay
-- @tparam number initial_learning_rate
-- @tparam number decay_steps
-- @tparam number decay_rate
-- @tparam[opt=false] boolean staircase
-- @tparam[opt="InverseTimeDecay"] string name
-- @usage nn.optimizers.schedules.InverseTimeDecay{ 0.1, decay_steps = 100, decay_rate = 0.5 }
define("InverseTimeDecay", {
  { "initial_learning_rate", required }, { "decay_steps", required }, { "decay_rate", required },
  { "staircase", false }, { "name", "InverseTimeDecay" },
}, function(a, step)
  return a.initial_learning_rate / (1 + a.decay_rate * decays(a, step))
end)

--- From one rate to another in decay_steps updates, along (1 - step / decay_steps) ^ power.
-- @function PolynomialDecay
-- @tparam number initial_learning_rate
-- @tparam number decay_steps
-- @tparam[opt=0.0001] number end_learning_rate
-- @tparam[opt=1] number power
-- @tparam[opt=false] boolean cycle after the end, decay again over twice, three times ... as many updates
-- @tparam[opt="PolynomialDecay"] string name
-- @usage nn.optimizers.schedules.PolynomialDecay{ 0.1, decay_steps = 1000, end_learning_rate = 0.01, power = 0.5 }
define("PolynomialDecay", {
  { "initial_learning_rate", required }, { "decay_steps", required }, { "end_learning_rate", 0.0001 }, { "power", 1.0 },
  { "cycle", false }, { "name", "PolynomialDecay" },
}, function(a, step)
  local length = a.decay_steps * (a.cycle and math.max(1, math.ceil(step / a.decay_steps)) or 1)
  local left = 1 - math.min(step, length) / length
  return (a.initial_learning_rate - a.end_learning_rate) * left ^ a.power + a.end_learning_rate
end)

local function check_pieces(class, _, a)
  for _, name in ipairs { "boundaries", "values" } do
    if type(a[name]) ~= "table" then
      blame("%s: %s: expected a list of numbers, got %s", class, name, blame.got(a[name]))
    end
    for i in ipairs(a[name]) do number(a[name], class .. ": " .. name, i) end
  end
  if #a.values ~= #a.boundaries + 1 then
    blame("%s: values: expected one more than the %d boundaries, got %d", class, #a.boundaries, #a.values)
  end
  for i = 2, #a.boundaries do
    if a.boundaries[i] < a.boundaries[i - 1] then blame("%s: boundaries: expected them to grow", class) end
  end
end

--- values[1] up to and including step boundaries[1], then values[2] up to boundaries[2], and so on.
-- @function PiecewiseConstantDecay
-- @tparam {number,...} boundaries steps, growing
-- @tparam {number,...} values one more
-- @tparam[opt="PiecewiseConstant"] string name
-- @usage nn.optimizers.schedules.PiecewiseConstantDecay{ { 1000, 2000 }, { 0.1, 0.05, 0.01 } }
define("PiecewiseConstantDecay", {
  { "boundaries", required }, { "values", required }, { "name", "PiecewiseConstant" },
}, function(a, step)
  for i, boundary in ipairs(a.boundaries) do
    if step <= boundary then return a.values[i] end
  end
  return a.values[#a.values]
end, check_pieces)

-- From 1 to alpha as part goes from 0 to 1, along half a wave.
local function cosine(part, alpha, height)
  return (1 - alpha) * 0.5 * height * (1 + math.cos(math.pi * part)) + alpha
end

--- Half a cosine wave from initial_learning_rate down to alpha times it, in decay_steps updates. With warmup_target the
-- rate first grows, in warmup_steps updates, in a straight line to that, and decays from there.
-- @function CosineDecay
-- @tparam number initial_learning_rate
-- @tparam number decay_steps without the warm-up
-- @tparam[opt=0] number alpha lowest rate, as a fraction of the highest
-- @tparam[opt="CosineDecay"] string name
-- @tparam[opt] number warmup_target
-- @tparam[opt=0] number warmup_steps
-- @usage nn.optimizers.schedules.CosineDecay{ 0, decay_steps = 9000, warmup_target = 0.1, warmup_steps = 1000 }
define("CosineDecay", {
  { "initial_learning_rate", required }, { "decay_steps", required }, { "alpha", 0.0 }, { "name", "CosineDecay" },
  { "warmup_target" }, { "warmup_steps", 0 },
}, function(a, step)
  local highest, warmup = a.warmup_target or a.initial_learning_rate, a.warmup_target and a.warmup_steps or 0
  if step < warmup then return a.initial_learning_rate + (highest - a.initial_learning_rate) * step / warmup end
  return highest * cosine(math.min(step - warmup, a.decay_steps) / a.decay_steps, a.alpha, 1)
end)

-- Which cosine a step lies in, from 0, and how far along.
local function cycle_of(part, growth)
  if growth == 1 then return math.floor(part), part % 1 end
  local cycle, length = 0, 1
  while part >= length do
    part, cycle, length = part - length, cycle + 1, length * growth
  end
  return cycle, part / length
end

local function check_restarts(class, list, a)
  check(class, list, a)
  if a.t_mul < 1 then blame("%s: t_mul: expected at least 1, got %g", class, a.t_mul) end
end

--- One cosine decay after the other: the next is t_mul times as long and m_mul times as high.
-- @function CosineDecayRestarts
-- @tparam number initial_learning_rate
-- @tparam number first_decay_steps
-- @tparam[opt=2] number t_mul at least 1
-- @tparam[opt=1] number m_mul
-- @tparam[opt=0] number alpha
-- @tparam[opt="SGDRDecay"] string name
-- @usage nn.optimizers.schedules.CosineDecayRestarts{ 0.1, first_decay_steps = 1000 }
define("CosineDecayRestarts", {
  { "initial_learning_rate", required }, { "first_decay_steps", required }, { "t_mul", 2.0 }, { "m_mul", 1.0 },
  { "alpha", 0.0 }, { "name", "SGDRDecay" },
}, function(a, step)
  local cycle, part = cycle_of(step / a.first_decay_steps, a.t_mul)
  return a.initial_learning_rate * cosine(part, a.alpha, a.m_mul ^ cycle)
end, check_restarts)

return arguments.limit_all(schedules)
