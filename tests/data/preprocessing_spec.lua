-- nn.preprocessing: scalers (numbers of scikit-learn 1.2), Tokenizer and pad_sequences (Keras' rules).
local message_of = require("tests.support.expect").message_of
local nn = require "nn"
local preprocessing = nn.preprocessing

local NAN = 0 / 0

local function assert_near(want, got)
  if type(want) == "table" then
    if nn.is_tensor(got) then got = got:totable() end
    assert.are.equal(#want, #got)
    for i, each in ipairs(want) do assert_near(each, got[i]) end
  else
    assert.is_true(want ~= want and got ~= got or math.abs(want - got) < 1e-5, ("%s, not %s"):format(got, want))
  end
end

-- A constant column, and one with a missing value.
local X = { { 1, 10, 5, 2.5 }, { 2, 20, 5, NAN }, { 4, -30, 5, 0.5 }, { 8, 5, 5, -1 } }

describe("StandardScaler", function()
  local scaler = preprocessing.StandardScaler():fit(X)

  it("has scikit-learn's numbers", function()
    assert_near({ 3.75, 1.25, 5, 0.66666667 }, scaler.mean_)
    assert_near({ 7.1875, 354.6875, 0, 2.05555556 }, scaler.var_)
    assert_near({ 2.68095132, 18.83314897, 1, 1.43372088 }, scaler.scale_)
    assert_near({ { -1.02575529, 0.46460632, 0, 1.27872403 }, { -0.65275337, 0.99558497, 0, NAN },
      { 0.09325048, -1.65930828, 0, -0.11624764 }, { 1.58525817, 0.19911699, 0, -1.1624764 } }, scaler:transform(X))
  end)

  it("undoes what it did", function()
    assert_near(X, scaler:inverse_transform(scaler:transform(X)))
    assert_near(X, preprocessing.StandardScaler { with_mean = false, with_std = false }:fit_transform(X))
    assert_near({ { -1 }, { 1 } }, preprocessing.StandardScaler { with_std = false }:fit_transform { { 3 }, { 5 } })
  end)

  it("takes columns over the last axis, and one axis as one column", function()
    assert_near({ { { -1 }, { 1 } } }, preprocessing.StandardScaler():fit_transform { { { 3 }, { 5 } } })
    assert_near({ -1, 1 }, preprocessing.StandardScaler():fit_transform { 3, 5 })
  end)

  it("says what is wrong", function()
    assert.matches("call fit first", message_of(scaler.transform, preprocessing.StandardScaler(), X))
    assert.matches("fitted to 4 columns, got 2", message_of(scaler.transform, scaler, { { 1, 2 } }))
    assert.matches("unknown argument with_meen", message_of(preprocessing.StandardScaler, { with_meen = false }))
    assert.matches("x is missing", message_of(scaler.fit, scaler))
  end)
end)

describe("MinMaxScaler", function()
  local scaler = preprocessing.MinMaxScaler { feature_range = { -1, 2 } }:fit(X)

  it("has scikit-learn's numbers", function()
    assert_near({ 0.42857143, 0.06, 3, 0.85714286 }, scaler.scale_)
    assert_near({ -1.42857143, 0.8, -16, -0.14285714 }, scaler.min_)
    assert_near({ { -0.14285714, 0.8, 2, 7.57142857 } }, scaler:transform { { 3, 0, 6, 9 } })
    assert_near({ 1, -30, 5, -1 }, scaler.data_min_)
    assert_near({ 7, 50, 0, 3.5 }, scaler.data_range_)
  end)

  it("undoes what it did, and clips on request", function()
    assert_near(X, scaler:inverse_transform(scaler:transform(X)))
    local clipping = preprocessing.MinMaxScaler { feature_range = { -1, 2 }, clip = true }:fit(X)
    assert_near({ { 2, 0.8, 2, -1 } }, clipping:transform { { 30, 0, 6, -9 } })
    assert_near({ { 0 }, { 0.25 }, { 1 } }, preprocessing.MinMaxScaler():fit_transform { { 1 }, { 2 }, { 5 } })
  end)

  it("refuses a range that is none", function()
    assert.matches("feature_range", message_of(preprocessing.MinMaxScaler, { feature_range = { 1, 0 } }))
  end)
end)

describe("pad_sequences", function()
  local pad = preprocessing.pad_sequences

  it("fills and cuts at either end", function()
    local lists = { { 1 }, { 1, 2 }, { 1, 2, 3 } }
    assert.are.same({ { 0, 0, 1 }, { 0, 1, 2 }, { 1, 2, 3 } }, pad(lists):totable())
    assert.are.same({ { 1, 0 }, { 1, 2 }, { 2, 3 } }, pad(lists, { maxlen = 2, padding = "post" }):totable())
    local options = { maxlen = 2, truncating = "post", value = 9 }
    assert.are.same({ { 9, 1 }, { 1, 2 }, { 1, 2 } }, pad(lists, options):totable())
    assert.are.same({ 2, 0 }, pad({ {}, {} }).shape)
  end)

  it("is int32 and cuts fractions off, unless told otherwise", function()
    local whole = pad { { 1.7, -1.7 }, {} }
    assert.are.equal("int32", whole.dtype)
    assert.are.same({ { 1, -1 }, { 0, 0 } }, whole:totable())
    assert.are.same({ { 0.5, 1.5 } }, pad({ { 1.5 } }, { dtype = "float32", maxlen = 2, value = 0.5 }):totable())
  end)

  it("says what is wrong", function()
    assert.matches('padding: expected "pre" or "post"', message_of(pad, { { 1 } }, { padding = "left" }))
    assert.matches("expected a list at position 2, got 3", message_of(pad, { { 1 }, 3 }))
    assert.matches('expected numbers in the lists, got "x"', message_of(pad, { { "x" } }))
    assert.matches("maxlen", message_of(pad, { { 1 } }, { maxlen = -1 }))
  end)
end)

describe("text_to_word_sequence", function()
  local split = preprocessing.text_to_word_sequence

  it("keeps apostrophes, drops punctuation", function()
    assert.are.same({ "don't", "stop", "12", "now" }, split "Don't  STOP!\t12-now\n")
    assert.are.same({ "A", "b!" }, split("A,b!", { filters = "", lower = false, split = "," }))
    assert.are.same({ "caf\u{e9}" }, split "caf\u{e9}")
    assert.are.same({}, split "")
  end)

  it("filters exactly what it is given", function()
    for byte = 0, 255 do
      local c = string.char(byte)
      local want = (c == "%" or c == "]" or c == "^" or c == "-" or c == "," or c == "." or c == " ")
      assert.are.equal(want and 0 or 1, #split(c, { filters = "%]^-,." }), byte)
    end
  end)
end)

describe("Tokenizer", function()
  local DOCS = { "The cat sat on the mat.", "The dog sat.", "Cats and dogs!" }

  local function fitted(options)
    local tokenizer = preprocessing.Tokenizer(options)
    tokenizer:fit_on_texts(DOCS)
    return tokenizer
  end

  it("numbers words by how frequent they are, of equals the first first", function()
    local t = fitted()
    assert.are.same({ "the", "sat", "cat", "on", "mat", "dog", "cats", "and", "dogs" }, t.index_word)
    assert.are.equal(3, t.word_index.cat)
    assert.are.equal(3, t.word_counts.the)
    assert.are.equal(2, t.word_docs.the)
    assert.are.equal(2, t.index_docs[1])
    assert.are.equal(3, t.document_count)
  end)

  it("leaves out words it does not know, or gives them the id of oov_token", function()
    assert.are.same({ { 1, 3 }, {} }, fitted():texts_to_sequences { "the unknown cat", "" })
    assert.are.same({ { 1, 2 } }, fitted { num_words = 3 }:texts_to_sequences { "the cat sat" })
    local t = fitted { num_words = 4, oov_token = "<OOV>" }
    assert.are.equal(1, t.word_index["<OOV>"])
    assert.are.same({ { 2, 1, 3, 1 } }, t:texts_to_sequences { "the cat sat down" })
    assert.are.same({ "the <OOV> sat" }, t:sequences_to_texts { { 2, 1, 3 } })
  end)

  it("makes rows in four modes", function()
    local t, text = fitted(), { "the the cat", "dogs" }
    assert.are.same({ { 0, 1, 0, 1, 0, 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } },
      t:texts_to_matrix(text):totable())
    assert_near({ 0, 2, 0, 1, 0, 0, 0, 0, 0, 0 }, t:texts_to_matrix(text, "count")[1])
    assert_near({ 0, 2 / 3, 0, 1 / 3, 0, 0, 0, 0, 0, 0 }, t:texts_to_matrix(text, "freq")[1])
    -- (1 + log count) * log(1 + documents / (1 + documents with the word)), in NumPy
    assert_near({ 0, 1.17360019, 0, 0.91629073, 0, 0, 0, 0, 0, 0 }, t:texts_to_matrix(text, "tfidf")[1])
    assert.are.same({ 2, 4 }, fitted { num_words = 4 }:texts_to_matrix(text).shape)
  end)

  it("learns from lists of ids what tfidf needs", function()
    local t = preprocessing.Tokenizer { num_words = 3 }
    t:fit_on_sequences { { 1, 2, 1 }, { 1 }, {} }
    -- (1 + log 2) * log(1 + 3 / 3), and log(1 + 3 / 2)
    assert_near({ 0, 1.17360019, 0.91629073 }, t:sequences_to_matrix({ { 1, 1, 2 } }, "tfidf")[1])
  end)

  it("takes characters and lists of words", function()
    local t = preprocessing.Tokenizer { char_level = true }
    t:fit_on_texts { "Aab\u{e9}" }
    assert.are.same({ "a", "b", "\u{e9}" }, t.index_word)
    t = preprocessing.Tokenizer()
    t:fit_on_texts { { "New York", "x" } }
    assert.are.same({ { 1 } }, t:texts_to_sequences { { "NEW YORK" } })
  end)

  it("says what is wrong", function()
    assert.matches("num_words", message_of(preprocessing.Tokenizer, { num_words = 0 }))
    assert.matches("unknown argument num_word; did you mean num_words",
      message_of(preprocessing.Tokenizer, { num_word = 9 }))
    assert.matches("give num_words, or call fit", message_of(fitted().texts_to_matrix, preprocessing.Tokenizer(), {}))
    assert.matches("mode: expected", message_of(fitted().texts_to_matrix, fitted(), {}, "x"))
    assert.matches("expected a list", message_of(fitted().fit_on_texts, fitted(), "text"))
    assert.matches("split: expected one", message_of(preprocessing.Tokenizer, { split = "ab" }))
  end)
end)
