--- Activations with arguments as layers.
--
-- Each is one node of the engine's `activation`; the functions themselves are in `nn.activations`.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"

-- lower: the bound arguments -> the engine's config
local function define(class, list, examples, lower)
  layer.define {
    class = class,
    engine = "activation",
    passes_mask = true,
    arguments = list,
    check = function(a)
      for _, entry in ipairs(list) do
        local value = a[entry[1]]
        if value ~= nil and (type(value) ~= "number" or value ~= value) then
          blame("%s: %s: expected a number, got %s", class, entry[1], blame.got(value))
        elseif value ~= nil and value < 0 then
          blame("%s: %s: expected a number of at least 0, got %s", class, entry[1], value)
        end
      end
    end,
    methods = {
      config = function(self) return lower(self.arguments) end,
    },
    examples = examples,
  }
end

--- max(x, 0), in general: max_value where x is above that, x between, negative_slope (x - threshold) below the
-- threshold.
-- @function ReLU
-- @tparam[opt] number max_value (no limit)
-- @tparam[opt] number negative_slope (0)
-- @tparam[opt] number threshold (0)
-- @usage ReLU{ max_value = 6 }
define("ReLU", { { "max_value" }, { "negative_slope", 0 }, { "threshold", 0 } },
  { { {}, { 5 } }, { { max_value = 1, negative_slope = 0.1, threshold = 0.2 }, { 5 } } }, function(a)
    return { activation = "general_relu", max_value = a.max_value, negative_slope = a.negative_slope,
      threshold = a.threshold }
  end)

--- x above 0, negative_slope x below.
-- @function LeakyReLU
-- @tparam[opt] number negative_slope (0.3; the function nn.activations.leaky_relu has 0.2)
-- @usage LeakyReLU{ negative_slope = 0.1 }
define("LeakyReLU", { { "negative_slope", 0.3 } }, { { {}, { 5 } } }, function(a)
  return { activation = "leaky_relu", negative_slope = a.negative_slope }
end)

--- x above 0, alpha (exp(x) - 1) below.
-- @function ELU
-- @tparam[opt] number alpha (1)
-- @usage ELU{}
define("ELU", { { "alpha", 1 } }, { { {}, { 5 } }, { { 0.5 }, { 2, 3 } } }, function(a)
  return { activation = "elu", alpha = a.alpha }
end)
