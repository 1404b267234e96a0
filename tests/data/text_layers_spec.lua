-- Layers that read words and categories: Keras' and TensorFlow's numbers, and models that begin with such a layer.
local json = require "dkjson"
local fingerprint = require "nn.support.fingerprint"
local golden = require "tests.support.golden"
local nn = require "nn"

nn.advice.silence() -- these models are odd on purpose
local L = nn.layers

local OPS = { StringLookup = true, IntegerLookup = true, TextVectorization = true }

local function says(part, f)
  local ok, message = pcall(f)
  assert.is_false(ok, "it was taken")
  assert.is_truthy(message:find(part, 1, true), message)
end

describe("golden text layers", function()
  for _, case in ipairs(golden.cases("layers", "golden2.json")) do
    if OPS[case.op] then
      it(case.id, function()
        local given = golden.arguments(case.config)
        if case.config.standardize == json.null then given.standardize = false end
        local layer = L[case.op](given)
        local data = case.inputs.adapt_data
        if data then layer:adapt(data.value) end
        local want = case.expected.output or case.expected
        assert.is_nil(golden.differs({ expected = want, tolerance = case.tolerance, reference = json.null },
          layer(case.inputs.inputs.value)))
        if case.expected.vocabulary then assert.are.same(case.expected.vocabulary, layer:get_vocabulary()) end
      end)
    end
  end
end)

describe("a model that begins with vectors of words", function()
  it("takes a list of one text as one sample", function()
    for _, mode in ipairs { "one_hot", "multi_hot", "count" } do
      local lookup = mode == "one_hot" and L.Hashing { num_bins = 3, output_mode = mode }
        or L.StringLookup { vocabulary = { "a", "b" }, output_mode = mode }
      local model = nn.Sequential { lookup, L.Dense { 1 } }
      local both = model:predict { "a", "b" }
      assert.are.same({ 2, 1 }, both.shape)
      assert.are.equal(both[{ { 2, 2 } }]:bytes(), model:predict({ "b" }):bytes())
      assert.are.equal(both:bytes(), model:predict({ { "a" }, { "b" } }):bytes())
    end
  end)
end)

describe("TextVectorization", function()
  it("ends no list at a nil, and takes nothing but words from a function that splits", function()
    local split = L.TextVectorization { vocabulary = { "a" }, split = function() return { "a", 2 } end }
    says("the function split: expected it to return a list of words, got 2 within", function() split { "a" } end)
    says("expected a text or a number, got nil", function()
      L.TextVectorization { vocabulary = { "a" } } { "a", nil, "a" }
    end)
  end)

  local TEXTS = { "The cat sat on the mat.", "The dog, the cat!", "A mat; a dog?" }

  it("weighs words by the documents that have them", function()
    local layer = L.TextVectorization { output_mode = "tf_idf" }
    layer:adapt { "a b", "a" }
    local a, b = math.log(1 + 2 / 3), math.log(1 + 2 / 2)
    assert.are.same({ "[UNK]", "a", "b" }, layer:get_vocabulary())
    local row = layer { "a a c" }:totable()[1]
    for i, want in ipairs { (a + b) / 2, 2 * a, 0 } do assert.is_near(want, row[i], 1e-6) end
  end)

  it("pads vectors to max_tokens, and knows multi_hot", function()
    local layer = L.TextVectorization { 20, output_mode = "multi_hot", pad_to_max_tokens = true }
    layer:adapt(TEXTS)
    local x = layer(TEXTS)
    assert.are.same({ 3, 20 }, x.shape)
    assert.are.equal(3, x[3]:sum()) -- "a", "mat", "dog"
  end)

  it("takes functions, characters and samples of words", function()
    local shout = L.TextVectorization { standardize = string.upper, split = function(text)
      local list = {}
      for part in text:gmatch "[^,]+" do list[#list + 1] = part end
      return list
    end, vocabulary = { "A B", "C" } }
    assert.are.same({ { 3, 2 } }, shout { "c,a b" }:totable())
    local letters = L.TextVectorization { split = "character", vocabulary = { "a", "ñ" } }
    assert.are.same({ { 3, 2, 1 } }, letters { "ñab" }:totable())
    local split = L.TextVectorization { split = false, vocabulary = { "x", "y" } }
    assert.are.same({ { 3, 2 }, { 1, 2 } }, split { { "y", "x" }, { "q", "x" } }:totable())
    local pairs_only = L.TextVectorization { ngrams = { 2 }, vocabulary = { "x y", "y z" } }
    assert.are.same({ { 2, 3 } }, pairs_only { "x y z" }:totable())
    local ragged = L.TextVectorization { ragged = true, vocabulary = { "x", "y" } }
    assert.are.same({ { 2 }, { 3, 2 } }, ragged { "x", "y x" })
  end)

  it("comes back from its config with its vocabulary", function()
    local layer = L.TextVectorization { output_mode = "tf_idf" }
    layer:adapt(TEXTS)
    local again = L.deserialize(L.serialize(layer))
    assert.are.same(layer(TEXTS):totable(), again(TEXTS):totable())
    says("nothing to adapt", function() again:adapt(TEXTS) end)
  end)

  it("learns from a dataset, and is a function of its elements", function()
    local layer = L.TextVectorization { vocabulary = { "cat", "dog" } }
    local learned = L.TextVectorization {}
    local dataset = nn.data.Dataset.from_tensor_slices { TEXTS, nn.tensor { 0, 1, 1 } }:batch(2)
    learned:adapt(dataset)
    assert.are.equal("the", learned:get_vocabulary()[3])
    local rows = {}
    for x, y in dataset:map(function(texts, y) return layer(texts), y end):iterate() do
      rows[#rows + 1] = { x.shape[1], x.shape[2], y.shape[1] }
    end
    assert.are.same({ { 2, 6, 2 }, { 1, 4, 1 } }, rows)
  end)

  it("says what is wrong", function()
    says("call adapt(data) first", function() L.TextVectorization {} { "a" } end)
    says("split = false", function() L.TextVectorization { vocabulary = { "a" } } { { "a", "b" } } end)
    says("expected texts", function() L.TextVectorization { vocabulary = { "a" } } { 1 } end)
    says("more than max_tokens = 3", function() L.TextVectorization { 3, vocabulary = { "a", "b" } } end)
    says("is there twice", function() L.StringLookup { vocabulary = { "a", "a" } } end)
    says("reads data, not what layers compute", function()
      L.TextVectorization { vocabulary = { "a" } }(L.Dense { 2 }(nn.Input { shape = { 3 } }))
    end)
  end)
end)

describe("lookups", function()
  it("read ids back, and hash unknown words into several ids", function()
    local back = L.StringLookup { vocabulary = { "a", "b" }, invert = true, mask_token = "" }
    assert.are.same({ { "", "[UNK]", "a" }, { "b", "[UNK]", "b" } },
      back(nn.tensor({ { 0, 1, 2 }, { 3, 9, 3 } }, "int32")))
    local integers = L.IntegerLookup { vocabulary = { 12, 36 }, invert = true }
    assert.are.same({ -1, 36 }, integers { 0, 2 }:totable())
    assert.are.same({ 12 % 3, 13 % 3, 3 }, L.IntegerLookup { vocabulary = { 5 }, num_oov_indices = 3 } { 12, 13, 5 }
      :totable())
    local several = L.StringLookup { vocabulary = { "x" }, num_oov_indices = 3 }
    assert.are.same({ 1, 0, 1, 1, 2, 3 }, several { "A", "B", "C", "D", "E", "x" }:totable())
  end)

  it("leave masked words out of vectors", function()
    local count = L.StringLookup { vocabulary = { "a" }, mask_token = "", output_mode = "count" }
    assert.are.same({ { 1, 1 }, { 0, 2 } }, count { { "a", "q", "" }, { "a", "a", "" } }:totable())
    says("num_oov_indices = 0", function() L.StringLookup { vocabulary = { "a" }, num_oov_indices = 0 } "q" end)
  end)

  it("learn numbers of a tensor, larger ones first among equals", function()
    local lookup = L.IntegerLookup { max_tokens = 3 }
    lookup:adapt(nn.tensor { 7, 3, 3, 9 })
    assert.are.same({ -1, 3, 9 }, lookup:get_vocabulary())
  end)
end)

-- The numbers of Keras' documentation, which are TensorFlow's; those of FarmHash and SipHash are of their own tests.
describe("hashes", function()
  local LETTERS = { { "A" }, { "B" }, { "C" }, { "D" }, { "E" } }

  it("are Keras'", function()
    assert.are.same({ { 1 }, { 0 }, { 1 }, { 1 }, { 2 } }, L.Hashing { 3 } (LETTERS):totable())
    assert.are.same({ { 1 }, { 1 }, { 0 }, { 2 }, { 2 } },
      L.Hashing { 3, mask_value = "" } { { "A" }, { "B" }, { "" }, { "C" }, { "D" } }:totable())
    assert.are.same({ { 1 }, { 2 }, { 1 }, { 0 }, { 2 } }, L.Hashing { 3, salt = { 133, 137 } } (LETTERS):totable())
    assert.are.same({ { 0 }, { 0 }, { 2 }, { 1 }, { 0 } }, L.Hashing { 3, salt = 133 } (LETTERS):totable())
    local numbers = nn.tensor({ 101, 101, 101, 102, 102 }, "int32")
    local cross = L.HashedCrossing { 5 } { { "A", "B", "A", "B", "A" }, numbers }
    assert.are.same({ 1, 4, 1, 1, 3 }, cross:totable())
  end)

  it("are FarmHash's and SipHash's for texts of any length", function()
    for text, want in pairs {
      [""] = 0x9ae16a3b2f90404f, abc = 0x24a5b3a074e7f369, abcdefghi = 0x332c8ed4dae5ba42,
      ["size:  a.out:  bad magic"] = 0x80d73b843ba57db8,
      ["He who has a shady past knows that nice guys finish last."] = 0x786d7e1987023ca9,
      ["There is no reason for any individual to have a computer in their home. -Ken Olsen, 1977"] = 0x7e85d7b050ed2967,
      ["The fugacity of a constituent in a mixture of gases at a given temperature is proportional to its mole "
        .. "fraction.  Lewis-Randall Rule"] = 0x098eff6958c5e91a,
    } do
      assert.are.equal(want, fingerprint.of(text), text)
    end
    local text = string.char(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)
    assert.are.equal(0xa129ca6149be45e5, fingerprint.keyed(text, 0x0706050403020100, 0x0f0e0d0c0b0a0908))
  end)
end)

describe("a model that begins with words", function()
  local TEXTS = { "foo bar", "baz" }

  local function reopened(model)
    local path <const> = os.tmpname() .. ".safetensors"
    model:save(path)
    local again = nn.models.load_model(path)
    os.remove(path)
    return again
  end

  it("trains on texts and is saved with its vocabulary", function()
    local words = L.TextVectorization { output_sequence_length = 4 }
    words:adapt(TEXTS)
    local model = nn.Sequential { words, L.Embedding { 5, 3 }, L.Flatten {}, L.Dense { 1 } }
    model:compile { loss = "mse", optimizer = "sgd" }
    local before = model:predict(TEXTS)
    model:fit(TEXTS, nn.tensor { 1, 0 }, { verbose = 0, epochs = 2 })
    local dataset = nn.data.Dataset.from_tensor_slices { TEXTS, nn.tensor { 1, 0 } }:batch(2)
    assert.are.equal((model:evaluate(TEXTS, nn.tensor { 1, 0 }, { verbose = 0 })),
      (model:evaluate(dataset, { verbose = 0 })))
    local after = model:predict(TEXTS)
    assert.is_true((after - before):abs():max() > 0)
    assert.are.same(after:totable(), reopened(model):predict(TEXTS):totable())
  end)

  it("may hold a trained model, run eagerly, and take one text", function()
    local words = L.TextVectorization { vocabulary = { "a", "b" }, output_sequence_length = 3 }
    local core = nn.Sequential { L.Embedding { 4, 2, input_shape = { 3 } }, L.Flatten {}, L.Dense { 1 } }
    local whole = nn.Sequential { words, core }
    local p = core:predict(words { "a b", "b" })
    assert.are.same(p:totable(), whole:predict({ "a b", "b" }):totable())
    assert.are.same(p[{ { 1, 1 } }]:totable(), whole:predict("a b"):totable())
    local losses = {}
    for _, run_eagerly in ipairs { true, false } do
      whole:compile { loss = "mse", optimizer = nn.optimizers.SGD { 1e-30 }, run_eagerly = run_eagerly }
      losses[#losses + 1] = whole:evaluate({ "a", "b" }, nn.ones { 2, 1 }, { verbose = 0 })
    end
    assert.is_near(losses[1], losses[2], 1e-6)
    local ids = nn.Sequential { L.IntegerLookup { vocabulary = { 10, 20 }, input_shape = { 2 } }, L.Embedding { 3, 1 } }
    ids:compile { loss = "mse", optimizer = nn.optimizers.SGD { 1e-30 } }
    local x, y = nn.tensor({ { 10, 20 }, { 20, 99 } }, "int32"), nn.zeros { 2, 2, 1 }
    local once, loss = ids(x), ids:train_on_batch(x, y)
    assert.are.same(once:totable(), ids(x):totable())
    assert.are.equal(loss, (ids:train_on_batch(x, y)))
    ids:compile { loss = "mse", optimizer = nn.optimizers.SGD { 1e-30 }, run_eagerly = true }
    assert.is_near(loss, ids:train_on_batch(x, y), 1e-7)
    says("predict: x: expected numbers, got texts", function() core:predict { "a" } end)
    says("expected a list of texts, got a tensor of shape 2x3", function() whole:predict(nn.ones { 2, 3 }) end)
  end)

  it("may be built after adapt, and reads lengths of each batch", function()
    local words = L.TextVectorization { output_mode = "count" }
    local model = nn.Sequential { words, L.Dense { 2 } }
    says("call adapt(data) first", function() model:predict(TEXTS) end)
    words:adapt(TEXTS)
    assert.are.same({ 2, 2 }, model:predict(TEXTS).shape)
    local open = nn.Sequential { L.TextVectorization { vocabulary = { "a", "b" } },
      L.Embedding { 4, 3, mask_zero = true }, L.GRU { 2 } }
    local both, one = open:predict { "a b b", "b" }, open:predict { "b" }
    assert.is_true((both[2] - one[1]):abs():max() < 1e-6)
  end)

  it("may have other inputs beside", function()
    local text, number = nn.Input { shape = { 1 }, dtype = "string" }, nn.Input { shape = { 2 } }
    local counts = L.StringLookup { vocabulary = { "a", "b" }, output_mode = "one_hot" } (text)
    local model = nn.Model { inputs = { text, number }, outputs = L.Dense { 1 } (L.Concatenate {} { counts, number }) }
    local x = { { "b", "z" }, nn.ones { 2, 2 } }
    assert.are.same(model:predict(x):totable(), reopened(model):predict(x):totable())
    says("make a second nn.Input", function() L.Hashing { 3 } (text) end)
  end)
end)

it("an experiment's data are no texts", function()
  says("train x: expected tensors, got texts; apply nn.layers.TextVectorization{}", function()
    nn.Experiment { name = "texts", train = { { "a", "b" }, nn.tensor { 0, 1 } }, build = function() end }
  end)
end)

describe("load_word_vectors", function()
  local files = require "nn.support.files"
  local path

  before_each(function() path = os.tmpname() end)
  after_each(function() os.remove(path) end)

  it("gives a row for each word of a vocabulary, and how many it found", function()
    files.write(path, "3 2\ngood 0.5 1\nbad -0.5 1e-1\nother 7 8\ngood 9 9\n")
    local words = L.TextVectorization { vocabulary = { "bad", "3", "good" } }
    local vectors, known = nn.utils.load_word_vectors(path, words:get_vocabulary())
    assert.are.same(nn.tensor({ { 0, 0 }, { 0, 0 }, { -0.5, 0.1 }, { 0, 0 }, { 0.5, 1 } }):totable(), vectors:totable())
    assert.are.equal(2, known)
    local random = nn.utils.load_word_vectors(path, { "bad", "none" }, { missing = "uniform", seed = 1 })
    assert.is_true(random[2]:abs():max() > 0 and random[2]:abs():max() <= 0.05)
    local layer = L.Embedding { 5, 2, embeddings_initializer = nn.initializers.Constant { vectors }, trainable = false }
    assert.are.same(vectors[5]:totable(), layer(words { "good" })[1][1]:totable())
    local again = L.deserialize(L.serialize(layer))
    assert.are.same(vectors[3]:totable(), again(words { "bad" })[1][1]:totable())
  end)

  it("says what is wrong", function()
    files.write(path, "a 1 2\nb 1 2 3\n")
    says("line 2: expected 2 numbers, as before, got 3", function() nn.utils.load_word_vectors(path, { "a", "b" }) end)
    says("has none of the 1 words", function() nn.utils.load_word_vectors(path, { "c" }) end)
    says("/no/such/file", function() nn.utils.load_word_vectors("/no/such/file", { "c" }) end)
    says("value has shape 2x2, but the weights have 3x2", function()
      nn.initializers.Constant { nn.ones { 2, 2 } }({ 3, 2 })
    end)
  end)
end)
