-- Attention as part of models: padded batches, calls that are stored, scores, long sequences, threads, messages. Keras'
-- numbers are in tests/engine/golden_spec.lua and golden_gradients_spec.lua.
local graph = require "engine.graph"
local machine = require "engine.machine"
local expect = require "tests.support.expect"
local gradients = require "tests.support.gradients"
local nn = require "nn"

local L, fails = nn.layers, expect.fails

nn.advice.silence()

local function difference(a, b) return (a - b):abs():max() end

local function input(...) return nn.Input { shape = { ... } } end

local function numbers(...) return nn.random.normal { shape = { ... } } end

-- Each kind of layer, as a function of the sequence that attends to itself.
local KINDS = {
  MultiHeadAttention = function() return L.MultiHeadAttention { 2, 3, bias_initializer = "random_uniform" } end,
  GroupQueryAttention = function() return L.GroupQueryAttention { 2, 2, 1, bias_initializer = "random_uniform" } end,
  Attention = function() return L.Attention { use_scale = true } end,
  ["Attention by concat"] = function() return L.Attention { score_mode = "concat" } end,
  AdditiveAttention = function() return L.AdditiveAttention {} end,
}

describe("a padded batch", function()
  local LENGTHS, STEPS = { 4, 1, 3, 2 }, 4

  local function new(make, steps, options)
    local x = input(steps, 3)
    local masked = L.Masking {}(x)
    local y = L.GlobalAveragePooling1D {}(make() ({ masked, masked }, options))
    local model = nn.Model { inputs = x, outputs = L.Dense { 2 }(y) }
    model:compile { optimizer = nn.optimizers.SGD { 1 }, loss = "mean_squared_error" }
    return model
  end

  -- The weights after one step of SGD with rate 1, and its loss.
  local function trained(model, start, x, y)
    model:set_weights(start)
    local loss = model:train_on_batch(x, y)
    return model:get_weights(), loss
  end

  local function check(make, options)
    nn.utils.set_random_seed(4)
    local padded = new(make, STEPS, options)
    local start, x, y = padded:get_weights(), numbers(4, STEPS, 3), numbers(4, 2)
    local changes, losses = {}, 0
    for i, length in ipairs(LENGTHS) do
      if length < STEPS then x[{ i, { length + 1, STEPS } }] = 0 end
      local after, loss = trained(new(make, length, options), start, x[{ { i, i }, { 1, length } }], y[{ { i, i } }])
      losses = losses + loss / 4
      for k, weight in ipairs(after) do changes[k] = (changes[k] or 0) + (weight - start[k]) / 4 end
    end
    local after, loss = trained(padded, start, x, y)
    assert.is_near(losses, loss, 1e-6)
    for k, weight in ipairs(after) do assert.is_true(difference(weight, start[k] + changes[k]) < 3e-6) end
  end

  for name, make in pairs(KINDS) do
    it("gives the losses and gradients of its rows without padding: " .. name, function()
      check(make)
      check(make, { use_causal_mask = true })
    end)
  end
end)

describe("a call's options", function()
  it("are stored with the model", function()
    local x, y, allowed = input(3, 4), input(5, 4), input(3, 5)
    local mixed, scores = L.MultiHeadAttention { 2, 2 }({ x, y }, { attention_mask = allowed, use_causal_mask = true,
      return_attention_scores = true })
    local model = nn.Model { inputs = { x, y, allowed }, outputs = { mixed, scores } }
    local twin = nn.models.model_from_json(model:to_json())
    twin:set_weights(model:get_weights())
    local data = { numbers(2, 3, 4), numbers(2, 5, 4), nn.ops.cast(numbers(2, 3, 5):gt(0), "float32") }
    local want, got = model:predict(data), twin:predict(data)
    for i = 1, 2 do assert.are.equal(want[i]:bytes(), got[i]:bytes()) end
    assert.are.equal(model:to_json(), twin:to_json())
  end)

  it("differ from call to call of one layer", function()
    local x, layer = input(4, 4), L.MultiHeadAttention { 2, 2 }
    local model = nn.Model { inputs = x, outputs = { layer({ x, x }), layer({ x, x }, { use_causal_mask = true }) } }
    local all, causal = table.unpack(model:predict(numbers(1, 4, 4)))
    assert.is_true(difference(all[{ 1, 1 }], causal[{ 1, 1 }]) > 1e-3)
    assert.is_true(difference(all[{ 1, 4 }], causal[{ 1, 4 }]) < 1e-6)
  end)

  it("show tensors the scores, whose rows add up to 1", function()
    local x = numbers(2, 5, 4)
    for name, make in pairs(KINDS) do
      local y, scores = make() ({ x, x }, { return_attention_scores = true, use_causal_mask = true })
      assert.same({ 2, 5, 4 }, y.shape)
      assert.is_true((scores:sum(-1) - 1):abs():max() < 1e-5, name)
      assert.is_near(0, nn.ops.triu(scores, 1):abs():max(), 1e-7)
    end
  end)

  it("give scores whose gradients are those of finite differences", function()
    nn.utils.set_random_seed(2)
    local x = input(3, 2)
    local y, scores = L.MultiHeadAttention { 2, 2, bias_initializer = "random_normal" }({ x, x },
      { return_attention_scores = true, use_causal_mask = true })
    local model = nn.Model { inputs = x, outputs = nn.ops.matmul(nn.ops.sum(scores, 2), y) }
    local by_weights, by_inputs = gradients.differ(model, numbers(2, 3, 2), numbers(2, 3, 2), "mean_squared_error")
    assert.is_true(by_weights < 4e-3 and by_inputs < 4e-3, ("%g %g"):format(by_weights, by_inputs))
  end)
end)

describe("a call of attention with several heads", function()
  it("takes query, value and key one by one or in a list", function()
    for _, name in ipairs { "MultiHeadAttention", "GroupQueryAttention" } do
      local attention, q, v, k = KINDS[name](), numbers(2, 3, 4), numbers(2, 5, 4), numbers(2, 5, 4)
      local causal = { use_causal_mask = true }
      assert.are.equal(attention({ q, v }):bytes(), attention(q, v):bytes())
      assert.are.equal(attention({ q, v, k }, causal):bytes(), attention(q, v, k, causal):bytes())
      assert.are_not.equal(attention(q, v, k):bytes(), attention(q, v):bytes())
      local a, b = input(3, 4), input(5, 4)
      local model = nn.Model { inputs = { a, b }, outputs = attention(a, b, causal) }
      assert.are.equal(attention({ q, v }, causal):bytes(), model:predict({ q, v }):bytes())
    end
  end)

  it("refuses more tensors, and what follows the options", function()
    local attention, x = L.MultiHeadAttention { 2, 3, name = "heads" }, numbers(2, 3, 4)
    fails("layer heads: wants query, value and key, got 4 tensors", attention, x, x, x, x)
    fails("layer heads: expected nothing after the options, got true", attention, x, x, {}, true)
  end)
end)

describe("attention", function()
  -- The same, one operation after the other.
  local function by_operations(q, k, v, causal)
    local ops = nn.ops
    local function heads_first(x) return ops.transpose(x, { 1, 3, 2, 4 }) end
    local scores = ops.matmul(heads_first(q), ops.transpose(k, { 1, 3, 4, 2 })) / q.shape[4] ^ 0.5
    if causal then
      scores = ops.where(ops.tril(nn.ones { q.shape[2], k.shape[2] }), scores, -1e9)
    end
    return heads_first(ops.matmul(ops.softmax(scores, -1), heads_first(v)))
  end

  it("of long sequences is that of all scores at once, and so are its gradients", function()
    nn.utils.set_random_seed(7)
    for _, causal in ipairs { false, true } do
      local q, k, v, up = numbers(1, 150, 2, 3), numbers(1, 130, 2, 3), numbers(1, 130, 2, 4), numbers(1, 150, 2, 4)
      local function slopes(f)
        local tape <close> = nn.GradientTape()
        tape:watch { q, k, v }
        local y = f()
        return y, tape:gradient(nn.ops.sum(y * up), { q, k, v })
      end
      local y, found = slopes(function() return nn.ops.dot_product_attention(q, k, v, { is_causal = causal }) end)
      local want, expected = slopes(function() return by_operations(q, k, v, causal) end)
      assert.is_true(difference(y, want) < 1e-5)
      for i = 1, 3 do assert.is_true(difference(found[i], expected[i]) < 5e-5) end
    end
  end)

  it("takes memory that grows with the length, not with its square", function()
    local function size(length)
      local nodes = {}
      for i = 1, 3 do
        nodes[i] = { layer = "variable", config = { shape = { 1, length, 1, 8 } }, inputs = {},
          params = { nn.zeros { 1, length, 1, 8 } } }
      end
      nodes[4] = { operation = "dot_product_attention", config = { is_causal = true }, inputs = { 1, 2, 3 } }
      collectgarbage()
      local before = collectgarbage "count"
      local made = graph.new { nodes = nodes, inputs = {}, outputs = { 4 }, training = true }
      return collectgarbage "count" - before, made
    end
    local short, long = size(1000), size(4000)
    assert.is_true(long < 4.1 * short, ("%g and %g KB"):format(short, long))
    assert.is_true(long < 4000 * 4000 * 4 / 1024 / 4)
  end)

  it("drops weights in training only, the same ones for the same seed", function()
    local x = nn.ones { 1, 40, 2 }
    local function run(seed, training)
      return L.Attention { dropout = 0.5, seed = seed } ({ x, x }, { training = training })
    end
    local first = run(3, true)
    assert.is_true(difference(run(3, false), x) < 1e-6)
    assert.is_true(difference(first, x) > 0.05 and difference(first, x) < 1)
    assert.is_true(difference(first, run(4, true)) > 0.05)
    assert.are.equal(first:bytes(), run(3, true):bytes())
  end)

  it("gives the same bits for any number of threads", function()
    local function run(threads)
      nn.utils.set_random_seed(11)
      machine.set_threads(threads)
      local x = input(70, 8)
      local y = L.MultiHeadAttention { 2, 4, dropout = 0.2 }({ x, x }, { use_causal_mask = true })
      local model = nn.Model { inputs = x, outputs = L.GroupQueryAttention { 4, 4, 2 } { y, x } }
      model:compile { optimizer = "sgd", loss = "mean_squared_error" }
      model:fit(numbers(6, 70, 8), numbers(6, 70, 8), { epochs = 2, batch_size = 3, verbose = 0 })
      return expect.bits(model)
    end
    local before, one = machine.blas().threads, run(1)
    local three = run(3)
    machine.set_threads(before)
    assert.is_true(one == three)
  end)
end)

describe("a message about attention", function()
  local mha = function() return L.MultiHeadAttention { 2, 3, name = "m" } end

  it("says what was expected and what came", function()
    fails("layer m: attention_mask: expected a mask of 3x5 (queries and keys) or 2x3x5 (heads first), got 5x3",
      mha(), { numbers(1, 3, 4), numbers(1, 5, 4) }, { attention_mask = numbers(1, 5, 3) })
    fails("layer m: query_mask: expected a mask of shape 3, one number for each place, got 5",
      mha(), { numbers(1, 3, 4), numbers(1, 5, 4) }, { query_mask = numbers(1, 5) })
    fails("layer m: expected as many keys as values, got 6 keys and 5 values",
      mha(), { numbers(1, 3, 4), numbers(1, 5, 4), numbers(1, 6, 4) })
    fails("layer m: wants query, value and key as samples of (places, features), got 4 as query", mha(),
      { numbers(1, 4), numbers(1, 5, 4) })
    fails("num_query_heads: expected a multiple of num_key_value_heads, which is 2, got 3", L.GroupQueryAttention,
      { 2, 3, 2 })
    fails("num_heads: expected a whole number from 1, got 0", L.MultiHeadAttention, { 0, 2 })
    fails("wants a list { query, value } or { query, value, key }, got 1 input", L.Attention {}, numbers(1, 2, 3))
    fails("expected queries and keys of the same length, got 2 and 3", L.Attention {},
      { numbers(1, 4, 2), numbers(1, 4, 3) })
    for _, kind in ipairs { "Attention", "AdditiveAttention" } do
      local attend, x, fit, unfit = L[kind] { name = "a" }, numbers(2, 3, 4), nn.ones { 2, 3 }, nn.ones { 2, 4 }
      local rest = "_mask: expected a mask of shape 3, one number for each place, got 4"
      fails("layer a: query" .. rest, attend, { x, x }, { mask = { unfit } })
      fails("layer a: value" .. rest, attend, { x, x }, { mask = { fit, unfit } })
    end
    fails("mask: expected a list { query_mask, value_mask }", L.AdditiveAttention {},
      { numbers(1, 4, 2), numbers(1, 4, 2) }, { mask = nn.ones { 1, 4 } })
    fails("expected at least one key, and keys of at least one number, got 1x0x2x1", nn.ops.dot_product_attention,
      numbers(1, 3, 2, 1), nn.zeros { 1, 0, 2, 1 }, nn.zeros { 1, 0, 2, 1 })
    fails("mask: expected a mask that broadcasts to 1x2x3x3, got 2x2", nn.ops.dot_product_attention,
      numbers(1, 3, 2, 1), numbers(1, 3, 2, 1), numbers(1, 3, 2, 1), { mask = { { 1, 1 }, { 1, 1 } } })
  end)

  it("about EinsumDense names the axis", function()
    fails('equation: expected letters as in "abc,cd->abd", got "abc"', L.EinsumDense { "abc", 3 }, numbers(2, 3))
    fails("output_shape: expected a length for the axis d of abc,cd->abd, got { -1, -1 }",
      L.EinsumDense { "abc,cd->abd", { -1, -1 } }, numbers(2, 3, 4))
    fails("output_shape: b is 3 long in the input, got 4", L.EinsumDense { "abc,cd->abd", { 4, 5 } }, numbers(2, 3, 4))
    fails("has 3 axes for its input, the samples' among them, got an input of 2", L.EinsumDense { "abc,cd->abd",
      { 4, 5 } }, numbers(2, 3))
    fails("bias_axes: expected letters of the result but for the samples' axis, got z", L.EinsumDense { "ab,bc->ac", 3,
      bias_axes = "z" }, numbers(2, 3))
  end)
end)

describe("an embedding of positions", function()
  it("adds the same vectors to each sample", function()
    local layer = L.TokenAndPositionEmbedding { 5, 4, 3 }
    local y = layer(nn.tensor { { 1, 2, 2 }, { 4, 1, 0 } })
    local tokens, places = layer:get_weights()
    assert.same({ 5, 3 }, tokens.shape)
    assert.same({ 4, 3 }, places.shape)
    assert.is_true(difference(y[{ 1, 3 }], tokens[3] + places[3]) < 1e-7)
    assert.is_true(difference(y[{ 2, 1 }], tokens[5] + places[1]) < 1e-7)
    assert.same({ "token_embedding/embeddings", "position_embedding/embeddings" }, layer.weight_names)
  end)

  it("gives the sines and cosines of the formula", function()
    local y = L.SinePositionEncoding { 100 } (nn.zeros { 1, 3, 4 })
    local want = nn.tensor { { 0, 1, 0, 1 }, { math.sin(1), math.cos(1), math.sin(0.1), math.cos(0.1) },
      { math.sin(2), math.cos(2), math.sin(0.2), math.cos(0.2) } }
    assert.is_true(difference(y[1], want) < 1e-6)
  end)

  it("takes sequences of any length up to its own, of open axes too", function()
    local ids = nn.Input { shape = { -1 } }
    local model = nn.Model { inputs = ids, outputs = L.TokenAndPositionEmbedding { 5, 4, 3 } (ids) }
    assert.same({ 1, 2, 3 }, model:predict(nn.tensor { { 1, 2 } }).shape)
    assert.same({ 1, 4, 3 }, model:predict(nn.tensor { { 1, 2, 3, 4 } }).shape)
    fails("sequence_length is 4, got a sequence of 5 places", L.PositionEmbedding { 4 }, nn.zeros { 1, 5, 3 })
  end)

  it("passes the mask of its tokens on", function()
    local ids = input(3)
    assert.is_not_nil(L.TokenAndPositionEmbedding { 5, 4, 3, mask_zero = true } (ids).mask)
    assert.is_nil(L.TokenAndPositionEmbedding { 5, 4, 3 } (ids).mask)
  end)
end)
