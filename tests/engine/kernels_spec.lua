-- The kernels, each level this processor has, held against ten lines that cannot be wrong.
local kernels = require "engine.kernels"
local nn = require "nn"

local LEVELS = kernels.levels()

local seed = 0

-- A (rows, columns) matrix inside a larger one, so that its rows are further apart and begin anywhere.
local function matrix(rows, columns, pad)
  seed = seed + 1
  local all = nn.random.uniform { shape = { rows + pad, columns + pad }, minval = -1, maxval = 1, seed = seed }
  return all[{ { pad + 1, rows + pad }, { pad + 1, columns + pad } }]
end

local function error_of(got, want)
  return got.size == 0 and 0 or (got - want):abs():max()
end

-- Sums of k products below 1 are off by no more than that, k roundings and some.
local function tolerance(k) return 2e-7 * (k + 4) end

local function check_gemm(level, m, n, k, pad, threads)
  for _, transposed in ipairs { { false, false }, { true, false }, { false, true }, { true, true } } do
    local ta, tb = table.unpack(transposed)
    local a = ta and matrix(k, m, pad) or matrix(m, k, pad)
    local b = tb and matrix(n, k, pad) or matrix(k, n, pad)
    local got = kernels.gemm(level, a, b, ta, tb, threads)
    local off = error_of(got, kernels.gemm("reference", a, b, ta, tb))
    local what = ("%s %dx%dx%d, transposed %s %s: off by %g"):format(level, m, n, k, ta, tb, off)
    assert.is_true(off <= tolerance(k), what)
  end
end

local function check_packed(level, m, n, k, pad)
  for _, transposed in ipairs { false, true } do
    local a, b = matrix(m, k, pad), transposed and matrix(n, k, pad) or matrix(k, n, pad)
    local got = kernels.gemm_packed(level, a, b, transposed)
    local off = error_of(got, kernels.gemm("reference", a, b, false, transposed))
    assert.is_true(off <= tolerance(k), ("%s %dx%dx%d, packed: off by %g"):format(level, m, n, k, off))
    assert.equal(0, error_of(got, kernels.gemm(level, a, b, false, transposed)))
  end
end

-- Mostly zeros, some rows and columns without any number.
local function mostly_zeros(rows, columns, density)
  seed = seed + 1
  local x = nn.random.uniform { shape = { rows, columns }, minval = -1, maxval = 1, seed = seed }
  return x * nn.random.uniform { shape = { rows, columns }, seed = -seed }:lt(density)
end

local function check_sparse(level, rows, columns, units, density)
  local x, w, dy = mostly_zeros(rows, columns, density), matrix(columns, units, 0), matrix(rows, units, 0)
  local y, dw = kernels.sparse_product(level, x, w), kernels.sparse_product_transposed(level, x, dy)
  assert.is_true(error_of(y, kernels.gemm("reference", x, w)) <= tolerance(columns))
  assert.is_true(error_of(dw, kernels.gemm("reference", x, dy, true)) <= tolerance(rows))
end

describe("dense kernels", function()
  for _, level in ipairs(LEVELS) do
    it("of level " .. level .. " give the naive product at all sizes around their tiles'", function()
      for _, m in ipairs { 1, 2, 5, 6, 7, 13, 14, 15, 29 } do
        for _, n in ipairs { 1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 50 } do
          check_gemm(level, m, n, 1 + (m * n) % 19, m % 3)
        end
      end
    end)

    it("of level " .. level .. " go over the edges of their blocks", function()
      for _, k in ipairs { 1, 16, 127, 128, 129, 257, 784 } do check_gemm(level, 17, 33, k, 1) end
      for _, m in ipairs { 119, 120, 121, 279, 281, 561 } do check_gemm(level, m, 34, 20, 0) end
      for _, n in ipairs { 33, 127, 257, 300 } do check_gemm(level, 43, n, 513, 1) end
      for _, m in ipairs { 42, 121, 281 } do check_gemm(level, m, 50, 650, 0) end
    end)

    it("of level " .. level .. " multiply rows that are whole pages apart", function()
      check_gemm(level, 1000, 33, 513, 24)
      check_gemm(level, 45, 36, 1000, 24)
      check_packed(level, 45, 36, 1000, 24)
    end)

    it("of level " .. level .. " multiply with a right side that was packed before, to the same bits", function()
      for i, size in ipairs { { 1, 1, 1 }, { 1, 40, 130 }, { 5, 33, 20 }, { 29, 70, 128 }, { 64, 96, 257 },
        { 127, 31, 512 }, { 129, 16, 513 }, { 128, 100, 700 }, { 300, 34, 1100 } } do
        check_packed(level, size[1], size[2], size[3], i % 3)
      end
    end)
  end

  for _, level in ipairs(LEVELS) do
    it("of level " .. level .. " leave out zeros, which changes no bit", function()
      for i, size in ipairs { { 1, 1, 1 }, { 17, 33, 64 }, { 100, 50, 50 }, { 50, 127, 100 }, { 257, 128, 63 },
        { 513, 129, 65 }, { 30, 300, 130 }, { 255, 20, 200 }, { 17, 36, 641 }, { 9, 130, 1281 }, { 5, 40, 8256 } } do
        local m, n, k = table.unpack(size)
        for j, density in ipairs { 0, 0.05, 0.4, 0.9, 1 } do
          for _, transposed in ipairs { { false, false }, { true, false }, { false, true }, { true, true } } do
            local ta, tb = table.unpack(transposed)
            local pad = (i + j) % 3
            local a = mostly_zeros((ta and k or m) + pad, (ta and m or k) + pad, density)
            a = a[{ { pad + 1, #a }, { pad + 1, a.shape[2] } }]
            local b = tb and matrix(n, k, pad) or matrix(k, n, pad)
            assert.equal(0, error_of(kernels.gemm_zeros(level, a, b, ta, tb), kernels.gemm(level, a, b, ta, tb)))
          end
        end
      end
    end)

    it("of level " .. level .. " multiply zeros with what is not finite", function()
      for _, what in ipairs { 1 / 0, -1 / 0, 0 / 0 } do
        local a, b = mostly_zeros(40, 150, 0.5), matrix(150, 200, 0)
        b[{ 70, 140 }] = what
        local got, want = kernels.gemm_zeros(level, a, b), kernels.gemm("reference", a, b)
        local column, expected = got[{ {}, 140 }], want[{ {}, 140 }]
        local nan = expected:ne(expected)
        assert.is_true(nan:sum() > 0)
        assert.equal(40, column:ne(column):eq(nan):sum())
        b[{ 70, 140 }] = 0
        local finite = kernels.gemm_zeros(level, a, b)
        for _, columns in ipairs { { 1, 139 }, { 141, 200 } } do
          assert.equal(0, error_of(got[{ {}, columns }], finite[{ {}, columns }]))
        end
      end
    end)
  end

  it("give the same bits for any number of threads", function()
    for _, size in ipairs { { 100, 500, 300 }, { 500, 64, 100 }, { 1000, 10, 50 }, { 3, 700, 20 } } do
      local m, n, k = table.unpack(size)
      local a, b = matrix(m, k, 1), matrix(k, n, 2)
      local alone = kernels.gemm("engine", a, b, false, false, 1)
      local sparse = mostly_zeros(m, k, 0.4)
      local sparse_alone = kernels.gemm("engine", sparse, b, false, false, 1)
      for threads = 2, 4 do
        assert.equal(0, error_of(kernels.gemm("engine", a, b, false, false, threads), alone))
        assert.equal(0, error_of(kernels.gemm("engine", sparse, b, false, false, threads), sparse_alone))
      end
      check_gemm("engine", m, n, k, 1, 3)
    end
  end)

  it("let what is not a number through", function()
    local a, b = nn.zeros { 20, 40 }, nn.zeros { 40, 35 }
    a[{ 3, 4 }] = 0 / 0
    for _, level in ipairs(LEVELS) do
      local c = kernels.gemm(level, a, b)
      assert.equal(35, c:ne(c):sum())
    end
  end)

  it("keep what is infinite", function()
    for _, columns in ipairs { 1, 2, 17, 33, 35, 50 } do
      for k = 1, 9 do
        local a = nn.zeros { 4, k }
        a[{ 2, k }] = math.huge
        for _, level in ipairs(LEVELS) do
          local c = kernels.gemm(level, a, nn.ones { k, columns })
          assert.equal(columns, c:eq(math.huge):sum())
          assert.equal(3 * columns, c:eq(0):sum())
        end
      end
    end
  end)
end)

describe("sparse kernels", function()
  for _, level in ipairs(LEVELS) do
    it("of level " .. level .. " give the naive products", function()
      for _, units in ipairs { 1, 2, 3, 4, 5, 10, 15, 16, 17, 19, 20, 21, 32, 47, 50, 52, 63, 64, 65, 100, 130 } do
        local rows, columns = 1 + units % 7 * 31, 2 + units
        check_sparse(level, rows, columns, units, 0.2)
      end
    end)

    it("of level " .. level .. " take the data's own numbers, whether they fit into bytes or not", function()
      local pixels = {}
      for k = 0, 255 do pixels[k + 1] = k / 255 end
      local sets = {
        { 1, 2, 255 }, { 1, 256 }, { 0.5, 1 }, { -1, 1 }, { 1e-30, 1 }, { 255 + 1 / 255 }, { 1 / 3, 1 / 255 },
        { 2 ^ 31 }, { math.huge, 1 }, pixels,
      }
      for _, numbers in ipairs(sets) do
        local one = nn.tensor(numbers)
        for _, rows in ipairs { 1, #numbers } do
          local x = nn.zeros { rows, 7 }
          x[{ {}, 5 }] = one[{ { 1, rows } }]
          local want = x[{ {}, 5 }]:reshape { rows, 1 }
          assert.equal(rows, kernels.sparse_product(level, x, nn.ones { 7, 1 }):eq(want):sum())
          assert.equal(rows * 3, kernels.sparse_product(level, x, nn.ones { 7, 3 }):eq(want):sum())
        end
      end
    end)

    it("of level " .. level .. " read no row behind the last, where columns make no whole group either", function()
      for columns = 3, 5 do
        for _, rows in ipairs { 1, 2, 200 } do
          for _, units in ipairs { 1, 5, 18 } do
            local all = nn.ones { columns + 1, units }
            all[columns + 1] = 0 / 0
            local y = kernels.sparse_product(level, nn.ones { rows, columns }, all[{ { 1, columns } }])
            assert.equal(0, error_of(y, nn.ones { rows, units } * columns))
            all[columns] = math.huge
            y = kernels.sparse_product(level, nn.ones { rows, columns }, all[{ { 1, columns } }])
            assert.equal(rows * units, y:eq(math.huge):sum())
          end
        end
      end
    end)

    it("of level " .. level .. " give the naive products of few rows, one by one", function()
      for rows = 1, 3 do
        for _, columns in ipairs { 300, 301, 302 } do
          for _, units in ipairs { 1, 16, 50, 130 } do
            check_sparse(level, rows, columns, units, 0.05)
          end
        end
      end
    end)

    it("of level " .. level .. " add up the parts of a large batch", function()
      check_sparse(level, 1300, 31, 20, 0.15)
    end)
  end
end)

describe("sums of columns", function()
  for _, level in ipairs(LEVELS) do
    it("of level " .. level .. " are the naive ones", function()
      for _, columns in ipairs { 1, 3, 15, 16, 17, 50, 64, 65, 130 } do
        for _, rows in ipairs { 1, 2, 33 } do
          local x = matrix(rows, columns, 0)
          assert.is_true(error_of(kernels.column_sums(level, x), x:sum(1)) <= tolerance(rows))
        end
      end
    end)
  end
end)

describe("softmax kernels", function()
  for _, level in ipairs(LEVELS) do
    it("of level " .. level .. " give the naive softmax and its logarithm", function()
      local rows_of = { [10] = 130, [17] = 64, [33] = 65 } -- logarithms are taken of 64 rows at a time
      for _, width in ipairs { 1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 17, 31, 32, 33, 100 } do
        local rows = rows_of[width] or 5
        local z = matrix(rows, width, 1) * 30
        local p, logs = kernels.softmax(level, z)
        for r = 1, rows do
          local largest, sum = z[r]:max(), 0
          for j = 1, width do sum = sum + math.exp(z[{ r, j }] - largest) end
          assert.is_near(largest + math.log(sum), logs[r], 1e-5)
          for j = 1, width do
            assert.is_near(math.exp(z[{ r, j }] - largest) / sum, p[{ r, j }], 3e-7)
          end
        end
      end
    end)

    it("of level " .. level .. " keep their bounds and what is not a number", function()
      local p, logs = kernels.softmax(level, nn.tensor { { 1e30, -1e30, 0 }, { 0, 0 / 0, 0 } })
      assert.are.same({ 1.0, 0.0, 0.0 }, p[1]:totable())
      assert.is_near(1e30, logs[1], 1e23)
      assert.equal(3, p[2]:ne(p[2]):sum())
    end)
  end
end)

describe("gates of recurrent layers", function()
  local function sigmoid(x) return 1 / (1 + math.exp(-x)) end
  local function tanh(x) return 2 * sigmoid(2 * x) - 1 end
  local function vector(n) return matrix(1, n, 0):reshape { n } end

  local function near(want, got) assert.is_near(want, got, 1e-6) end

  for _, level in ipairs(LEVELS) do
    it("of level " .. level .. " follow the formulas of an LSTM both ways", function()
      for _, n in ipairs { 1, 3, 16, 17, 33 } do
        local gates, c, product, bias = vector(5 * n), vector(n), vector(4 * n), vector(4 * n)
        local dh, dc = vector(n), vector(n)
        local x, dh0, dc0 = gates:copy(), dh:copy(), dc:copy()
        local c_next, h_next = kernels.lstm_gates(level, gates, c, product, bias)
        kernels.lstm_gates_gradient(level, gates, c, dh, dc)
        for j = 1, n do
          local function sum(gate) return x[gate * n + j] + product[gate * n + j] + bias[gate * n + j] end
          local i, f, g, o = sigmoid(sum(0)), sigmoid(sum(1)), tanh(sum(2)), sigmoid(sum(3))
          local next_c = f * c[j] + i * g
          local a = tanh(next_c)
          near(next_c, c_next[j])
          near(o * a, h_next[j])
          local through = dc0[j] + dh0[j] * o * (1 - a * a)
          near(through * g * i * (1 - i), gates[j])
          near(through * c[j] * f * (1 - f), gates[n + j])
          near(through * i * (1 - g * g), gates[2 * n + j])
          near(dh0[j] * a * o * (1 - o), gates[3 * n + j])
          near(through * f, dc[j])
          near(0, dh[j])
        end
      end
    end)

    it("of level " .. level .. " follow the formulas of a GRU both ways", function()
      for _, n in ipairs { 1, 3, 16, 17, 33 } do
        local gates, h, product, bias, dh = vector(4 * n), vector(n), vector(3 * n), vector(6 * n), vector(n)
        local x, dh0 = gates:copy(), dh:copy()
        local h_next = kernels.gru_gates(level, gates, h, product, bias)
        kernels.gru_gates_gradient(level, gates, h, dh)
        for j = 1, n do
          local function state(gate) return product[gate * n + j] + bias[(3 + gate) * n + j] end
          local z, r = sigmoid(x[j] + bias[j] + state(0)), sigmoid(x[n + j] + bias[n + j] + state(1))
          local g = tanh(x[3 * n + j] + bias[2 * n + j] + r * state(2))
          near(z * h[j] + (1 - z) * g, h_next[j])
          local dg = dh0[j] * (1 - z) * (1 - g * g)
          near(dh0[j] * (h[j] - g) * z * (1 - z), gates[j])
          near(dg * state(2) * r * (1 - r), gates[n + j])
          near(dg * r, gates[2 * n + j])
          near(dg, gates[3 * n + j])
          near(dh0[j] * z, dh[j])
        end
      end
    end)
  end
end)

describe("update kernels", function()
  -- Numbers near 1e-8, 1, 1e8 and so on, of either sign, that begin anywhere in memory.
  local function spread(n, low, high)
    seed = seed + 1
    local size = nn.random.uniform { shape = { n + 3 }, minval = low, maxval = high, seed = seed }
    local sign = nn.random.uniform { shape = { n + 3 }, minval = -1, maxval = 1, seed = -seed }:lt(0) * -2 + 1
    return ((size * math.log(10)):exp() * sign)[{ { 4, n + 3 } }]
  end

  local function check_all(got, want, tolerances)
    for i, value in ipairs(got:totable()) do assert.is_near(want(i), value, tolerances(i)) end
  end

  local LENGTHS = { 1, 3, 4, 5, 15, 16, 17, 33, 100 }

  for _, level in ipairs(LEVELS) do
    it("of level " .. level .. " follow Adam's formula", function()
      local alpha, rest_1, rest_2, epsilon = 0.01, 0.1, 0.001, 1e-7
      for _, n in ipairs(LENGTHS) do
        local w, g, m, v = spread(n, -12, -9), spread(n, -9, 4), spread(n, -9, 4), spread(n, -18, 8):abs()
        local w0, m0, v0 = w:totable(), m:totable(), v:totable()
        kernels.adam(level, w, g, m, v, alpha, rest_1, rest_2, epsilon)
        local function first(i) return m0[i] + (g[i] - m0[i]) * rest_1 end
        local function second(i) return v0[i] + (g[i] ^ 2 - v0[i]) * rest_2 end
        local function pull(i) return alpha * first(i) / (math.sqrt(second(i)) + epsilon) end
        check_all(m, first, function(i) return 3e-7 * (math.abs(m0[i]) + math.abs(g[i])) end)
        check_all(v, second, function(i) return 3e-7 * v[i] end)
        check_all(w, function(i) return w0[i] - pull(i) end, function(i)
          return 1e-7 * math.abs(w0[i]) + 1e-6 * alpha * (math.abs(m0[i]) + math.abs(g[i])) / math.sqrt(v[i])
        end)
      end
    end)

    it("of level " .. level .. " follow RMSprop's formula", function()
      local rate, rho, epsilon = 0.01, 0.9, 1e-7
      for _, n in ipairs(LENGTHS) do
        local w, g, v = spread(n, -12, -9), spread(n, -9, 4), spread(n, -18, 8):abs()
        local w0, v0 = w:totable(), v:totable()
        kernels.rmsprop(level, w, g, v, rate, rho, 1 - rho, epsilon)
        local function second(i) return rho * v0[i] + (1 - rho) * g[i] ^ 2 end
        local function pull(i) return rate * g[i] / math.sqrt(second(i) + epsilon) end
        check_all(v, second, function(i) return 5e-7 * v[i] end)
        check_all(w, function(i) return w0[i] - pull(i) end, function(i)
          return 1e-7 * math.abs(w0[i]) + 1e-6 * math.abs(pull(i))
        end)
      end
    end)

    it("of level " .. level .. " leave alone what has no gradient and never had, and all behind the end", function()
      local w, g, m, v = nn.ones { 40 }, nn.zeros { 40 }, nn.zeros { 40 }, nn.zeros { 40 }
      g[{ { 20, 40 } }], m[{ { 20, 40 } }] = 1, 1
      kernels.adam(level, w[{ { 1, 19 } }], g[{ { 1, 19 } }], m[{ { 1, 19 } }], v[{ { 1, 19 } }], 1, 0.1, 0.001, 1e-7)
      kernels.rmsprop(level, w[{ { 1, 19 } }], g[{ { 1, 19 } }], v[{ { 1, 19 } }], 1, 0.9, 0.1, 1e-7)
      assert.equal(0, error_of(w, nn.ones { 40 }))
      assert.equal(21, m:sum())
      assert.equal(0, v:sum())
    end)
  end
end)

describe("NNRUN_KERNELS", function()
  local PROGRAM = require("tests.support.runs").PROGRAM

  local function nnrun(level, code)
    local program = io.popen(("NNRUN_KERNELS=%s '%s' -e '%s' 2>&1"):format(level, PROGRAM, code))
    local text = program:read "a"
    return text, select(3, program:close())
  end

  it("leaves out the faster levels", function()
    for i, level in ipairs(LEVELS) do
      assert.equal(table.concat(LEVELS, " ", i) .. "\n",
        (nnrun(level, 'print(table.concat(require("engine.kernels").levels(), " "))')))
    end
  end)

  it("has to name a level that the processor has", function()
    local text, status = nnrun("fast", "print(1)")
    assert.equal(2, status)
    assert.matches("NNRUN_KERNELS: expected a level .* got fast; it has .*" .. table.concat(LEVELS, " "), text)
  end)
end)
