-- IMDB: is a review positive? Words as numbers, what overfitting looks like, and what helps against it.
--
--   ./nnrun experiments/imdb_reviews.lua             half a minute; reports/imdb_reviews/report.md
--   ./nnrun experiments/imdb_reviews.lua epochs=1    a quick look, which still reads all reviews (ten seconds)

local nn = require "nn"
local Dense, Dropout = nn.layers.Dense, nn.layers.Dropout

-- Data ----------------------------------------------------------------------------------------------------------------

local reviews, labels, test_reviews, test_labels = nn.datasets.imdb.load_data()

-- The 9,999 most frequent words of the training reviews have ids from 1; id 0 is no word. All other words are left out.
local WORDS = 10000
local tokenizer = nn.preprocessing.Tokenizer { num_words = WORDS }
tokenizer:fit_on_texts(reviews)

-- Multi-hot: each review becomes 10,000 numbers, with 1 for each word in it. How often and where a word occurs is lost.
-- The tokenizer makes floats. Ones and zeros fit into bytes, which take a quarter of the memory, so 1,000 reviews at a
-- time are converted.
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
  model:add(Dense { 1, activation = "sigmoid" }) -- one unit: the probability of a positive review
  model:compile { optimizer = "rmsprop", loss = "binary_crossentropy", metrics = { "accuracy" } }
  return model
end

local lab = nn.Experiment {
  name = "imdb_reviews",
  title = "IMDB: is a review positive?",
  train = { x[TRAIN], labels[TRAIN] },
  validation = { x[VALIDATION], labels[VALIDATION] },
  test = { x_test, test_labels },
  class_names = nn.datasets.imdb.class_names,
  params = { width = 16, dropout = 0, l2 = 0, patience = 0, batch_size = 512, epochs = 20 },
  build = build,
  -- patience = 0: train all epochs. Otherwise stop when the validation loss has not fallen for that many epochs, and
  -- restore the weights of the best epoch.
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

The first words of a %s review:

> %s ...

The training reviews have %d different words. The %d most frequent words are numbered by frequency: *%s* is 1, *%s* is
2. The words above become

> %s

Turned back into words, this is what is left:

> %s ...

The network sees even less: only which words are in the review. Each review is %d numbers, and %.1f %% of them are
1.]]):format(
  labels[SHOWN] == 1 and "positive" or "negative", sample, #tokenizer.index_word, WORDS - 1, tokenizer.index_word[1],
  tokenizer.index_word[2], table.concat(known[1], " "), tokenizer:sequences_to_texts(known)[1], WORDS,
  100 * x[TRAIN]:mean()))

-- Overfitting ---------------------------------------------------------------------------------------------------------

lab:note [[
The network soon knows the training reviews by heart: the training loss falls towards 0. The validation loss falls
only for a few epochs and then rises: the network is more and more sure of rules that do not hold for other reviews.
This is overfitting.]]
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
Three remedies, alone and together. Dropout hides half of the hidden units at random in each step, so that no unit can
rely on another. L2 adds the squares of the weights to the loss, so that large weights cost something. Early stopping
(`patience`) ends the training when the validation loss has not fallen for two epochs, and restores the weights of the
best epoch. The accuracy in the table is that of these weights.]]
lab:sweep("Remedies", {
  {},
  { dropout = 0.5 },
  { l2 = 0.001 },
  { patience = 2 },
  { dropout = 0.5, patience = 2 },
  { dropout = 0.5, l2 = 0.001, patience = 2 },
})
lab:conclude()

-- Reviews of our own --------------------------------------------------------------------------------------------------

local OWN = {
  "A wonderful film, moving and beautifully played.",
  "A waste of time: dull, badly played, and far too long.",
  "Not bad at all.",
}
local positive = lab.best.model:predict(multi_hot(OWN)):flatten()
local own_rows = {}
for i, text in ipairs(OWN) do own_rows[i] = ("| %s | %.2f |"):format(text, positive[i]) end
lab:note(([[
## Reviews of our own

| review | probability of a positive review |
| --- | ---: |
%s

The last one shows what a bag of words cannot know: it contains *not* and *bad*, but their order is
lost.]]):format(table.concat(own_rows, "\n")))
