-- Models whose samples may have other lengths from batch to batch.
local nn = require "nn"

nn.advice.silence()
local L, Dataset = nn.layers, nn.data.Dataset

local function compiled(model)
  model:compile { optimizer = "adam", loss = "mse", metrics = { "mae" } }
  return model
end

local function pooled(shape)
  nn.utils.set_random_seed(4)
  return compiled(nn.Sequential { L.Dense { 6, activation = "tanh", input_shape = shape, name = "hidden" },
    L.Dropout { 0.2 }, L.GlobalAveragePooling1D {}, L.Dense { 1, name = "out" } })
end

local function data(n, length, seed)
  return nn.random.normal { shape = { n, length, 3 }, seed = seed },
    nn.random.normal { shape = { n, 1 }, seed = seed + 1 }
end

local function bytes_of(model)
  local list = {}
  for i, weight in ipairs(model.weights) do list[i] = weight:bytes() end
  return table.concat(list)
end

-- Batches of the given lengths.
local function batches(lengths)
  return { __len = function() return #lengths end, get = function(_, i) return data(4, lengths[i], i * 10) end }
end

local LENGTHS = { 5, 2, 5, 9, 2 }

describe("an open axis", function()
  it("is nil or -1, and prints as None", function()
    for _, shape in ipairs { { nil, 3 }, { -1, 3 } } do
      local model = pooled(shape)
      assert.matches("(None, None, 6)", tostring(model), 1, true)
      assert.matches("(None, 1)", tostring(model), 1, true)
      assert.equal("<symbolic tensor (n, None, 3) of input_layer>", (tostring(model.input):gsub("_%d+ ?>", ">")))
    end
    assert.same({ -1 }, nn.Input({ shape = { -1 } }).shape)
    assert.same({ -1, 8 }, nn.Input({ shape = { nil, 8 } }).shape)
    assert.same({ 4, -1, 8 }, nn.Input({ shape = { 4, nil, 8 } }).shape)
    assert.same({ -1, 8 }, nn.Input({ batch_shape = { nil, nil, 8 } }).shape)
    assert.same({ 8 }, nn.Input({ batch_shape = { 32, 8 } }).shape)
    assert.same({ 8 }, nn.Input({ { 8 }, 32 }).shape)
    assert.has_error(function() nn.Input { shape = { 8 }, batch_shape = { 32, 8 } } end)
    assert.has_error(function() nn.Input { batch_shape = { 0, 8 } } end)
    assert.has_error(function() nn.Input { batch_size = 32 } end)
  end)

  it("gives what a model of that length gives", function()
    local open = pooled { nil, 3 }
    for _, length in ipairs { 1, 4, 7 } do
      local x, y = data(6, length, 3)
      local fixed = pooled { length, 3 }
      fixed:set_weights(open:get_weights())
      assert.equal(fixed:predict(x):bytes(), open:predict(x):bytes())
      assert.equal(fixed(x):bytes(), open(x):bytes())
      assert.same({ fixed:evaluate(x, y) }, { open:evaluate(x, y) })
    end
  end)

  it("takes batches of several lengths in one fit, as train_on_batch does", function()
    local one, other = pooled { nil, 3 }, pooled { nil, 3 }
    rawset(one, "seed", 5)
    rawset(other, "seed", 5)
    local objects, mae, count = batches(LENGTHS), 0, 0
    for _ = 1, 2 do
      mae, count = 0, 0
      for i = 1, #LENGTHS do
        local x, y = objects:get(i)
        mae, count = mae + #x * select(2, other:train_on_batch(x, y)), count + #x
      end
    end
    local history = one:fit(objects, { epochs = 2, verbose = 0, shuffle = false })
    assert.equal(bytes_of(other), bytes_of(one))
    assert.is_near(mae / count, history.history.mae[2], 1e-6)
  end)

  it("is as long as the longest of a padded batch", function()
    local dataset = Dataset.from_generator(function()
      return coroutine.wrap(function()
        for i = 1, 7 do
          local ids = {}
          for k = 1, i do ids[k] = k % 5 + 1 end
          coroutine.yield(nn.tensor(ids, "int32"), i % 2)
        end
      end)
    end):padded_batch(3)
    nn.utils.set_random_seed(4)
    local model = nn.Sequential { nn.Input { shape = { -1 } }, L.Embedding { 6, 4, mask_zero = true },
      L.GlobalAveragePooling1D {}, L.Dense { 1, activation = "sigmoid" } }
    model:compile { optimizer = "adam", loss = "binary_crossentropy", metrics = { "accuracy" } }
    local history = model:fit(dataset, { epochs = 2, verbose = 0, validation_data = dataset })
    assert.equal(2, #history.history.val_accuracy)
    assert.same({ 7, 1 }, model:predict(dataset:map(function(x) return x end)).shape)
    -- what is filled up does not count
    local short = model:predict(nn.tensor({ { 1, 2 } }, "int32")):item()
    assert.is_near(short, model:predict(nn.tensor({ { 1, 2, 0, 0, 0 } }, "int32")):item(), 1e-6)
  end)

  it("trains a recurrent layer as batches of one length do", function()
    local COUNTS, most = { 2, 1, 5, 3, 4, 4 }, 5
    local function dataset()
      return Dataset.from_generator(function()
        return coroutine.wrap(function()
          for i, length in ipairs(COUNTS) do
            local ids = {}
            for k = 1, length do ids[k] = (i * k) % 5 + 1 end
            coroutine.yield(nn.tensor(ids, "int32"), i % 2)
          end
        end)
      end)
    end
    local function weights_after(shape, batched)
      nn.utils.set_random_seed(6)
      local model = nn.Sequential { nn.Input { shape = shape }, L.Embedding { 6, 3, mask_zero = true }, L.LSTM { 4 },
        L.Dense { 1, activation = "sigmoid" } }
      model:compile { optimizer = nn.optimizers.SGD { 0.5 }, loss = "binary_crossentropy" }
      model:fit(batched, { epochs = 2, verbose = 0 })
      return model:get_weights()
    end
    local open = weights_after({ -1 }, dataset():padded_batch(2))
    local fixed = weights_after({ most }, dataset():padded_batch(2, { padded_shapes = { { most }, {} } }))
    for i, weight in ipairs(fixed) do assert.is_true((weight - open[i]):abs():max() < 1e-6) end
  end)

  it("may be kept to the output", function()
    nn.utils.set_random_seed(4)
    local input = nn.Input { shape = { nil, 3 } }
    local all = L.concatenate { L.Dense { 4, activation = "relu" }(input), input * 2, nn.ops.tanh(input) }
    local model = nn.Model { inputs = input, outputs = L.Dense { 2, activation = "softmax" }(all) }
    model:compile { optimizer = "sgd", loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
    for _, length in ipairs { 3, 6 } do
      local x = data(4, length, 1)
      assert.same({ 4, length, 2 }, model:predict(x).shape)
      assert.is_number((model:train_on_batch(x, nn.zeros { 4, length })))
      assert.has_error(function() model:train_on_batch(x, nn.zeros { 4, length + 1 }) end)
    end
    local within = nn.Sequential { model, L.GlobalMaxPooling1D {} }
    assert.same({ 4, 2 }, within:predict((data(4, 5, 1))).shape)
    local fixed = model(nn.Input { shape = { 7, 3 } })
    assert.same({ 7, 2 }, fixed.shape)
  end)

  it("has gradients on a tape", function()
    local open, fixed = pooled { nil, 3 }, pooled { 4, 3 }
    fixed:set_weights(open:get_weights())
    local x = data(3, 4, 1)
    local function gradients(model)
      local tape <close> = nn.GradientTape {}
      local loss = nn.ops.mean(nn.ops.square(model(x)))
      local list = {}
      for i, gradient in ipairs(tape:gradient(loss, model.trainable_variables)) do list[i] = gradient:totable() end
      return list
    end
    assert.same(gradients(fixed), gradients(open))
  end)

  it("is saved and loaded", function()
    local path = os.tmpname() .. ".safetensors"
    finally(function() os.remove(path) end)
    local model, x = pooled { nil, 3 }, data(4, 6, 1)
    model:fit(x, nn.zeros { 4, 1 }, { verbose = 0 })
    model:save(path)
    local loaded = nn.models.load_model(path)
    assert.equal(model:predict(x):bytes(), loaded:predict(x):bytes())
    assert.equal(tostring(model), tostring(loaded))
  end)

  it("may go through layers of one's own", function()
    local Scale = L.Layer:extend { name = "Scale", build = function(self, shape)
      self.w = self:add_weight { shape = { shape[#shape] }, initializer = "ones" }
    end, call = function(self, x) return nn.ops.multiply(x, self.w) end }
    local model = nn.Sequential { Scale { input_shape = { nil, 3 } }, L.GlobalAveragePooling1D {} }
    local x = data(2, 5, 1)
    assert.same({ 2, 3 }, model:predict(x).shape)
    assert.is_near(x:mean { axis = 2 }:sum(), model:predict(x):sum(), 1e-5)
  end)

  it("on which weights would depend is an error", function()
    local ok, message = pcall(function()
      return nn.Sequential { L.Flatten { input_shape = { nil, 8 } }, L.Dense { 2 } }
    end)
    assert.is_false(ok)
    assert.matches("its weights would depend on the open axis 1 of its input", message, 1, true)
    local Own = L.Layer:extend { name = "Own", build = function(self, shape)
      self.w = self:add_weight { shape = { shape[1], 1 } }
    end, call = function(self, x) return x * self.w end }
    ok, message = pcall(function() return nn.Sequential { Own { input_shape = { nil, 8 } } } end)
    assert.is_false(ok)
    assert.matches("its weights would depend on the open axis 1 of its input", message, 1, true)
    ok, message = pcall(function() pooled({ nil, 3 }):predict(nn.ones { 2, 5, 4 }) end)
    assert.is_false(ok)
    assert.matches("wants samples of Nonex3, got 5x4", message, 1, true)
  end)

  it("is called so in messages, and no loop can be made over one", function()
    local function fails(text, call)
      local Own = L.Layer:extend { name = "Own", call = call }
      local ok, message = pcall(function() return nn.Sequential { Own { input_shape = { nil, 4 } } } end)
      assert.is_false(ok)
      assert.matches(text, message, 1, true)
      assert.is_nil(message:match "%d%d%d%d%d")
    end
    fails("nxNonex4 and 3x4 do not fit together: axis -2 is None in the first and 3 in the second; None is an open "
      .. "axis", function(_, x) return x + nn.ones { 3, 4 } end)
    fails("cannot reshape nxNonex4 to -1x7; None is an open axis", function(_, x)
      return nn.ops.reshape(x, { -1, 7 })
    end)
    fails("a loop over an open axis: its length differs from batch to batch", function(_, x)
      local sum = 0
      for i = 1, x.shape[1] do sum = sum + x[{ {}, i }] end
      return sum
    end)
  end)

  it("is a length of its own for each shape, and the layers' shapes stay open", function()
    local model = pooled { nil, 3 }
    model:predict((data(2, 5, 1)))
    assert.same({ -1, 6 }, model.layers[1].output_shape)
  end)
end)
