-- A model of text: a recurrent network reads Shakespeare character by character, and then writes by itself.
--
--   ./nnrun experiments/shakespeare.lua                 ten minutes; reports/shakespeare/report.md
--   ./nnrun experiments/shakespeare.lua epochs=1        a quick look
--   ./nnrun experiments/shakespeare.lua -- quijote      Don Quijote instead; reports/quijote/report.md
--   ./nnrun experiments/shakespeare.lua embedding=256 units=1024 learning_rate=0.001 -- shakespeare LSTM
--                                                       one layer only, the large one of the book: some hours
--
-- The words after -- are: which text, which layers ("SimpleRNN,GRU,LSTM"), how many characters of the text.
--
-- The network is asked one question over and over: which character comes next? To answer it well it has to learn words,
-- who speaks when, and a little grammar.

local nn = require "nn"
local layers = nn.layers

-- Data ----------------------------------------------------------------------------------------------------------------

local TEXTS = {
  shakespeare = { name = "Shakespeare", load = nn.datasets.tinyshakespeare.load_data, prompt = "ROMEO:" },
  quijote = { name = "Don Quijote", load = nn.datasets.don_quijote.load_data, prompt = "En un lugar de la Mancha" },
}
local NAME = arg[1] or "shakespeare"
local book = TEXTS[NAME] or error(("expected shakespeare or quijote after --, got %s"):format(NAME), 0)
local KINDS = {}
for kind in (arg[2] or "SimpleRNN,GRU,LSTM"):gmatch "%a+" do KINDS[#KINDS + 1] = kind end
local LONGEST = math.tointeger(arg[3]) or 1115394 -- characters: of Shakespeare all, of Don Quijote about half

-- Texts are UTF-8: an accented letter is one character, but two bytes.
local function characters_of(text)
  local list = {}
  for _, code in utf8.codes(text) do
    if #list == LONGEST then break end
    list[#list + 1] = utf8.char(code)
  end
  return list
end

local text = characters_of(book.load())

-- Each character gets an id, from 0 on, in alphabetical order.
local alphabet, id_of = {}, {}
for _, character in ipairs(text) do
  if not id_of[character] then alphabet[#alphabet + 1], id_of[character] = character, true end
end
table.sort(alphabet)
for i, character in ipairs(alphabet) do id_of[character] = i - 1 end

local function ids_of(list)
  local ids = {}
  for i, character in ipairs(list) do ids[i] = id_of[character] end
  return nn.tensor(ids, "uint8")
end

local ids = ids_of(text)
local STEPS = 100

--- Windows of a part of the text, one after the other: x has 100 characters, y the character after each of them.
local function windows(from, to)
  local first, count = math.floor(#ids * from) + 1, math.floor(#ids * (to - from) - 1) // STEPS
  local function cut(begin) return ids[{ { begin, begin + count * STEPS - 1 } }]:reshape { count, STEPS } end
  return { cut(first), cut(first + 1) }
end

-- The experiment ------------------------------------------------------------------------------------------------------

-- The learning rate falls to 0 along half a cosine: large steps at the beginning, small ones at the end.
local function rate_of(p)
  local steps = math.ceil(#ids * 0.9 / STEPS / p.batch_size) * p.epochs
  return nn.optimizers.schedules.CosineDecay { p.learning_rate, steps }
end

local function build(p)
  local model = nn.Sequential {
    nn.Input { shape = { STEPS } },
    layers.Embedding { #alphabet, p.embedding },
    layers[p.layer] { p.units, return_sequences = true },
    layers.Dense { #alphabet }, -- a number for each character; softmax makes probabilities of them
  }
  model:compile {
    optimizer = nn.optimizers.Adam { rate_of(p) },
    loss = nn.losses.SparseCategoricalCrossentropy { from_logits = true },
    metrics = { nn.metrics.Perplexity { from_logits = true }, nn.metrics.BitsPerCharacter { from_logits = true } },
  }
  return model
end

-- The parts follow each other in the text. If windows were shuffled first, those held out would lie between windows
-- that the network knows.
local lab = nn.Experiment {
  name = NAME,
  title = "A model of text: " .. book.name,
  train = windows(0, 0.9), validation = windows(0.9, 0.95), test = windows(0.95, 1),
  params = { layer = "GRU", embedding = 64, units = 256, learning_rate = 0.004, batch_size = 64, epochs = 10 },
  build = build,
  seeds = { 1 },
  objective = "val_loss",
}

lab:note(([[
The text has %d characters, %d different ones. It begins:

```
%s
```

It is cut into windows of %d characters. The network reads a window and says after each character what it expects next:

```
%s
```

Its loss is the crossentropy, the mean of -log p, where p is the probability that the network gave to the character that
did come. It is counted in nats. The perplexity is e to the power of it: the network is as unsure as if it had to choose
among so many equally likely characters. Divided by log 2, the loss is in bits: so many would a character of the text
take, if the text were compressed with this network. With equal probabilities for all characters the loss would be
%.2f.]]):format(#text, #alphabet,
  table.concat(text, "", 1, math.min(300, #text)), STEPS, tostring(build(lab.params)), math.log(#alphabet)))

local kinds = lab:sweep("Which layer", { layer = KINDS })

-- Writing -------------------------------------------------------------------------------------------------------------

-- To write, the network needs one step at a time, and has to keep its state in between: the same weights in a stateful
-- layer.
local function writer_of(trial)
  local p = trial.params
  local writer = nn.Sequential {
    nn.Input { shape = { 1 } },
    layers.Embedding { #alphabet, p.embedding },
    layers[p.layer] { p.units, stateful = true },
    layers.Dense { #alphabet },
  }
  writer:set_weights(trial.model:get_weights())
  return writer
end

--- Draws an id. The logits are divided by the temperature first: below 1 likely characters become likelier still.
local function draw(logits, temperature, random)
  local weights, sum = (logits / temperature):totable(), 0
  local most = math.max(table.unpack(weights))
  for i, logit in ipairs(weights) do
    weights[i] = math.exp(logit - most)
    sum = sum + weights[i]
  end
  local rest = random * sum
  for i, weight in ipairs(weights) do
    rest = rest - weight
    if rest <= 0 then return i - 1 end
  end
  return #weights - 1
end

--- Goes on from a text.
local function write(writer, prompt, temperature, length)
  writer.layers[2]:reset_state()
  local written, logits = characters_of(prompt), nil
  local random = nn.random.uniform { shape = { length }, seed = 1 }
  local function read(id) logits = writer:predict_on_batch(nn.tensor({ { id } }, "int32"))[1] end
  for _, character in ipairs(written) do read(id_of[character]) end
  for i = 1, length do
    local id = draw(logits, temperature, random[i])
    written[#written + 1] = alphabet[id + 1]
    read(id)
  end
  return table.concat(written)
end

local best = kinds.best
local writer = writer_of(best)
lab:note(([[
## What it writes

The network with the lowest validation loss (%s) writes by itself: it draws a character, reads it, and draws the next
one. The *temperature* divides the numbers before softmax. At a low one the network nearly always takes the likeliest
character, and soon repeats itself. At 1 it draws as it has learned. Above 1 it becomes
careless.]]):format(best.params.layer))
for _, temperature in ipairs { 0.2, 0.5, 1, 1.5 } do
  lab:note(("Temperature %g:\n\n```\n%s\n```"):format(temperature, write(writer, book.prompt, temperature, 400)))
end

-- Vectors of characters -----------------------------------------------------------------------------------------------

local names, colors = {}, {}
for i, character in ipairs(alphabet) do
  names[i] = character == " " and "space" or character == "\n" and "new line" or character
  colors[i] = character:find "^[a-z]" and 1 or character:find "^[A-Z]" and 2 or 3
end
lab:note [[
Each character has a vector, which is learned too. Here they are on the two axes along which they differ most: the
letters a to z, A to Z, and all others. Characters that are used alike come to lie near each other.]]
lab:figure("Vectors of the characters", nn.plot.projection {
  best.model.layers[1]:get_weights(), labels = names, colors = colors,
})

lab:conclude()
