-- Schedules: rates worked out by hand, and what all schedules share.
local fails = require("tests.support.expect").fails
local nn = require "nn"
local schedules = nn.optimizers.schedules

-- class -> { { arguments, step, rate }, ... }
local NUMBERS = {
  ExponentialDecay = {
    { { 0.1, 1000, 0.9 }, 1500, 0.1 * 0.9 ^ 1.5 }, { { 0.1, 1000, 0.9, true }, 1500, 0.09 },
    { { 0.1, 1000, 0.9 }, 0, 0.1 },
  },
  InverseTimeDecay = { { { 0.1, 10, 0.5 }, 25, 0.1 / 2.25 }, { { 0.1, 10, 0.5, staircase = true }, 25, 0.05 } },
  PolynomialDecay = {
    { { 0.1, 100, 0.01, 2 }, 25, 0.09 * 0.5625 + 0.01 }, { { 0.1, 100, 0.01 }, 250, 0.01 },
    { { 0.1, 100 }, 200, 0.0001 },
    { { 0.1, 10, 0.01, cycle = true }, 15, 0.0325 }, { { 0.1, 10, 0.01, cycle = true }, 0, 0.1 },
    { { 0.1, 10, 0.01, cycle = true }, 10, 0.01 },
  },
  PiecewiseConstantDecay = {
    { { { 10, 20 }, { 3, 2, 1 } }, 10, 3 }, { { { 10, 20 }, { 3, 2, 1 } }, 10.5, 2 },
    { { { 10, 20 }, { 3, 2, 1 } }, 21, 1 },
  },
  CosineDecay = {
    { { 0.1, 1000, 0.1 }, 250, 0.1 * (0.9 * (1 + 0.5 ^ 0.5) / 2 + 0.1) }, { { 0.1, 1000 }, 5000, 0 },
    { { 1, 100, warmup_target = 5, warmup_steps = 10 }, 5, 3 },
    { { 1, 100, warmup_target = 5, warmup_steps = 10 }, 60, 2.5 },
    { { 2, 100, warmup_steps = 10 }, 50, 1 },
  },
  CosineDecayRestarts = {
    { { 1, 10, m_mul = 0.5 }, 25, 0.25 * (1 - 0.5 ^ 0.5) }, { { 1, 10, m_mul = 0.5 }, 30, 0.25 },
    { { 1, 10, t_mul = 3 }, 40, 1 }, { { 1, 10, t_mul = 1, alpha = 0.2 }, 25, 0.6 },
  },
}

describe("every schedule", function()
  for class in pairs(schedules) do
    if class:match "^%u" then
      it(class .. " gives the rates worked out by hand", function()
        for i, case in ipairs(assert(NUMBERS[class], class .. " has no numbers")) do
          assert.is_near(case[3], schedules[class](case[1])(case[2]), 1e-12, "case " .. i)
        end
      end)

      it(class .. " takes a list or a tensor of steps, and comes back from its config", function()
        local schedule = schedules[class](NUMBERS[class][1][1])
        local steps = { 0, 3, 17, 2000 }
        local rates, again = schedule(steps), schedules[class](schedule:get_config())
        local by_tensor = schedule(nn.tensor(steps))
        for i, step in ipairs(steps) do
          assert.are.equal(schedule(step), rates[i])
          assert.are.equal(schedule(step), again(step))
          assert.is_near(rates[i], by_tensor[i], 1e-7)
        end
      end)
    end
  end
end)

describe("a schedule", function()
  it("moves the rate of an optimizer, update by update", function()
    local variable = nn.tensor { 0 }
    local optimizer = nn.optimizers.SGD { schedules.PiecewiseConstantDecay { { 1 }, { 1, 10 } } }
    for _ = 1, 3 do optimizer:apply_gradients { { nn.tensor { 1 }, variable } } end
    assert.is_near(-12, variable:item(), 1e-6)
  end)

  it("moves the rate within an epoch", function()
    local function weight(rate)
      local model = nn.Sequential {
        nn.layers.Dense { 1, kernel_initializer = "zeros", use_bias = false, input_shape = { 1 } },
      }
      model:compile { optimizer = nn.optimizers.SGD { rate }, loss = "mean_absolute_error" }
      model:fit({ 1, 1, 1, 1 }, { 9, 9, 9, 9 }, { batch_size = 1, verbose = 0 })
      return model:get_weights()[1]:item()
    end
    assert.is_near(0.1 + 0.05 + 0.025 + 0.0125, weight(schedules.ExponentialDecay { 0.1, 1, 0.5 }), 1e-6)
    assert.is_near(0.1 + 0.2 + 0.3 + 0.4, weight(function(step) return (step + 1) / 10 end), 1e-6)
  end)

  it("says what is wrong with its arguments", function()
    fails("ExponentialDecay: decay_rate is missing", schedules.ExponentialDecay, { 0.1, 10 })
    fails("decay_steps: expected a number above 0, got 0", schedules.CosineDecay, { 0.1, 0 })
    fails('initial_learning_rate: expected a number, got "a"', schedules.InverseTimeDecay, { "a", 1, 1 })
    fails("values: expected one more than the 2 boundaries, got 2", schedules.PiecewiseConstantDecay,
      { { 1, 2 }, { 1, 2 } })
    fails("boundaries: expected them to grow", schedules.PiecewiseConstantDecay, { { 2, 1 }, { 1, 2, 3 } })
    fails("t_mul: expected at least 1", schedules.CosineDecayRestarts, { 0.1, 10, t_mul = 0.5 })
    fails("did you mean CosineDecay", function() return schedules.CosineDekay end)
    fails("expected a step", schedules.ExponentialDecay { 1, 1, 1 }, "now")
    local optimizer = nn.optimizers.SGD { function() return "fast" end }
    fails("SGD: the schedule gave fast for a rate", optimizer.rate_at, optimizer, 0)
  end)
end)
