-- Dense layers of many rows are computed by blocks of rows: with the bits of one product, and whatever the threads.
local kernels = require "engine.kernels"
local machine = require "engine.machine"
local nn = require "nn"

nn.advice.silence()

local L = nn.layers

-- 1,290 rows, the last block not full; one sample alone has too few rows for blocks.
-- Whole registers of units: the slopes of the last few numbers of a block are computed one by one, and round otherwise.
local SAMPLES, STEPS, IN, UNITS = 10, 129, 20, 48
local X = nn.random.normal { shape = { SAMPLES, STEPS, IN }, seed = 1 }
local DY = nn.random.normal { shape = { SAMPLES, STEPS, UNITS }, seed = 2 }

local LAYERS = {
  ["Dense, gelu"] = function() return L.Dense { UNITS, activation = "gelu", bias_initializer = "random_normal" } end,
  ["Dense, linear"] = function() return L.Dense { UNITS, bias_initializer = "random_normal" } end,
  ["EinsumDense"] = function()
    return L.EinsumDense { equation = "abx,xy->aby", output_shape = { STEPS, UNITS }, bias_axes = "y",
      bias_initializer = "random_normal" }
  end,
}

-- y, and dx for the gradient dy of y.
local function walk(layer, x, dy)
  local tape <close> = nn.GradientTape()
  tape:watch(x)
  local y = layer(x)
  return y, tape:gradient((y * dy):sum(), x)
end

local function is_same(a, b) return (a - b):abs():max() <= (kernels.levels()[1] == "avx512" and 0 or 1e-5) end

describe("dense layers of many rows", function()
  for name, make in pairs(LAYERS) do
    it("give what each sample gives alone, with any number of threads: " .. name, function()
      nn.utils.set_random_seed(3)
      local layer, before = make(), machine.blas().threads
      for threads = 1, 3 do
        machine.set_threads(threads)
        local y, dx = walk(layer, X, DY)
        machine.set_threads(before)
        for i = 1, SAMPLES do
          local alone, dx_alone = walk(layer, X[{ { i, i } }], DY[{ { i, i } }])
          assert.is_true(is_same(y[{ { i, i } }], alone), "y of sample " .. i)
          assert.is_true(is_same(dx[{ { i, i } }], dx_alone), "dx of sample " .. i)
        end
      end
    end)
  end
end)
