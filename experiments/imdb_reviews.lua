-- IMDB: praise or not? Words as numbers, overfitting seen, and what helps against it.
--
--   ./nnrun experiments/imdb_reviews.lua             half a minute; reports/imdb_reviews/report.md
--   ./nnrun experiments/imdb_reviews.lua epochs=1    a quick look, which still reads all reviews (ten seconds)

local nn = require "nn"
local Dense, Dropout = nn.layers.Dense, nn.layers.Dropout

-- Data ----------------------------------------------------------------------------------------------------------------

local reviews, labels, test_reviews, test_labels = nn.datasets.imdb.load_data()

-- The ids of the 9,999 most frequent words of the training reviews; id 0 stands for none. All other words are left out.
local WORDS = 10000
local tokenizer = nn.preprocessing.Tokenizer { num_words = WORDS }
tokenizer:fit_on_texts(reviews)

-- Multi-hot: 10,000 numbers a review, 1 where the word is in it. How often and where it stands is forgotten. The
-- tokenizer makes floats; ones and zeros fit into bytes, a quarter of the room, and are moved there 1,000 reviews at a
-- time.
local function multi_hot(texts)
  local x = nn.zeros({ #texts, WORDS }, "uint8")
  for first = 1, #texts, 1000 do
    local last = math.min(first + 999, #texts)
    x[{ { first, last } }] = tokenizer:texts_to_matrix(table.move(texts, first, last, 1, {})):astype "uint8"
  end
  return x
end

local x, x_test = multi_hot(reviews), multi_hot(test_reviews)
local VALIDATION, TRAIN = { { 1, 10000 } }, { { 10001, 25000 } }

-- The experiment ------------------------------------------------------------------------------------------------------

local function build(p)
  local penalty = p.l2 > 0 and nn.regularizers.L2 { p.l2 } or nil
  local model = nn.Sequential { nn.Input { shape = { WORDS } } }
  for _ = 1, 2 do
    model:add(Dense { p.width, activation = "relu", kernel_regularizer = penalty })
    if p.dropout > 0 then model:add(Dropout { p.dropout }) end
  end
  model:add(Dense { 1, activation = "sigmoid" }) -- one unit: how probable praise is
  model:compile { optimizer = "rmsprop", loss = "binary_crossentropy", metrics = { "accuracy" } }
  return model
end

local lab = nn.Experiment {
  name = "imdb_reviews",
  title = "IMDB: praise or not?",
  train = { x[TRAIN], labels[TRAIN] },
  validation = { x[VALIDATION], labels[VALIDATION] },
  test = { x_test, test_labels },
  class_names = nn.datasets.imdb.class_names,
  params = { width = 16, dropout = 0, l2 = 0, patience = 0, batch_size = 512, epochs = 20 },
  build = build,
  -- patience = 0: train to the end. Otherwise stop when validation loss has not fallen for so many epochs, and go back
  -- to the weights of the best one.
  callbacks = function(p)
    if p.patience == 0 then return {} end
    return { nn.callbacks.EarlyStopping { monitor = "val_loss", patience = p.patience, restore_best_weights = true } }
  end,
  seeds = { 1, 2, 3 },
  objective = "val_accuracy",
}

-- From words to numbers -----------------------------------------------------------------------------------------------

-- The first words of a review.
local function beginning(review, count)
  local words = {}
  for word in review:gmatch "%S+" do
    if #words < count then words[#words + 1] = word end
  end
  return table.concat(words, " ")
end

local SHOWN = 2
local sample = beginning(reviews[SHOWN], 40)
local known = tokenizer:texts_to_sequences { sample }
lab:note(([[
## From words to numbers

The first words of a review that is %s:

> %s ...

The training reviews have %d different words. The %d most frequent have a number each, by falling frequency: *%s* is 1,
*%s* is 2. The words above are

> %s

and this is what is left of them, turned back:

> %s ...

The network sees less still: only which of the words are in the review, as %d numbers, 1 for %.1f %% of them.]]):format(
  labels[SHOWN] == 1 and "praise" or "no praise", sample, #tokenizer.index_word, WORDS - 1, tokenizer.index_word[1],
  tokenizer.index_word[2], table.concat(known[1], " "), tokenizer:sequences_to_texts(known)[1], WORDS,
  100 * x[TRAIN]:mean()))

-- Overfitting ---------------------------------------------------------------------------------------------------------

lab:note [[
Training reviews are soon known by heart: training loss falls towards 0. Validation loss falls for a few epochs only,
and then rises: the network is more and more sure of what does not hold for other reviews. That is overfitting.]]
local plain = lab:trial({}, { title = "Twenty epochs" })

local rows = {}
for i, trial in ipairs(plain.trials) do
  local loss, accuracy = nn.tensor(trial.history.val_loss), nn.tensor(trial.history.val_accuracy)
  rows[i] = ("| %d | %d | %d | %.4f | %.4f |"):format(trial.seed, loss:argmin() + 1, accuracy:argmax() + 1,
    accuracy:max(), accuracy[-1])
end
lab:note(([[
| seed | epoch of the lowest validation loss | epoch of the highest accuracy | highest accuracy | last accuracy |
| ---: | ---: | ---: | ---: | ---: |
%s]]):format(table.concat(rows, "\n")))

-- What helps ----------------------------------------------------------------------------------------------------------

lab:note [[
Three remedies, alone and together. Dropout hides half of the hidden units at random in each step, so that none can rely
on another. L2 adds the squares of the weights to the loss, so that large ones must be worth it. Early stopping
(`patience`) ends training when validation loss has not fallen for two epochs, and takes the weights of the best; the
accuracy in the table is that of these weights.]]
lab:sweep("Remedies", {
  {},
  { dropout = 0.5 },
  { l2 = 0.001 },
  { patience = 2 },
  { dropout = 0.5, patience = 2 },
  { dropout = 0.5, l2 = 0.001, patience = 2 },
})
lab:conclude()

-- A review of one's own -----------------------------------------------------------------------------------------------

local OWN = {
  "A wonderful film, moving and beautifully played.",
  "A waste of time: dull, badly played, and far too long.",
  "Not bad at all.",
}
local praise = lab.best.model:predict(multi_hot(OWN)):flatten()
local own_rows = {}
for i, text in ipairs(OWN) do own_rows[i] = ("| %s | %.2f |"):format(text, praise[i]) end
lab:note(([[
## Reviews of our own

| review | probability of praise |
| --- | ---: |
%s

The last one shows what a bag of words cannot know: *not* and *bad* are in it, and that they stand side by side is
forgotten.]]):format(table.concat(own_rows, "\n")))
