-- Celsius to Fahrenheit: one unit with one weight learns f = 1.8 c + 32 from seven examples.
--
--   ./nnrun experiments/celsius.lua               a few seconds; reports/celsius/report.md
--   ./nnrun experiments/celsius.lua epochs=2000   longer
--
-- We know the rule, so we can judge what was learned: by temperatures between the examples, by the weight and by the
-- bias.

local nn = require "nn"
local Dense = nn.layers.Dense

local function fahrenheit(celsius)
  return celsius * 1.8 + 32
end

local examples = nn.tensor { { -40 }, { -10 }, { 0 }, { 8 }, { 15 }, { 22 }, { 38 } }
local between = nn.tensor { { -25 }, { -5 }, { 4 }, { 12 }, { 18 }, { 30 } }

local lab = nn.Experiment {
  name = "celsius",
  title = "Celsius to Fahrenheit",
  train = { examples, fahrenheit(examples) },
  validation = { between, fahrenheit(between) },
  params = { learning_rate = 0.1, epochs = 500, batch_size = 7 },
  build = function(p)
    local model = nn.Sequential { Dense { 1, input_shape = { 1 } } }
    model:compile { optimizer = nn.optimizers.Adam { p.learning_rate }, loss = "mean_squared_error" }
    return model
  end,
  seeds = { 1, 2, 3 },
  objective = "val_loss",
}

lab:note [[
The degrees are not scaled: they go from -40 to 38. The weight and the bias start near 0, far from 1.8 and 32. So the
learning rate must be large, much larger than a network with more units could use. For most networks both would be
mistakes.]]

local rates = lab:sweep("Learning rate", { learning_rate = { 0.01, 0.1, 1, 10 } })

-- One neuron has two numbers, and we can read them.
local function rule(trial)
  local weight, bias = trial.model.layers[1]:get_weights()
  return weight:item(), bias:item()
end

local rows = {}
for i, variant in ipairs(rates.variants) do
  local weight, bias = rule(variant.trials[1])
  rows[i] = ("| %g | %.4f | %.3f | %.2f |"):format(variant.params.learning_rate, weight, bias, weight * 100 + bias)
end
lab:note(([[
What each learning rate found in %d epochs, and its prediction for 100 degrees, far outside the examples. Water boils at
212 Fahrenheit.

| learning rate | weight | bias | 100 C in Fahrenheit |
| ---: | ---: | ---: | ---: |
%s

The courses use 0.1, which comes close. The weight and the bias are learned together. While the bias is still below 32,
the weight compensates for it.]]):format(lab.params.epochs, table.concat(rows, "\n")))

local weight, bias = rule(rates.best)
lab:note(("Learned with the best rate: f = %.4f c + %.3f. The truth is f = 1.8 c + 32."):format(weight, bias))
lab:conclude()
