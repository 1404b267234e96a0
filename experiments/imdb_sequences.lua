-- IMDB as sequences: is a review positive? Words become vectors, and the order of the words is kept.
--
--   ./nnrun experiments/imdb_sequences.lua             some minutes; reports/imdb_sequences/report.md
--   ./nnrun experiments/imdb_sequences.lua epochs=1    a quick look
--   ./nnrun experiments/imdb_sequences.lua -- 5000     fewer reviews than 25,000, for training and validation together
--
-- In imdb_reviews.lua a review is a bag of words. Here it is a list of words, and the networks differ in what they make
-- of their order.

local nn = require "nn"
local layers = nn.layers

-- Data ----------------------------------------------------------------------------------------------------------------

local COUNT = math.tointeger(arg[1]) or 25000
local reviews, labels, test_reviews, test_labels = nn.datasets.imdb.load_data()
local function first(list) return table.move(list, 1, COUNT, 1, {}) end
reviews, test_reviews = first(reviews), first(test_reviews)
labels, test_labels = labels[{ { 1, COUNT } }], test_labels[{ { 1, COUNT } }]

-- The 9,999 most frequent words have ids from 1; other words are left out. Of each review the last 200 words are kept.
-- Shorter ones get zeros in front, which stand for no word.
local WORDS, STEPS = 10000, 200
local tokenizer = nn.preprocessing.Tokenizer { num_words = WORDS }
tokenizer:fit_on_texts(reviews)
local function sequences(texts)
  return nn.preprocessing.pad_sequences(tokenizer:texts_to_sequences(texts), { maxlen = STEPS })
end

local x, x_test = sequences(reviews), sequences(test_reviews)
local HELD = COUNT // 5
local VALIDATION, TRAIN = { { 1, HELD } }, { { HELD + 1, COUNT } }
local x_val, y_val = x[VALIDATION], labels[VALIDATION]

-- Vectors that were learned from other texts: a row for each of our words. Words that GloVe does not know begin with
-- small random numbers.
local function glove_matrix()
  local words, vectors = nn.datasets.glove.load_data()
  local matrix = nn.random.uniform { shape = { WORDS, vectors.shape[2] }, minval = -0.05, maxval = 0.05, seed = 1 }
  local known = 0
  for i, word in ipairs(words) do
    local id = tokenizer.word_index[word]
    if id and id < WORDS then
      matrix[id + 1] = vectors[i]
      known = known + 1
    end
  end
  return matrix, known
end

local glove, known = glove_matrix()

-- The networks --------------------------------------------------------------------------------------------------------

-- How a list of vectors becomes one vector.
local READERS = {
  average = function() return layers.GlobalAveragePooling1D {} end,
  conv1d = function(p) return layers.Conv1D { p.units, 5, activation = "relu" }, layers.GlobalMaxPooling1D {} end,
  lstm = function(p) return layers.LSTM { p.units } end,
  bidirectional = function(p) return layers.Bidirectional { layers.LSTM { p.units } } end,
  attention = function(p) return layers.MultiHeadAttention { 2, p.units // 2 }, layers.GlobalAveragePooling1D {} end,
}

--- The layer of the words' vectors: learned from the reviews ("own"), or GloVe's, which are trained further ("glove")
-- or stay as they are ("fixed"). mask_zero lets later layers leave out the zeros in front.
local function embedding(p)
  if p.vectors == "own" then return layers.Embedding { WORDS, p.embedding, mask_zero = true } end
  return layers.Embedding { WORDS, glove.shape[2], weights = { glove }, mask_zero = true,
    trainable = p.vectors == "glove" }
end

-- The mean of 200 vectors changes little when one of them does: this network takes larger steps.
local RATES = { average = 0.005 }

local function build(p)
  local model = nn.Sequential { nn.Input { shape = { STEPS } } }
  if p.network == "bag" then
    model:add(layers.CategoryEncoding { WORDS, output_mode = "multi_hot" })
    model:add(layers.Dense { 16, activation = "relu" })
  else
    model:add(embedding(p))
    for _, layer in ipairs { READERS[p.network](p) } do model:add(layer) end
  end
  model:add(layers.Dense { 1, activation = "sigmoid" })
  model:compile {
    optimizer = nn.optimizers.Adam { RATES[p.network] or 0.001 },
    loss = "binary_crossentropy", metrics = { "accuracy" },
  }
  return model
end

local lab = nn.Experiment {
  name = "imdb_sequences",
  title = "IMDB as sequences",
  train = { x[TRAIN], labels[TRAIN] },
  validation = { x_val, y_val },
  test = { x_test, test_labels },
  class_names = nn.datasets.imdb.class_names,
  params = { network = "lstm", vectors = "own", embedding = 32, units = 32, batch_size = 128, epochs = 3 },
  build = build,
  seeds = { 1 },
  objective = "val_accuracy",
  keep = "best",
}

-- Six networks --------------------------------------------------------------------------------------------------------

-- The last words of a review.
local function ending(review, count)
  local words = {}
  for word in review:gsub("<br />", " "):gmatch "%S+" do words[#words + 1] = word end
  return table.concat(words, " ", math.max(1, #words - count + 1))
end

local sample = ending(reviews[1], 8)
lab:note(([[
A review is a list of ids, one for each word. *%s* becomes %s.

The six networks:

- *bag*: 10,000 numbers, 1 for each word that occurs, and a dense layer of 16 units. The order is lost.
- *average*: each word has a vector, and the review is their mean. The order is lost here too.
- *conv1d*: filters look at five words in a row, and the place where a filter fits best counts.
- *lstm*: reads word after word, and remembers what matters.
- *bidirectional*: two LSTMs, one of which reads from the end to the beginning.
- *attention*: each word takes from all others what it attends to, and the review is the mean of what they took. Again
  the order is lost.

All but the first begin with an Embedding layer, a table of vectors that is learned:

```
%s
```

Such networks soon know the training reviews by heart. Of each the epoch with the highest validation accuracy is
kept.]]):format(sample, table.concat(tokenizer:texts_to_sequences({ sample })[1], ", "),
  tostring(build(lab.params))))
local networks = lab:sweep("What is made of the order", {
  network = { "bag", "average", "conv1d", "lstm", "bidirectional", "attention" },
})

-- Vectors from elsewhere ----------------------------------------------------------------------------------------------

lab:note(([[
GloVe's vectors were learned from 27 billion words of tweets. There is one for %d of our words. They can be used in
three ways: not at all (*own*), as a beginning from which training goes on (*glove*), and as they are (*fixed*). They
have 25 numbers each, so here the own ones have 25 too. The network is the LSTM.]]):format(known))
lab:sweep("Vectors of words from elsewhere", { vectors = { "own", "glove", "fixed" } },
  { with = { network = "lstm", embedding = glove.shape[2] } })

-- What the vectors say ------------------------------------------------------------------------------------------------

local ADJECTIVES = {
  { "great", "excellent", "wonderful", "perfect", "best", "beautiful", "amazing", "brilliant", "superb", "favorite" },
  { "bad", "worst", "awful", "terrible", "boring", "poor", "waste", "dull", "horrible", "stupid" },
  { "the", "film", "movie", "actor", "scene", "and", "of", "camera", "story", "music" },
}

local function show_words(title, matrix)
  local ids, names, colors = {}, {}, {}
  for group, words in ipairs(ADJECTIVES) do
    for _, word in ipairs(words) do
      local id = tokenizer.word_index[word]
      if id and id < WORDS then ids[#ids + 1], names[#names + 1], colors[#colors + 1] = id + 1, word, group end
    end
  end
  lab:figure(title, nn.plot.projection { matrix:gather(ids), labels = names, colors = colors })
end

local function trial_of(result, name)
  for _, trial in ipairs(result.trials) do
    if trial.params.network == name then return trial end
  end
end

lab:note [[
Some words, on the two axes along which their vectors differ most: words of praise, of blame, and others. The vectors of
the first picture were learned by the network with the average, for this one question. Those of the second are GloVe's,
which were learned from which words stand near each other.]]
show_words("Vectors learned from reviews", trial_of(networks, "average").model.layers[1]:get_weights())
show_words("Vectors of GloVe", glove)

-- Attention -----------------------------------------------------------------------------------------------------------

local SENTENCE = "the actors are wonderful but the story is dull and the end is boring"
local ids = sequences { SENTENCE }
local spoken = {}
for word in SENTENCE:gmatch "%a+" do
  if tokenizer.word_index[word] and tokenizer.word_index[word] < WORDS then spoken[#spoken + 1] = word end
end

local attentive = trial_of(networks, "attention").model
local vectors = attentive.layers[1](ids)
local _, scores = attentive.layers[2]({ vectors, vectors }, { return_attention_scores = true, value_mask = ids:ne(0) })
local PLACES = { STEPS - #spoken + 1, STEPS } -- the sentence is at the end, behind the zeros
lab:note [[
To which words does each word of a sentence attend? A row shows it for one word, as the mean of the two heads.]]
lab:figure("Attention", nn.plot.attention { scores[{ 1, {}, PLACES, PLACES }], queries = spoken })

-- The most wrong ------------------------------------------------------------------------------------------------------

local reader = trial_of(networks, "lstm").model
local positive = reader:predict(x_val):flatten()
local order = {}
for i = 1, #y_val do order[i] = i end
local function error_of(i) return math.abs(positive[i] - y_val[i]) end
table.sort(order, function(a, b) return error_of(a) > error_of(b) end)

lab:note [[
## The most wrong reviews

These are the ends of the validation reviews about which the LSTM was most sure, and wrong. The bars are its reasons:
the gradient of the probability by the vector of a word, times the vector. Words above zero spoke for a positive review,
those below against it.]]
for k = 1, 3 do
  local i = order[k]
  lab:note(("A %s review. The network says: positive with a probability of %.1f %%.\n\n> ... %s"):format(
    nn.datasets.imdb.class_names[y_val[i] + 1], 100 * positive[i], ending(reviews[i], 60)))
  lab:figure(("Words of wrong review %d"):format(k), nn.plot.word_weights(reader, x_val[i], {
    words = tokenizer.index_word,
  }))
end

lab:conclude()
