--- A script to begin with, for `nnrun new`; NAME stands for its name.
return [==[
-- NAME: what does a text say?
--
--   ./nnrun NAME.lua                run it and write reports/NAME/report.md and report.html
--   ./nnrun check NAME.lua          shapes, memory and time, without training
--   ./nnrun NAME.lua epochs=5       another value of a default

local nn = require "nn"
local layers = nn.layers

-- Data: a list of texts, and the id of each one's class, from 0 on. A part of them keeps the first run short. A folder
-- of your own, with a folder for each class in it, is read by nn.utils.text_dataset_from_directory.
local texts, y, test_texts, y_test = nn.datasets.imdb.load_data()
local TRAIN, VALIDATION, TEST = 4000, 1000, 2000
local function part(list, from, to) return table.move(list, from, to, 1, {}) end

-- Texts become lists of word ids, all of one length. The training texts alone tell which words there are.
local WORDS, LENGTH = 5000, 100
local reader = layers.TextVectorization { max_tokens = WORDS, output_sequence_length = LENGTH }
reader:adapt(part(texts, 1, TRAIN))
local function ids(list, from, to) return reader(part(list, from, to)) end

local lab = nn.Experiment {
  name = "NAME",
  title = "NAME",
  train = { ids(texts, 1, TRAIN), y[{ { 1, TRAIN } }] },
  validation = { ids(texts, TRAIN + 1, TRAIN + VALIDATION), y[{ { TRAIN + 1, TRAIN + VALIDATION } }] },
  test = { ids(test_texts, 1, TEST), y_test[{ { 1, TEST } }] }, -- used once, by lab:conclude
  params = { size = 16, reader = "average", learning_rate = 0.003, batch_size = 50, epochs = 4 },
  build = function(p)
    local model = nn.Sequential {
      nn.Input { shape = { LENGTH } },
      layers.Embedding { WORDS, p.size, mask_zero = true },
      p.reader == "average" and layers.GlobalAveragePooling1D {} or layers.LSTM { p.size },
      layers.Dense { 1, activation = "sigmoid" },
    }
    model:compile {
      optimizer = nn.optimizers.Adam { p.learning_rate }, loss = "binary_crossentropy", metrics = { "accuracy" },
    }
    return model
  end,
  seeds = { 1, 2, 3 }, -- each variant is trained once a seed
  objective = "val_accuracy", -- what decides which variant is the best
}

lab:note "What do you want to know? Write it here, before you look at the results."

lab:sweep("How many numbers for a word?", { size = { 4, 16 } })
lab:sweep("Does the order of the words matter?", { reader = { "average", "lstm" } })
lab:conclude()
]==]
