-- Layers of one's own: traced into graphs, run on tensors, trained, nested, stored.
local expect = require "tests.support.expect"
local nn = require "nn"

local Dense, Layer = nn.layers.Dense, nn.layers.Layer

local Linear = Layer:extend {
  name = "Linear",
  build = function(self, shape)
    self.w = self:add_weight { shape = { shape[#shape], self.units }, name = "w" }
    self.b = self:add_weight { shape = { self.units }, initializer = "zeros", name = "b" }
  end,
  call = function(self, x) return nn.ops.relu(nn.ops.matmul(x, self.w) + self.b) end,
}

local function samples(n, ...)
  nn.utils.set_random_seed(4)
  return nn.random.normal { shape = { n, ... } }
end

-- A small network whose hidden layer is as given, compiled.
local function network(hidden)
  local model = nn.Sequential { nn.Input { shape = { 6 } }, hidden, Dense { 3, activation = "softmax" } }
  model:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
  return model
end

local function values(model)
  local list = {}
  for i, weight in ipairs(model:get_weights()) do list[i] = weight:totable() end
  return list
end

describe("a layer of one's own", function()
  it("trains as the built-in layer does, with a short last batch too", function()
    local x, y = samples(50, 6), nn.ops.mod(nn.arange(50), 3)
    local own, built_in = network(Linear { units = 5 }), network(Dense { 5, activation = "relu" })
    own:set_weights(built_in:get_weights())
    for _, model in ipairs { own, built_in } do
      nn.utils.set_random_seed(7)
      model:fit(x, y, { epochs = 3, batch_size = 16, verbose = 0 })
    end
    local a, b = values(own), values(built_in)
    for i = 1, #a do
      local distance = (nn.tensor(a[i]) - nn.tensor(b[i])):abs():max()
      assert.is_true(distance < 1e-5, ("weight %d differs by %g"):format(i, distance))
    end
    assert.are.same({ own:evaluate(x, y) }, { own:evaluate(x, y, { batch_size = 7 }) })
  end)

  it("computes on tensors what it computes in a model", function()
    local x = samples(4, 6)
    local layer = Linear { units = 2 }
    local model = nn.Sequential { nn.Input { shape = { 6 } }, layer }
    assert.are.same(model(x):totable(), layer(x):totable())
    assert.are.same({ 6, 2 }, layer.w.shape)
    assert.are.equal("linear/w", layer.w.name:gsub("_%d+", ""))
  end)

  it("reads weights as they are in each step, in arithmetic too", function()
    local Scaled = Layer:extend {
      name = "Scaled",
      build = function(self) self.scale = self:add_weight { initializer = "ones", name = "scale" } end,
      call = function(self, x) return x * (2 * self.scale):reshape { 1, 1 } end,
    }
    local layer = Scaled {}
    local model = nn.Sequential { nn.Input { shape = { 2 } }, layer }
    local x = nn.ones { 1, 2 }
    assert.are.same({ { 2, 2 } }, model(x):totable())
    layer.scale:assign(3)
    assert.are.same({ { 6, 6 } }, model(x):totable())
  end)

  it("knows training from other calls", function()
    local Which = Layer:extend {
      name = "Which",
      call = function(_, x, options) return options.training and x * 2 or x * 3 end,
    }
    local x = nn.ones { 2, 1 }
    local model = nn.Sequential { nn.Input { shape = { 1 } }, Which {} }
    model:compile { optimizer = "sgd", loss = "mse" }
    assert.are.same({ { 3 }, { 3 } }, model(x):totable())
    assert.are.same({ { 2 }, { 2 } }, model(x, { training = true }):totable())
    assert.are.equal(9, (model:evaluate(x, nn.zeros { 2, 1 })))
  end)

  it("owns the layers in its fields, with their weights, and reads several inputs", function()
    local Block = Layer:extend {
      name = "Block",
      init = function(self) self.parts = { Dense { 4, name = "a" }, Linear { units = 3, name = "c" } } end,
      call = function(self, inputs)
        local sum = inputs[1] + inputs[2]
        for _, part in ipairs(self.parts) do sum = part(sum) end
        return sum
      end,
    }
    local a, b = nn.Input { shape = { 2 } }, nn.Input { shape = { 2 } }
    local block = Block { name = "block" }
    local model = nn.Model { inputs = { a, b }, outputs = block { a, b } }
    local names = {}
    for i, weight in ipairs(model:named_weights()) do names[i] = weight.name end
    assert.are.same({ "block/a/kernel", "block/a/bias", "block/c/w", "block/c/b" }, names)
    assert.are.equal(4 * 2 + 4 + 4 * 3 + 3, model:count_params())
    block.trainable = false
    assert.are.equal(0, #model.trainable_weights)
    local x = samples(3, 2)
    assert.are.same(model({ x, x }):totable(), block({ x, x }):totable())
  end)

  it("gives several outputs", function()
    local Both = Layer:extend { name = "Both", call = function(_, x) return x + 1, x * 2 end }
    local input = nn.Input { shape = { 2 } }
    local more, twice = Both {}(input)
    local model = nn.Model { inputs = input, outputs = { more, twice } }
    local given = model(nn.tensor { { 1, 2 } })
    assert.are.same({ { { 2, 3 } }, { { 2, 4 } } }, { given[1]:totable(), given[2]:totable() })
  end)

  it("is regularized and constrained", function()
    local Limited = Layer:extend {
      name = "Limited",
      build = function(self, shape)
        local regularizer = nn.regularizers.L2 { 0.5 }
        self.w = self:add_weight { shape = { shape[1], 1 }, initializer = "ones", regularizer = regularizer,
          constraint = nn.constraints.MaxNorm { 0.5 }, name = "w" }
      end,
      call = function(self, x) return nn.ops.matmul(x, self.w) end,
    }
    local model = nn.Sequential { nn.Input { shape = { 2 } }, Limited {} }
    model:compile { optimizer = nn.optimizers.SGD { 1e-9 }, loss = "mse" }
    assert.are.equal(1, (model:evaluate(nn.zeros { 1, 2 }, nn.zeros { 1, 1 })))
    model:train_on_batch(nn.zeros { 1, 2 }, nn.zeros { 1, 1 })
    assert.is_true(math.abs((model.weights[1] ^ 2):sum() - 0.25) < 1e-6)
  end)

  it("is differentiated by a tape as in a model", function()
    local x = samples(4, 6)
    local layer = Linear { units = 2 }
    layer(x)
    local tape <close> = nn.GradientTape {}
    local gradients = tape:gradient(nn.ops.sum(layer(x)), layer.trainable_weights)
    local active = (x:matmul(layer.w) + layer.b):gt(0):astype "float32"
    assert.are.same(x:transpose():matmul(active):totable(), gradients[1]:totable())
  end)

  it("is stored with a model, and loaded by whoever has its class", function()
    local path, x = os.tmpname() .. ".safetensors", samples(2, 6)
    local model = network(Linear { units = 5 })
    model:save(path)
    expect.fails("there is no layer Linear: if it is of your script, give load_model custom_objects = { Linear }",
      nn.models.load_model, path)
    local again = nn.models.load_model(path, { custom_objects = { Linear } })
    assert.are.same(model(x):totable(), again(x):totable())
    assert.are.equal(5, again.layers[1].units)
    os.remove(path)
  end)

  it("is stored with what the optimizer knows of the layers in it", function()
    local Block = Layer:extend {
      name = "Block",
      build = function(self) self.first, self.second = Dense { 4, activation = "tanh" }, Dense { 6 } end,
      call = function(self, x) return x + self.second(self.first(x)) end,
    }
    local path, x, y = os.tmpname() .. ".safetensors", samples(8, 6), nn.tensor({ 0, 1, 2, 0, 1, 2, 0, 1 }, "int32")
    local model = network(Block {})
    model:fit(x, y, { verbose = 0 })
    model:save(path)
    local again = nn.models.load_model(path, { custom_objects = { Block } }) -- whose layers are numbered on
    for _, each in ipairs { model, again } do each:fit(x, y, { verbose = 0 }) end
    assert.are.equal(expect.bits(model), expect.bits(again))
    os.remove(path)
  end)

  it("reads the weights of the layers in it by their names", function()
    local Tied = Layer:extend {
      name = "Tied",
      init = function(self) self.dense = Dense { 4 } end,
      call = function(self, x) return nn.ops.matmul(self.dense(x), nn.ops.transpose(self.dense.kernel)) end,
    }
    local model, x = nn.Sequential { nn.Input { shape = { 6 } }, Tied {} }, samples(3, 6)
    local dense = model.layers[1].dense
    local expected = (x:matmul(dense.kernel) + dense.bias):matmul(dense.kernel:transpose())
    assert.is_true((model:predict(x) - expected):abs():max() < 1e-5)
    expect.fails("layer new has no kernel yet: it gets its weights when it is called for the first time", function()
      return Dense { 4, name = "new" }.kernel
    end)
    assert.is_nil(nn.Sequential { Dense { 4, use_bias = false, input_shape = { 2 } } }.layers[1].bias)
  end)

  it("owns the variables in its fields", function()
    local Shift = Layer:extend {
      name = "Shift",
      build = function(self, shape)
        self.by = nn.Variable(nn.ones(shape))
        self.count = nn.Variable(nn.zeros {}, { name = "seen", trainable = false })
      end,
      call = function(self, x) return x + self.by + self.count end,
    }
    local model = nn.Sequential { nn.Input { shape = { 3 } }, Shift { name = "shift" } }
    assert.are.equal("shift/by", model:named_weights()[1].name)
    assert.are.equal("shift/seen", model:named_weights()[2].name)
    assert.are.equal(1, #model.trainable_weights)
    model:compile { optimizer = nn.optimizers.SGD { 0.5 }, loss = "mse" }
    model:fit(nn.zeros { 4, 3 }, nn.zeros { 4, 3 }, { verbose = 0, epochs = 9 })
    assert.is_true(model.layers[1].by:abs():max() < 0.1)
    assert.are.equal(0, model.layers[1].count:item())
  end)

  it("has the layers that its constructor is given in the order of their names", function()
    local Several = Layer:extend { name = "Several", call = function(self, x) return self.c(self.b(self.a(x))) end }
    for _ = 1, 5 do
      local layer = Several { c = Dense { 3, name = "c" }, a = Dense { 3, name = "a" }, b = Dense { 3, name = "b" } }
      local model, list = nn.Sequential { nn.Input { shape = { 3 } }, layer }, {}
      for i, weight in ipairs(model:named_weights()) do list[i] = weight.name:match "/(%a)/" end
      assert.are.equal("aabbcc", table.concat(list))
    end
  end)

  it("is blamed at its own line for the last thing that it does", function()
    local line = debug.getinfo(1, "l").currentline + 1
    local Wrong = Layer:extend { name = "Wrong", call = function(_, x) return nn.ops.matmul(x, nn.ones { 2, 2 }) end }
    local where = ("custom_layer_spec.lua:%d: "):format(line)
    expect.fails(where, function() nn.Sequential { nn.Input { shape = { 3 } }, Wrong {} } end)
    expect.fails(where, function() Wrong {}(nn.ones { 1, 3 }) end)
  end)

  it("cannot branch on symbolic tensors, nor take over names", function()
    local function fails(text, call)
      expect.fails(text, function()
        nn.Sequential { nn.Input { shape = { 3 } }, Layer:extend { name = "Odd", call = call } {} }
      end)
    end
    fails("cannot be compared with == or ~=: nn.ops.equal(a, b)", function(_, x) return x == 2 * x and x or -x end)
    fails("cannot be compared with <", function(_, x) return x > 0 and x or -x end)
    expect.fails("Layer:extend: Odd: build: expected a function, got 3", function()
      Layer:extend { name = "Odd", call = function(_, x) return x end, build = 3 }
    end)
    local Plain = Layer:extend { name = "Plain", call = function(_, x) return x end }
    for _, name in ipairs { "build", "call", "weights", "class" } do
      expect.fails("Plain: " .. name .. ": layers have a field of that name already", Plain, { [name] = 3 })
    end
  end)

  it("names what is wrong at the script's line", function()
    local input = nn.Input { shape = { 3 } }
    expect.fails("Layer:extend: Odd: call: expected a function(self, x, options), got nil", function()
      Layer:extend { name = "Odd" }
    end)
    expect.fails("its call returned nothing; it is to return a symbolic tensor", function()
      Layer:extend { name = "Odd", call = function() end } {}(input)
    end)
    expect.fails("its call is to return a symbolic tensor, got 7", function()
      Layer:extend { name = "Odd", call = function() return 7 end } {}(input)
    end)
    expect.fails("custom_layer_spec.lua:", function()
      Layer:extend { name = "Odd", call = function(_, x) return Dense { 2 }(x) end } {}(input)
    end)
    local lists = Layer:extend {
      name = "Odd",
      build = function(self) self.list = {}; self.list[1] = Dense { 2, name = "late" } end,
      call = function(self, x) return self.list[1](x) end,
    }
    expect.fails("its call uses the layer late, whose weights would belong to no layer", lists {}, input)
    expect.fails("shapes nx3 and 4 do not fit together", function()
      Layer:extend { name = "Odd", call = function(_, x) return x + nn.ones { 4 } end } {}(input)
    end)
    expect.fails("belongs to no layer, so a model cannot train it: make it with self:add_weight", function()
      local free = nn.Variable(nn.ones { 3 })
      Layer:extend { name = "Odd", call = function(_, x) return x + free end } {}(input)
    end)
  end)
end)
