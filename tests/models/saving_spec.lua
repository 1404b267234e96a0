-- Models to and from files: what comes back, how training goes on, and what happens with files that are damaged.
local nn = require "nn"
local safetensors = require "nn.tensor.safetensors"

local L = nn.layers
local path = os.tmpname() .. ".safetensors"

local function normal(seed, ...)
  return nn.random.normal { shape = { ... }, seed = seed }
end

local function model_of(options)
  nn.utils.set_random_seed(3)
  local model = nn.Sequential {
    L.Dense { 6, activation = "relu", input_shape = { 4 }, kernel_regularizer = "l2" }, L.BatchNormalization {},
    L.Dropout { 0.3 }, L.Dense { 2, activation = "softmax", kernel_constraint = nn.constraints.MaxNorm { 1.5 } },
  }
  model:compile { optimizer = options or "adam", loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
  return model
end

local function bytes(model)
  local parts = {}
  for i, weight in ipairs(model:get_weights()) do parts[i] = weight:bytes() end
  return table.concat(parts)
end

local function read()
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function write(text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end

describe("a saved model", function()
  local x, y = normal(1, 50, 4), nn.random.uniform { shape = { 50 }, maxval = 2, seed = 4 }:floor():astype "int32"
  teardown(function() os.remove(path) end)

  local optimizers = {
    plain = "sgd", adam = "adam", rmsprop = "rmsprop", nadam = "nadam", adagrad = "adagrad",
    momentum = function() return nn.optimizers.SGD { 0.1, momentum = 0.9, nesterov = true } end,
    schedule = function() return nn.optimizers.Adam { nn.optimizers.schedules.ExponentialDecay { 0.01, 10, 0.9 } } end,
    accumulation = function() return nn.optimizers.Adam { gradient_accumulation_steps = 3 } end,
    average = function() return nn.optimizers.Adam { use_ema = true, ema_momentum = 0.9 } end,
    decay = function() return nn.optimizers.AdamW { weight_decay = 0.1, clipnorm = 0.5, amsgrad = true } end,
  }
  for name, optimizer in pairs(optimizers) do
    it("goes on training with the same bits: " .. name, function()
      local once = model_of(type(optimizer) == "function" and optimizer() or optimizer)
      once:fit(x, y, { epochs = 2, batch_size = 8, verbose = 0 })
      once:save(path)
      local again = nn.models.load_model(path)
      assert.are.equal(bytes(once), bytes(again))
      local a = once:fit(x, y, { epochs = 3, batch_size = 8, verbose = 0 }).history.loss
      local b = again:fit(x, y, { epochs = 3, batch_size = 8, verbose = 0 }).history.loss
      assert.are.same(a, b)
      assert.are.equal(bytes(once), bytes(again))
    end)
  end

  it("keeps a learning rate that was changed, and the names of its layers", function()
    local model = model_of()
    model.optimizer.learning_rate = 0.125
    model:save(path)
    local again = nn.models.load_model(path)
    assert.are.equal(0.125, again.optimizer.learning_rate)
    assert.are.equal(model:to_json(), again:to_json())
    assert.are.same({ model:evaluate(x, y) }, { again:evaluate(x, y) })
  end)

  it("gives its weights to one that is built again, whose layers are numbered on", function()
    local function stack(layers)
      local model = nn.Sequential { nn.Input { shape = { 3 } }, L.Dense { 3, name = "first" }, L.BatchNormalization {} }
      for _ = 1, layers do model:add(L.Dense { 3 }) end
      model:compile { optimizer = "adam", loss = "mse" }
      return model
    end
    local model, again = stack(12), stack(12)
    assert.are_not.equal(model.layers[5].name, again.layers[5].name)
    model:save_weights(path)
    again:load_weights(path)
    assert.are.equal(bytes(model), bytes(again))
    model:fit(nn.ones { 4, 3 }, nn.zeros { 4, 3 }, { verbose = 0 })
    model:save(path)
    again:load_weights(path)
    assert.are.equal(bytes(model), bytes(again))
    local shorter = stack(11)
    assert.error_matches(function() shorter:load_weights(path) end,
      "has no batch_.*gamma; it has .*, %.%.%. %(30 in all%)")
    assert.error_matches(function() model_of():load_weights(path) end, "has no ")
  end)

  it("needs no compile to be saved", function()
    local model = nn.Sequential { L.Dense { 2, input_shape = { 3 } } }
    model:save(path)
    local again = nn.models.load_model(path)
    assert.is_nil(again.compiled)
    assert.are.equal(bytes(model), bytes(again))
  end)

  it("comes back whole if it has shared layers, several ends and models within", function()
    local a, b = nn.Input { shape = { 4 } }, nn.Input { shape = { 4 } }
    local inner = nn.Sequential { L.Dense { 3, input_shape = { 4 } }, L.BatchNormalization {}, name = "inner" }
    local masked = L.GlobalAveragePooling1D {}(L.Embedding { 5, 2, mask_zero = true }(b))
    local joined = L.add { inner(a), inner(L.Dense { 4 }(masked)) }
    local model = nn.Model { inputs = { a, b }, outputs = { first = joined, second = L.Dense { 1 }(joined) } }
    local data = { normal(1, 6, 4), nn.random.uniform { shape = { 6, 4 }, maxval = 5, seed = 1 }:floor() }
    model:save(path)
    local again = nn.models.load_model(path)
    assert.are.equal(model:to_json(), again:to_json())
    local p, q = model:predict(data), again:predict(data)
    assert.are.equal(p.first:bytes() .. p.second:bytes(), q.first:bytes() .. q.second:bytes())
  end)

  it("can be cloned with weights of its own", function()
    local model = model_of()
    local twin = nn.models.clone_model(model)
    assert.are.equal(model:to_json(), twin:to_json())
    assert.are_not.equal(bytes(model), bytes(twin))
    twin:set_weights(model:get_weights())
    twin:get_weights()[1][1][1] = 9
    assert.are.equal(bytes(model), bytes(twin))
  end)
end)

describe("a damaged model file", function()
  teardown(function() os.remove(path) end)

  local function complaint()
    local ok, message = pcall(nn.models.load_model, path)
    assert.is_false(ok)
    assert.are.equal("string", type(message))
    assert.is_truthy(message:find(path, 1, true), message)
    return message
  end

  it("is named, whatever is wrong with it", function()
    os.remove(path)
    complaint()
    write "" complaint()
    write "not a model at all" complaint()
    write(string.pack("<I8", math.maxinteger) .. "{}") complaint()
    write(string.pack("<i8", -1) .. "{}") complaint()
    write(string.pack("<I8", 200) .. ("["):rep(200)) complaint()
    write(string.pack("<I8", 2) .. "{}")
    assert.matches("no model that nnrun saved", complaint())
  end)

  it("with tensors that overlap or lie outside is refused", function()
    local function with(header, data) write(string.pack("<I8", #header) .. header .. data) end
    local entry = '"%s":{"dtype":"%s","shape":[2],"data_offsets":[%d,%d]}'
    with("{" .. entry:format("a", "F32", 0, 8) .. "," .. entry:format("b", "F32", 4, 12) .. "}", ("\0"):rep(12))
    assert.matches("overlap", complaint())
    with("{" .. entry:format("a", "F32", -8, 0) .. "}", ("\0"):rep(12))
    assert.matches("data_offsets", complaint())
    with("{" .. entry:format("a", "F32", 8, 16) .. "}", ("\0"):rep(12))
    assert.matches("data_offsets", complaint())
    with("{" .. entry:format("a", "C64", 0, 16) .. "}", ("\0"):rep(16))
    assert.matches("dtype", complaint())
  end)

  it("with an architecture that makes no sense is refused", function()
    local function with(model)
      safetensors.write(path, { w = nn.zeros { 1 } }, { format = "nnrun model 1", model = model })
    end
    for _, text in ipairs {
      "", "null", "[]", "7", '"x"', "{}", '{"class_name":"Sequential"}', '{"class_name":"Sequential","config":3}',
      '{"class_name":"os.execute","config":{}}', '{"class_name":"Sequential","config":{"layers":[{}]}}',
      '{"class_name":"Sequential","config":{"layers":[{"class_name":"Dense","config":{"units":-1}}]}}',
      '{"class_name":"Sequential","config":{"layers":[{"class_name":"Dense","config":{"unit":1}}]}}',
      '{"class_name":"Sequential","config":{"layers":[{"class_name":"Lambda","config":{"function":"os.exit()"}}]}}',
      '{"class_name":"Functional","config":{"layers":[],"calls":[],"inputs":[[1,1]],"outputs":[[1,1]]}}',
      '{"class_name":"Functional","config":{"layers":[],"calls":[{"inputs":[[9,9]],"layer":"x"}],'
        .. '"inputs":[],"outputs":[]}}',
      ("["):rep(100000), '{"class_name":' .. ('{"class_name":'):rep(10000),
    } do
      with(text)
      complaint()
    end
  end)

  it("of random bytes gone wrong is either read or refused", function()
    local model = model_of()
    model:save(path)
    local good = read()
    local noise = nn.random.permutation(#good, 12)
    for i = 1, 150 do
      local at = noise[i] % math.min(#good, 4000) + 1 -- mostly in the header
      write(good:sub(1, at - 1) .. string.char(noise[i + 200] % 256) .. good:sub(at + 1))
      local ok, message = pcall(nn.models.load_model, path)
      assert.is_true(ok or type(message) == "string" and message:find(path, 1, true) ~= nil, tostring(message))
    end
    for length = 0, #good - 1, #good // 60 do
      write(good:sub(1, length))
      complaint()
    end
  end)
end)
