-- Recurrent networks as a whole: training runs of real Keras, padded batches, states that are given, read and kept.
local engine = require "engine.tensor"
local machine = require "engine.machine"
local golden = require "tests.support.golden"
local nn = require "nn"

local L = nn.layers

nn.advice.silence()

local function fails(text, f)
  local ok, message = pcall(f)
  assert.is_false(ok)
  assert.matches(text, tostring(message), 1, true)
end

local function difference(a, b) return (a - b):abs():max() end

-- Each kind of layer, with the arguments that change how it computes.
local KINDS = {
  { "SimpleRNN", {} }, { "LSTM", {} }, { "GRU", {} }, { "GRU", { reset_after = false } },
  { "LSTM", { activation = "gelu", recurrent_activation = "hard_sigmoid" } },
}

local function each_kind(run)
  for _, kind in ipairs(KINDS) do
    local function new(arguments)
      local all = {}
      for name, value in pairs(kind[2]) do all[name] = value end
      for name, value in pairs(arguments) do all[name] = value end
      return L[kind[1]](all)
    end
    run(new, kind[1])
  end
end

-- ---- training runs of Keras -----------------------------------------------------------------------------------------

describe("a recurrent network follows Keras weight by weight", function()
  local function check(name, model, x, y, x_new, read_last)
    local folder = "tests/golden/training2/" .. name .. "/"
    local function numbers(file)
      local bytes = golden.read(folder .. file)
      return engine.from_bytes(bytes, "float32", { #bytes // 4 })
    end
    local function weights(file)
      local all, list, first = numbers(file), {}, 1
      for i, weight in ipairs(model:get_weights()) do
        list[i] = all[{ { first, first + weight.size - 1 } }]:reshape(weight.shape)
        first = first + weight.size
      end
      return list
    end
    model:set_weights(weights "init.bin")
    local losses, tolerance = numbers "loss_first100.bin", { [1] = 2e-6, [20] = 5e-6, [100] = 2e-5 }
    local batch = #x // 100
    for step = 1, 100 do
      local rows = { (step - 1) * batch + 1, step * batch }
      assert.is_near(losses[step], model:train_on_batch(x[{ rows }], y[{ rows }]), 1e-5)
      for i, want in ipairs(tolerance[step] and weights(("step%d.bin"):format(step)) or {}) do
        local off = difference(model:get_weights()[i], want)
        assert.is_true(off <= tolerance[step], ("step %d: weight %d is off by %g"):format(step, i, off))
      end
    end
    local predicted = model:predict(x_new)
    if read_last then predicted = predicted[{ {}, predicted.shape[2] }] end
    assert.is_true(difference(predicted:flatten(), numbers "pred_step100.bin") <= 3e-5)
  end

  it("LSTM on the rows of digits", function()
    local have, x_train, y_train, x_test = pcall(nn.datasets.mnist.load_data, { synthetic = false })
    if not have then pending "real MNIST is not here" return end
    local model = nn.Sequential { nn.Input { shape = { 28, 28 } }, L.LSTM { 32 },
      L.Dense { 10, activation = "softmax" } }
    model:compile { optimizer = nn.optimizers.Adam { 0.002 }, loss = "sparse_categorical_crossentropy" }
    local function scaled(x, count) return x[{ { 1, count } }]:astype "float32" / 255 end
    check("lstm_rows_adam", model, scaled(x_train, 5000), y_train[{ { 1, 5000 } }], scaled(x_test, 100))
  end)

  it("GRU on the characters of Shakespeare", function()
    local path = (os.getenv "NNRUN_DATA" or "data") .. "/tinyshakespeare/input.txt.gz"
    local pipe <close> = io.popen(("gzip -dc '%s' 2>/dev/null"):format(path))
    local text = pipe:read "a"
    if #text < 1e6 then pending "tiny Shakespeare is not here" return end
    local is_there, id_of, count = {}, {}, 0
    for byte in text:gmatch "." do is_there[byte:byte()] = true end
    for code = 0, 255 do
      if is_there[code] then id_of[code], count = count, count + 1 end
    end
    assert.are.equal(65, count)
    local ids = {}
    for i = 1, 4100 * 40 + 1 do ids[i] = id_of[text:byte(i)] end
    local all = nn.tensor(ids, "int32")
    local x, y = all[{ { 1, 4100 * 40 } }]:reshape { 4100, 40 }, all[{ { 2, 4100 * 40 + 1 } }]:reshape { 4100, 40 }
    local model = nn.Sequential { nn.Input { shape = { 40 } }, L.Embedding { 65, 16 },
      L.GRU { 48, return_sequences = true }, L.Dense { 65 } }
    model:compile { optimizer = nn.optimizers.Adam { 0.003 },
      loss = nn.losses.SparseCategoricalCrossentropy { from_logits = true } }
    check("chargru_adam", model, x[{ { 1, 4000 } }], y[{ { 1, 4000 } }], x[{ { 4001, 4100 } }], true)
  end)
end)

-- ---- masks ----------------------------------------------------------------------------------------------------------

describe("a padded batch", function()
  local LENGTHS, STEPS = { 4, 1, 3, 2 }, 4

  -- The weights after one step of SGD with rate 1.
  local function trained(model, start, x, y)
    model:set_weights(start)
    local loss = model:train_on_batch(x, y)
    return model:get_weights(), loss
  end

  local function check(make)
    nn.utils.set_random_seed(4)
    local function new(steps)
      local model = nn.Sequential { nn.Input { shape = { steps, 3 } }, L.Masking {}, make(steps), L.Dense { 2 } }
      model:compile { optimizer = nn.optimizers.SGD { 1 }, loss = "mean_squared_error" }
      return model
    end
    local padded = new(STEPS)
    local start, x = padded:get_weights(), nn.random.normal { shape = { 4, STEPS, 3 } }
    local y = nn.random.normal { shape = { 4, 2 } }
    local changes, losses = {}, 0
    for i, length in ipairs(LENGTHS) do
      if length < STEPS then x[{ i, { length + 1, STEPS } }] = 0 end
      local row = x[{ { i, i }, { 1, length } }]
      local after, loss = trained(new(length), start, row, y[{ { i, i } }])
      losses = losses + loss / 4
      for k, weight in ipairs(after) do changes[k] = (changes[k] or 0) + (weight - start[k]) / 4 end
    end
    local after, loss = trained(padded, start, x, y)
    assert.is_near(losses, loss, 1e-6)
    for k, weight in ipairs(after) do assert.is_true(difference(weight, start[k] + changes[k]) < 2e-6) end
  end

  it("gives the losses and gradients of its rows without padding", function()
    each_kind(function(new)
      check(function() return new { units = 5 } end)
      check(function() return new { units = 5, go_backwards = true } end)
    end)
    check(function() return L.GlobalAveragePooling1D {} end)
  end)

  it("through layers in a row, from ids", function()
    nn.utils.set_random_seed(5)
    local ids = nn.tensor({ { 1, 2, 3, 0 }, { 2, 0, 0, 0 }, { 3, 1, 0, 0 } }, "int32")
    each_kind(function(new)
      local embedding, first = L.Embedding { 4, 3, mask_zero = true }, new { units = 4, return_sequences = true }
      local second = new { units = 2, return_state = true }
      local function given(x)
        local input = nn.Input { shape = { x.shape[2] } }
        local outputs = { second(first(embedding(input))) }
        return nn.Model { inputs = input, outputs = outputs }:predict(x)
      end
      local all = given(ids)
      for i, length in ipairs { 3, 1, 2 } do
        for k, alone in ipairs(given(ids[{ { i, i }, { 1, length } }])) do
          assert.is_true(difference(all[k][{ { i, i } }], alone) < 1e-6)
        end
      end
    end)
  end)

  it("repeats the output before a masked step, or gives zeros", function()
    each_kind(function(new)
      local x, mask = nn.random.normal { shape = { 1, 4, 2 } }, nn.tensor { { 0, 1, 0, 1 } }
      local layer = new { units = 3, return_sequences = true }
      local y = layer(x, { mask = mask })
      assert.are.equal(0, y[{ 1, 1 }]:abs():max())
      assert.are.equal(0, difference(y[{ 1, 2 }], y[{ 1, 3 }]))
      local zeros = new { units = 3, return_sequences = true, zero_output_for_mask = true }
      zeros:build { { 4, 2 } }
      zeros:set_weights { layer:get_weights() }
      local z = zeros(x, { mask = mask })
      assert.are.equal(0, z[{ 1, 3 }]:abs():max())
      assert.are.equal(0, difference(y[{ 1, 4 }], z[{ 1, 4 }]))
    end)
  end)
end)

-- ---- states ---------------------------------------------------------------------------------------------------------

describe("states", function()
  it("that are given go on where another call ended", function()
    each_kind(function(new)
      local x = nn.random.normal { shape = { 3, 6, 2 } }
      local layer = new { units = 4, return_sequences = true, return_state = true }
      local whole = { layer(x) }
      local first = { layer(x[{ {}, { 1, 2 } }]) }
      local rest = { layer(x[{ {}, { 3, 6 } }], { initial_state = table.move(first, 2, #first, 1, {}) }) }
      assert.is_true(difference(whole[1][{ {}, { 3, 6 } }], rest[1]) < 1e-6)
      for k = 2, #whole do assert.is_true(difference(whole[k], rest[k]) < 1e-6) end
    end)
  end)

  it("that nobody reads, or that alone are read, train as the output does", function()
    each_kind(function(new, name)
      nn.utils.set_random_seed(6)
      local x, y = nn.random.normal { shape = { 5, 3, 2 } }, nn.random.normal { shape = { 5, 4 } }
      local after = {}
      for which = 1, 2 do -- the last output, and the last state h, are the same
        local input, layer = nn.Input { shape = { 3, 2 } }, new { units = 4, return_state = true, seed = 1 }
        local outputs = { layer(input) }
        layer:set_weights(which == 1 and { layer:get_weights() } or after.start)
        after.start = after.start or { layer:get_weights() }
        local model = nn.Model { inputs = input, outputs = outputs[which] }
        model:compile { optimizer = nn.optimizers.SGD { 0.5 }, loss = "mean_squared_error" }
        model:train_on_batch(x, y)
        after[which] = model:get_weights()
      end
      for k, weight in ipairs(after[1]) do
        assert.are.equal(0, difference(weight, after[2][k]), name .. ", weight " .. k)
      end
    end)
  end)

  it("of a stateful layer go on from batch to batch, until reset_state", function()
    each_kind(function(new)
      local x = nn.random.normal { shape = { 2, 6, 3 } }
      local plain, kept = new { units = 4 }, new { units = 4, stateful = true }
      local whole = nn.Sequential { nn.Input { shape = { 6, 3 } }, plain }
      local parts = nn.Sequential { nn.Input { shape = { 2, 3 } }, kept }
      kept:set_weights { plain:get_weights() }
      local want = whole:predict(x)
      for _ = 1, 2 do
        parts:predict(x[{ {}, { 1, 2 } }])
        parts:predict_on_batch(x[{ {}, { 3, 4 } }])
        assert.is_true(difference(want, parts:predict_on_batch(x[{ {}, { 5, 6 } }])) < 1e-6)
        parts:reset_state()
      end
      assert.are.equal(#plain.weights, #kept.weights)
    end)
  end)

  it("of a stateful layer go through the batches of predict and fit in order", function()
    local x, y = nn.random.normal { shape = { 6, 2, 3 } }, nn.random.normal { shape = { 6, 4 } }
    local model = nn.Sequential { nn.Input { shape = { 2, 3 } }, L.LSTM { 4, stateful = true } }
    local together = model:predict(x, { batch_size = 2 })
    model:reset_state()
    for i = 1, 6, 2 do
      assert.are.equal(0, difference(together[{ { i, i + 1 } }], model:predict(x[{ { i, i + 1 } }])))
    end
    model:reset_state()
    model:compile { optimizer = "sgd", loss = "mean_squared_error" }
    model:fit(x, y, { batch_size = 2, epochs = 1, shuffle = false, verbose = 0 })
    assert.is_true(difference(model:predict(x[{ { 1, 2 } }]), together[{ { 1, 2 } }]) > 1e-4)
  end)

  it("of a stateful layer have one size of batch", function()
    local model = nn.Sequential { nn.Input { shape = { 2, 3 } }, L.GRU { 4, stateful = true } }
    model:predict(nn.ones { 4, 2, 3 })
    fails("it is stateful and keeps the states of 4 rows, but a batch has 3; call reset_state() before batches of "
      .. "another size", function() model:predict(nn.ones { 3, 2, 3 }) end)
    fails("it is stateful and keeps the states of 4 rows, but a batch has 3",
      function() model:predict_on_batch(nn.ones { 3, 2, 3 }) end)
    model:reset_state()
    model:predict(nn.ones { 3, 2, 3 })
    model:reset_state()
    fails("keeps the states of 4 rows, but a batch has 2", function()
      model:predict(nn.ones { 6, 2, 3 }, { batch_size = 4 })
    end)
  end)
end)

-- ---- layers around layers -------------------------------------------------------------------------------------------

describe("cells", function()
  it("called step by step give what their layer gives", function()
    for cell_class, class in pairs { SimpleRNNCell = "SimpleRNN", LSTMCell = "LSTM", GRUCell = "GRU" } do
      local x = nn.random.normal { shape = { 3, 4, 2 } }
      local cell, whole, states = L[cell_class] { 5 }, L[class] { 5 }, {}
      whole:build { { 4, 2 } }
      cell:build { { 2 } }
      cell:set_weights { whole:get_weights() }
      local output
      for t = 1, 4 do
        local results = { cell { x[{ {}, t }], table.unpack(states) } }
        output, states = results[1], table.move(results, 2, #results, 1, {})
      end
      assert.is_true(difference(output, whole(x)) < 1e-6)
    end
  end)

  -- SimpleRNN without a bias, written with nn.ops.
  local Plain = L.Layer:extend { name = "PlainCell",
    build = function(self, shapes)
      local shape = type(shapes[1]) == "table" and shapes[1] or shapes
      self.w = self:add_weight { shape = { shape[#shape], self.units }, name = "w" }
      self.u = self:add_weight { shape = { self.units, self.units }, name = "u" }
    end,
    call = function(self, list)
      local h = nn.ops.tanh(nn.ops.matmul(list[1], self.w) + nn.ops.matmul(list[2], self.u))
      return h, h
    end }

  it("of one's own compute, and train, as the layer they are", function()
    for _, options in ipairs { {}, { return_sequences = true }, { return_sequences = true, go_backwards = true } } do
      nn.utils.set_random_seed(3)
      local x, after = nn.random.normal { shape = { 4, 5, 2 } }, {}
      x[{ 2, { 3, 5 } }] = 0
      local function model_of(layer)
        local model = nn.Sequential { nn.Input { shape = { 5, 2 } }, L.Masking {}, layer }
        model:compile { optimizer = nn.optimizers.SGD { 0.1 }, loss = "mean_squared_error" }
        return model
      end
      local arguments = { units = 3, use_bias = false }
      for name, value in pairs(options) do arguments[name] = value end
      local plain = model_of(L.SimpleRNN(arguments))
      local own = { Plain { units = 3, state_size = 3 } }
      for name, value in pairs(options) do own[name] = value end
      local unrolled = model_of(L.RNN(own))
      unrolled:set_weights(plain:get_weights())
      local y = nn.random.normal { shape = plain:predict(x).shape }
      for _, model in ipairs { plain, unrolled } do
        model:train_on_batch(x, y)
        after[#after + 1] = model:get_weights()
      end
      for k, weight in ipairs(after[1]) do assert.is_true(difference(weight, after[2][k]) < 1e-6) end
      assert.is_true(difference(plain:predict(x), unrolled:predict(x)) < 1e-6)
    end
  end)

  it("in a list are layers one after the other, masks turned round with the sequence", function()
    local x, mask = nn.random.normal { shape = { 2, 4, 3 } }, nn.tensor { { 1, 1, 0, 0 }, { 1, 1, 1, 0 } }
    local stacked = L.RNN { { L.GRUCell { 3 }, L.LSTMCell { 2 } }, return_state = true, go_backwards = true }
    local y, h, h2, c2 = stacked(x, { mask = mask })
    assert.are.same({ 2, 3 }, h.shape)
    assert.are.equal(0, difference(y, h2))
    for i, length in ipairs { 2, 3 } do
      local alone = { stacked(x[{ { i, i }, { 1, length } }]) }
      for k, whole in ipairs { y, h, h2, c2 } do
        assert.is_true(difference(alone[k], whole[{ { i, i } }]) < 1e-6)
      end
    end
  end)

  it("are checked", function()
    fails("RNN: cell: expected cells, such as LSTMCell{ 32 } or a layer of your own with a field state_size",
      function() L.RNN { L.Dense { 3 } } end)
    fails("a cell wants the features of one step, got 4x2", function() L.LSTMCell { 3 }(nn.ones { 1, 4, 2 }) end)
  end)
end)

describe("Bidirectional", function()
  it("gives two results without a merge, then the states, and takes them", function()
    local layer = L.Bidirectional { L.LSTM { 2, return_sequences = true, return_state = true }, merge_mode = "none" }
    local x = nn.random.normal { shape = { 3, 4, 2 } }
    local forward, backward, forward_h, _, backward_h = layer(x)
    assert.are.equal(0, difference(forward[{ {}, 4 }], forward_h))
    assert.are.equal(0, difference(backward[{ {}, 1 }], backward_h))
    local other = { layer(x, { initial_state = { forward_h, forward_h, backward_h, backward_h } }) }
    assert.is_true(difference(other[1], forward) > 1e-4)
    assert.are.equal(6, #other)
  end)

  it("gives a padded batch what its rows give without padding", function()
    for _, mode in ipairs { "concat", "sum", "mul", "ave" } do
      local layer = L.Bidirectional { L.GRU { 3 }, merge_mode = mode }
      local x, mask = nn.random.normal { shape = { 2, 4, 2 } }, nn.tensor { { 1, 1, 0, 0 }, { 1, 1, 1, 1 } }
      local y = layer(x, { mask = mask })
      assert.is_true(difference(y[{ { 1, 1 } }], layer(x[{ { 1, 1 }, { 1, 2 } }])) < 1e-6)
      assert.is_true(difference(y[{ { 2, 2 } }], layer(x[{ { 2, 2 } }])) < 1e-6)
    end
  end)

  it("checks what it is given", function()
    fails("Bidirectional: layer: expected a recurrent layer, such as LSTM{ 32 }", function()
      L.Bidirectional { L.Dense { 2 } }
    end)
    fails("Bidirectional: merge_mode: expected concat, sum, mul, ave or none, got \"max\"", function()
      L.Bidirectional { L.LSTM { 2 }, merge_mode = "max" }
    end)
    fails("Bidirectional: backward_layer: expected go_backwards = true", function()
      L.Bidirectional { L.LSTM { 2 }, backward_layer = L.LSTM { 2 } }
    end)
    fails("Bidirectional: backward_layer: expected return_sequences = false", function()
      L.Bidirectional { L.LSTM { 2 }, backward_layer = L.LSTM { 2, return_sequences = true, go_backwards = true } }
    end)
  end)

  it("keeps states, and resets them", function()
    local model = nn.Sequential { nn.Input { shape = { 3, 2 } }, L.Bidirectional { L.GRU { 2, stateful = true } } }
    local x = nn.random.normal { shape = { 1, 3, 2 } }
    local first, second = model:predict(x), model:predict(x)
    assert.is_true(difference(first, second) > 1e-5)
    model:reset_state()
    assert.are.equal(0, difference(first, model:predict(x)))
  end)
end)

describe("ConvLSTM2D", function()
  local x = nn.random.normal { shape = { 2, 3, 4, 4, 2 }, seed = 1 }

  local function with_weights_of(other, layer, shape)
    layer:build { shape }
    local weights = { other:get_weights() }
    for i, weight in ipairs { layer:get_weights() } do weights[i] = weights[i]:reshape(weight.shape) end
    layer:set_weights(weights)
    return layer
  end

  local function largest(d) return d:abs():max() end

  it("takes channels first, in results and states too", function()
    local last = L.ConvLSTM2D { 3, 2, return_sequences = true, return_state = true }
    local y, h, c = last(x)
    local first = with_weights_of(last, L.ConvLSTM2D { 3, 2, return_sequences = true, return_state = true,
      data_format = "channels_first" }, { 3, 2, 4, 4 })
    local moved = nn.ops.moveaxis(x, -1, 3)
    local z, k, d = first(moved)
    assert.are.same({ 2, 3, 3, 3, 3 }, z.shape)
    assert.is_true(largest(nn.ops.moveaxis(z, 3, -1) - y) < 1e-6)
    assert.is_true(largest(nn.ops.moveaxis(k, 2, -1) - h) < 1e-6 and largest(nn.ops.moveaxis(d, 2, -1) - c) < 1e-6)
    local again, other = last(x, { initial_state = { h, c } }), first(moved, { initial_state = { k, d } })
    assert.is_true(largest(nn.ops.moveaxis(other, 3, -1) - again) < 1e-6)
  end)

  it("is ConvLSTM3D of pictures in one layer", function()
    local flat = L.ConvLSTM2D { 3, 2 }
    local y = flat(x)
    local deep = with_weights_of(flat, L.ConvLSTM3D { 3, { 1, 2, 2 } }, { 3, 1, 4, 4, 2 })
    assert.is_true(largest(deep(x:reshape { 2, 3, 1, 4, 4, 2 }):reshape(y.shape) - y) < 1e-6)
  end)

  it("drops the same inputs and places of the state at all steps, in training only", function()
    nn.utils.set_random_seed(2)
    local ones = nn.ones { 1, 4, 6, 6, 1 }
    local inputs = L.ConvLSTM2D { 1, 1, dropout = 0.5, seed = 3, use_bias = false, return_sequences = true }
    assert.is_true(largest(inputs(ones) - inputs(ones)) == 0)
    local plain, dropped = inputs(ones), inputs(ones, { training = true })
    local zeros = dropped:eq(0)
    assert.is_true(zeros:sum() > 0 and zeros:sum() < zeros.size and plain:eq(0):sum() == 0)
    for step = 2, 4 do assert.are.same(zeros[{ {}, 1 }]:totable(), zeros[{ {}, step }]:totable()) end
    local states = L.ConvLSTM2D { 1, 1, recurrent_dropout = 1, return_sequences = true }
    local without = states(ones, { training = true })
    assert.is_true(largest(without[{ {}, 1 }] - states(ones)[{ {}, 1 }]) < 1e-6)
    assert.is_true(largest(without[{ {}, 3 }] - states(ones)[{ {}, 3 }]) > 1e-5)
  end)
end)

describe("ConvLSTM1D", function()
  it("gives a padded batch what its rows give without padding", function()
    local layer = L.ConvLSTM1D { 2, 3, padding = "same" }
    local x, mask = nn.random.normal { shape = { 2, 4, 5, 2 } }, nn.tensor { { 1, 1, 0, 0 }, { 1, 1, 1, 1 } }
    local y = layer(x, { mask = mask })
    assert.is_true(difference(y[{ { 1, 1 } }], layer(x[{ { 1, 1 }, { 1, 2 } }])) < 1e-6)
    assert.is_true(difference(y[{ { 2, 2 } }], layer(x[{ { 2, 2 } }])) < 1e-6)
  end)
end)

describe("a model of recurrent layers", function()
  it("comes back from its file, with the same predictions", function()
    local path = os.tmpname() .. ".safetensors"
    local model = nn.Sequential { nn.Input { shape = { 4 } }, L.Embedding { 6, 3, mask_zero = true },
      L.Bidirectional { L.LSTM { 2, return_sequences = true } }, L.TimeDistributed { L.Dense { 3 } },
      L.RNN { { L.GRUCell { 3 }, L.SimpleRNNCell { 2 } } }, L.Dense { 1 } }
    model:compile { optimizer = "adam", loss = "mean_squared_error" }
    local ids = nn.tensor({ { 1, 2, 3, 0 }, { 5, 0, 0, 0 } }, "int32")
    model:train_on_batch(ids, nn.ones { 2, 1 })
    model:save(path)
    local twin = nn.models.load_model(path)
    os.remove(path)
    assert.are.equal(model:predict(ids):bytes(), twin:predict(ids):bytes())
    model:train_on_batch(ids, nn.ones { 2, 1 })
    twin:train_on_batch(ids, nn.ones { 2, 1 })
    assert.are.equal(model:predict(ids):bytes(), twin:predict(ids):bytes())
  end)
end)

-- ---- dropout, threads, messages -------------------------------------------------------------------------------------

describe("dropout in a recurrent layer", function()
  it("is the same at all steps, and only in training", function()
    local layer = L.SimpleRNN { 50, dropout = 0.5, activation = "linear", use_bias = false, return_sequences = true,
      recurrent_initializer = "zeros", kernel_initializer = nn.initializers.Identity {}, seed = 3 }
    local x = nn.ones { 2, 4, 50 }
    assert.are.equal(0, difference(layer(x), x))
    local y = layer(x, { training = true })
    assert.are.equal(0, difference(y[{ {}, 1 }], y[{ {}, 4 }]))
    assert.is_true(difference(y[{ 1, 1 }], y[{ 2, 1 }]) > 0)
    assert.are.same({ 0, 2 }, { y:min(), y:max() })
  end)

  it("has one mask a gate if the state is dropped too", function()
    local function gates(recurrent_dropout) -- all gates linear: c' = f c + i g is i g in the first step
      local layer = L.LSTM { 40, activation = "linear", recurrent_activation = "linear", use_bias = false, seed = 2,
        recurrent_initializer = "zeros", dropout = 0.5, recurrent_dropout = recurrent_dropout,
        kernel_initializer = "ones" }
      local y = layer(nn.ones { 1, 1, 1 }:reshape { 1, 1, 1 }, { training = true })
      return y:max()
    end
    assert.is_true(gates(0) == 0 or gates(0) == 8)
    local layer = L.GRU { 200, dropout = 0.5, recurrent_dropout = 0.5, seed = 2 }
    assert.is_true(layer(nn.ones { 1, 2, 3 }, { training = true }):abs():max() > 0)
  end)
end)

describe("several threads", function()
  -- BLAS, which multiplies where there is no AVX-512, rounds otherwise where there are other numbers of rows.
  local is_ours = require("engine.kernels").levels()[1] == "avx512"

  it("give the bits of one", function()
    each_kind(function(new)
      local function run(threads)
        nn.utils.set_random_seed(7)
        machine.set_threads(threads)
        local model = nn.Sequential { nn.Input { shape = { 20, 24 } }, L.Masking {},
          new { units = 64, return_sequences = true, dropout = 0.1, recurrent_dropout = 0.1 }, new { units = 48 },
          L.Dense { 3 } }
        model:compile { optimizer = "adam", loss = "mean_squared_error" }
        local x, y = nn.random.normal { shape = { 70, 20, 24 } }, nn.random.normal { shape = { 70, 3 } }
        x[{ {}, { 15, 20 } }] = 0
        for _ = 1, 2 do model:train_on_batch(x, y) end
        return model:predict(x)
      end
      local before, one = machine.blas().threads, run(1)
      local two = run(2)
      machine.set_threads(before)
      if is_ours then return assert.is_true(one:bytes() == two:bytes()) end
      assert.is_true(difference(one, two) < 1e-5)
    end)
  end)
end)

describe("one sample alone", function()
  it("gives what it gives within a batch", function()
    each_kind(function(new)
      local layer = new { units = 150, recurrent_initializer = "glorot_uniform" }
      local x = nn.random.normal { shape = { 5, 3, 140 } }
      assert.is_true(difference(layer(x)[{ { 2, 2 } }], layer(x[{ { 2, 2 } }])) < 1e-6)
    end)
  end)
end)

describe("recurrent layers say what is wrong", function()
  local function build(layer, ...)
    local shapes = { ... }
    return function()
      local inputs = {}
      for i, shape in ipairs(shapes) do inputs[i] = nn.Input { shape = shape } end
      layer(#inputs == 1 and inputs[1] or inputs)
    end
  end

  it("with their inputs and arguments", function()
    fails("wants samples of (steps, features), got 5; numbers in order become steps of one feature by Reshape",
      build(L.LSTM { 3 }, { 5 }))
    fails("a recurrent layer gives all its steps with return_sequences = true", function()
      nn.Sequential { nn.Input { shape = { 5, 2 } }, L.LSTM { 3 }, L.LSTM { 3 } }
    end)
    fails("wants samples of (steps, features), got 2x3x4", build(L.GRU { 3 }, { 2, 3, 4 }))
    fails("expected an initial_state of 2 tensors, got 1", build(L.LSTM { 3 }, { 4, 2 }, { 3 }))
    fails("expected an initial_state with samples of 3, got 4", build(L.GRU { 3 }, { 4, 2 }, { 4 }))
    fails("expected a mask with a number for each of the 4 steps, got one of 3", function()
      L.GRU { 3 }(nn.ones { 1, 4, 2 }, { mask = nn.ones { 1, 3 } })
    end)
    fails("LSTM: dropout: expected a fraction from 0 to 1, got 2", function() L.LSTM { 3, dropout = 2 } end)
    fails("LSTM: units: expected", function() L.LSTM { 0 } end)
  end)
end)

describe("the states of stateful layers", function()
  it("are part of what training goes on from", function()
    local state = require "nn.models.run.state"
    local x, y = nn.random.normal { shape = { 6, 3, 2 }, seed = 1 }, nn.random.normal { shape = { 6, 1 }, seed = 2 }
    local options = { batch_size = 2, shuffle = false, verbose = 0 }
    local function new()
      nn.utils.set_random_seed(3)
      local model = nn.Sequential { nn.Input { shape = { 3, 2 } }, L.GRU { 4, stateful = true, name = "memory" },
        L.Dense { 1, name = "out" } }
      model:compile { loss = "mse", optimizer = "adam" }
      return model
    end
    local model, other = new(), new()
    model:fit(x, y, options)
    state.restore(other, state.of(model))
    model:fit(x, y, options)
    other:fit(x, y, options)
    for i, weight in ipairs(model:get_weights()) do assert.is_true(weight:bytes() == other:get_weights()[i]:bytes()) end
    local before = model:predict(x[{ { 1, 2 } }])
    model.layers[1]:reset_state()
    assert.is_true((model:predict(x[{ { 1, 2 } }]) - before):abs():max() > 1e-4)
  end)
end)

describe("sequences that do not fit", function()
  local function says(part, f)
    local ok, message = pcall(f)
    assert.is_false(ok, "it was taken")
    assert.is_truthy(message:find(part, 1, true), message)
  end
  local x = nn.ones { 2, 3, 2 }

  it("are told with what was expected", function()
    local ids = nn.tensor({ { 1, 7 } }, "int32")
    says("ids run from 1 to 7, but input_dim is 5", function() L.Embedding { 5, 2 }(ids) end)
    says("x of shape 2x0x3 is empty: its axis 2 has length 0", function() L.LSTM { 2 }(nn.zeros { 2, 0, 3 }) end)
    local open = nn.Sequential { nn.Input { shape = { -1, 3 } }, L.LSTM { 2 } }
    says("predict: x of shape 2x0x3 is empty", function() open:predict(nn.zeros { 2, 0, 3 }) end)
    says("mask: expected shape (n, 3), a number for each step, got samples of shape 3x2", function()
      L.GRU { 2 }(x, { mask = nn.ones { 2, 3, 2 } })
    end)
    says("mask has 3 samples, but x has 2", function() L.GRU { 2 }(x, { mask = nn.ones { 3, 3 } }) end)
    says("a number for each of the 3 steps, got one of 4", function() L.GRU { 2 }(x, { mask = nn.ones { 2, 4 } }) end)
    local memory = L.LSTM { 2, stateful = true }
    memory(x)
    says("keeps the states of 2 rows, but a batch has 1", function() memory(nn.ones { 1, 3, 2 }) end)
  end)
end)
