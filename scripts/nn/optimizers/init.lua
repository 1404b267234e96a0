--- Optimizers (`nn.optimizers`), with Keras' names, defaults and formulas.
--
-- Given to `compile`, or used alone: `nn.optimizers.Adam{ 1e-3 }:apply_gradients{ { gradient, variable } }`
-- updates the variables (float32 tensors) in place. The learning rate is a number, one of
-- `nn.optimizers.schedules`, or a function of the number of the update.
--
-- Every optimizer also takes:
--
-- - `weight_decay`: before each update variables shrink by this times the learning rate;
-- - one of `clipnorm` (longest gradient of each variable), `global_clipnorm` (of all together) and `clipvalue` (largest
--   number in a gradient);
-- - `use_ema` (false): keep a moving average of the variables, with `ema_momentum` (0.99); `fit` ends with the averages
--   in their place, and with `ema_overwrite_frequency` they take it after every so many updates;
-- - `gradient_accumulation_steps`: one update by the mean of so many gradients;
-- - `learning_rate_multipliers`: what the learning rate is multiplied by, by the name of a layer, of one of its
--   weights, or by a beginning of such names and a star:
--   `{ dense_1 = 0.1, ["conv_pw_13*"] = 0.01, ["dense_2/bias"] = 2 }`; other layers have the rate itself. Of several
--   that fit, the longest counts;
-- - `name`.
--
-- `learning_rate` can be assigned, `iterations` counts updates, `get_config()` gives all arguments.
-- @module nn.optimizers
local blame = require "nn.support.blame"
local Family = require "nn.support.family"
local optimizer = require "nn.optimizers.base"

local optimizers, family = Family.new("optimizer", "optimizers", { settable = { "learning_rate", "iterations" } })

-- The learning rates that change with the updates.
optimizers.schedules = require "nn.optimizers.schedules"

local IN_LUA = { learning_rate = true, loss_scale_factor = true, learning_rate_multipliers = true }

-- The fields of the engine: all arguments but the rate and those that Lua alone knows.
local function fields_of(list)
  local fields = {}
  for _, entry in ipairs(list) do
    if not IN_LUA[entry[1]] then fields[#fields + 1] = entry[1] end
  end
  return fields
end

local function has(list, name)
  for _, entry in ipairs(list) do
    if entry[1] == name then return true end
  end
end

--- @tparam string class
-- @tparam {{string,any},...} list its own arguments and defaults, from learning_rate on
-- @tparam[opt] table special engine: the rule's name there; name: the object's; check: of the arguments
local function define(class, list, special)
  for _, option in ipairs(optimizer.options) do
    if not has(list, option[1]) then list[#list + 1] = option end
  end
  local own = { engine = special and special.engine or class:lower(), fields = fields_of(list) }
  list[#list + 1] = { "name", special and special.name or class:lower() }
  family.define {
    class = class, arguments = list, methods = setmetatable(own, { __index = optimizer.methods }),
    check = function(a, object)
      optimizer.prepare(object)
      if special and special.check then special.check(a) end
    end,
  }
end

--- Gradient descent, with momentum where asked.
-- @function SGD
-- @tparam[opt=0.01] number learning_rate
-- @tparam[opt=0] number momentum
-- @tparam[opt=false] boolean nesterov
-- @usage nn.optimizers.SGD{ 0.1, momentum = 0.9, nesterov = true }
define("SGD", { { "learning_rate", 0.01 }, { "momentum", 0.0 }, { "nesterov", false } }, { name = "SGD" })

--- The gradient divided by its running root mean square.
-- @function RMSprop
-- @tparam[opt=0.001] number learning_rate
-- @tparam[opt=0.9] number rho
-- @tparam[opt=0] number momentum
-- @tparam[opt=1e-7] number epsilon
-- @tparam[opt=false] boolean centered divide by the deviation from the running mean instead
-- @usage nn.optimizers.RMSprop{ 0.001, rho = 0.95 }
define("RMSprop", {
  { "learning_rate", 0.001 }, { "rho", 0.9 }, { "momentum", 0.0 }, { "epsilon", 1e-7 }, { "centered", false },
})

--- Adaptive moments.
-- @function Adam
-- @tparam[opt=0.001] number learning_rate
-- @tparam[opt=0.9] number beta_1
-- @tparam[opt=0.999] number beta_2
-- @tparam[opt=1e-7] number epsilon
-- @tparam[opt=false] boolean amsgrad
-- @usage nn.optimizers.Adam{ learning_rate = 1e-4 }
define("Adam", {
  { "learning_rate", 0.001 }, { "beta_1", 0.9 }, { "beta_2", 0.999 }, { "epsilon", 1e-7 }, { "amsgrad", false },
})

--- Adam with weight decay.
-- @function AdamW
-- @tparam[opt=0.001] number learning_rate
-- @tparam[opt=0.004] number weight_decay
-- @tparam[opt=0.9] number beta_1
-- @tparam[opt=0.999] number beta_2
-- @tparam[opt=1e-7] number epsilon
-- @tparam[opt=false] boolean amsgrad
-- @usage nn.optimizers.AdamW{ 0.001, weight_decay = 0.01 }
define("AdamW", {
  { "learning_rate", 0.001 }, { "weight_decay", 0.004 }, { "beta_1", 0.9 }, { "beta_2", 0.999 }, { "epsilon", 1e-7 },
  { "amsgrad", false },
}, { engine = "adam", name = "adamw" })

--- Adam with the largest gradient in place of the second moment.
-- @function Adamax
-- @tparam[opt=0.001] number learning_rate
-- @tparam[opt=0.9] number beta_1
-- @tparam[opt=0.999] number beta_2
-- @tparam[opt=1e-7] number epsilon
-- @usage nn.optimizers.Adamax{ 0.002 }
define("Adamax", { { "learning_rate", 0.001 }, { "beta_1", 0.9 }, { "beta_2", 0.999 }, { "epsilon", 1e-7 } })

--- Adam with Nesterov's momentum.
-- @function Nadam
-- @tparam[opt=0.001] number learning_rate
-- @tparam[opt=0.9] number beta_1
-- @tparam[opt=0.999] number beta_2
-- @tparam[opt=1e-7] number epsilon
-- @usage nn.optimizers.Nadam{ 0.002 }
define("Nadam", { { "learning_rate", 0.001 }, { "beta_1", 0.9 }, { "beta_2", 0.999 }, { "epsilon", 1e-7 } })

--- The gradient divided by the root of the sum of all its squares so far.
-- @function Adagrad
-- @tparam[opt=0.001] number learning_rate
-- @tparam[opt=0.1] number initial_accumulator_value
-- @tparam[opt=1e-7] number epsilon
-- @usage nn.optimizers.Adagrad{ 0.01 }
define("Adagrad", { { "learning_rate", 0.001 }, { "initial_accumulator_value", 0.1 }, { "epsilon", 1e-7 } })

--- Steps in the units of the variable.
-- @function Adadelta
-- @tparam[opt=0.001] number learning_rate the paper's is 1
-- @tparam[opt=0.95] number rho
-- @tparam[opt=1e-7] number epsilon
-- @usage nn.optimizers.Adadelta{ 1.0 }
define("Adadelta", { { "learning_rate", 0.001 }, { "rho", 0.95 }, { "epsilon", 1e-7 } })

--- Second moments from the means of rows and columns.
-- @function Adafactor
-- @tparam[opt=0.001] number learning_rate
-- @tparam[opt=-0.8] number beta_2_decay
-- @tparam[opt=1e-30] number epsilon_1
-- @tparam[opt=0.001] number epsilon_2
-- @tparam[opt=1] number clip_threshold
-- @tparam[opt=true] boolean relative_step as in Keras, the rate is at most 1 / sqrt(update) whatever this says
-- @usage nn.optimizers.Adafactor{ 0.01 }
define("Adafactor", {
  { "learning_rate", 0.001 }, { "beta_2_decay", -0.8 }, { "epsilon_1", 1e-30 }, { "epsilon_2", 1e-3 },
  { "clip_threshold", 1.0 }, { "relative_step", true },
})

--- "Follow the regularized leader": many weights become exactly 0.
-- @function Ftrl
-- @tparam[opt=0.001] number learning_rate
-- @tparam[opt=-0.5] number learning_rate_power at most 0
-- @tparam[opt=0.1] number initial_accumulator_value
-- @tparam[opt=0] number l1_regularization_strength
-- @tparam[opt=0] number l2_regularization_strength
-- @tparam[opt=0] number l2_shrinkage_regularization_strength
-- @tparam[opt=0] number beta
-- @usage nn.optimizers.Ftrl{ 0.1, l1_regularization_strength = 0.01 }
define("Ftrl", {
  { "learning_rate", 0.001 }, { "learning_rate_power", -0.5 }, { "initial_accumulator_value", 0.1 },
  { "l1_regularization_strength", 0.0 }, { "l2_regularization_strength", 0.0 },
  { "l2_shrinkage_regularization_strength", 0.0 }, { "beta", 0.0 },
})

--- The sign of the momentum alone: every number of a variable moves by exactly the learning rate.
-- @function Lion
-- @tparam[opt=0.001] number learning_rate
-- @tparam[opt=0.9] number beta_1 above 0
-- @tparam[opt=0.99] number beta_2
-- @usage nn.optimizers.Lion{ 1e-4 }
define("Lion", { { "learning_rate", 0.001 }, { "beta_1", 0.9 }, { "beta_2", 0.99 } }, {
  check = function(a)
    if a.beta_1 == 0 then blame "Lion: beta_1: expected a number above 0 and at most 1, got 0" end
  end,
})

--- Adam whose step is as long as the variable is large, for large batches.
-- @function Lamb
-- @tparam[opt=0.001] number learning_rate
-- @tparam[opt=0.9] number beta_1
-- @tparam[opt=0.999] number beta_2
-- @tparam[opt=1e-7] number epsilon
-- @usage nn.optimizers.Lamb{ 0.01 }
define("Lamb", { { "learning_rate", 0.001 }, { "beta_1", 0.9 }, { "beta_2", 0.999 }, { "epsilon", 1e-7 } })

--- The optimizer that a user's value stands for.
-- `serialize` gives an object's class and arguments as plain values, from which `deserialize` (or `get`) makes another.
-- @function get
-- @param value a name such as "adam", an object, or { class_name =, config = }
-- @treturn table the object
-- @raise where there is none of that name; the error tells the nearest
-- @usage
-- local object = nn.optimizers.get "adam"
-- print(nn.optimizers.deserialize(nn.optimizers.serialize(object)).class_name)
function optimizers.get(value) return family.get(value, "optimizer") end
optimizers.serialize, optimizers.deserialize = family.serialize, optimizers.get
optimizers.family = family

return optimizers
