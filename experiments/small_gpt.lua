-- A small GPT: a transformer reads Shakespeare character by character, and then writes by itself.
--
--   ./nnrun experiments/small_gpt.lua                   many minutes; reports/small_gpt/report.md
--   ./nnrun experiments/small_gpt.lua epochs=1          a quick look
--   ./nnrun experiments/small_gpt.lua width=192 heads=6 a wider one
--
-- The word after --, if there is one, says how many characters of the text are read.
--
-- shakespeare.lua asks a recurrent network the same question: which character comes next? That one has to keep all that
-- it has read in its state. Here each character looks back at the 127 before it and takes what it needs: attention.

local nn = require "nn"
local layers = nn.layers

-- Data ----------------------------------------------------------------------------------------------------------------

local LENGTH = 128 -- characters that the network sees at once
local text = nn.datasets.tinyshakespeare.load_data():sub(1, math.tointeger(arg[1]) or -1)

-- Each character gets an id, from 0 on, in alphabetical order.
local alphabet, id_of = {}, {}
for character in text:gmatch "." do
  if not id_of[character] then alphabet[#alphabet + 1], id_of[character] = character, true end
end
table.sort(alphabet)
for i, character in ipairs(alphabet) do id_of[character] = i - 1 end

local function ids_of(characters)
  local ids = {}
  for i = 1, #characters do ids[i] = id_of[characters:sub(i, i)] end
  return nn.tensor(ids, "uint8")
end

local ids = ids_of(text)

--- Windows of a part of the text, one after the other: x has 128 characters, y the character after each of them.
local function windows(from, to)
  local first, count = math.floor(#ids * from) + 1, math.floor(#ids * (to - from) - 1) // LENGTH
  local function cut(begin) return ids[{ { begin, begin + count * LENGTH - 1 } }]:reshape { count, LENGTH } end
  return { cut(first), cut(first + 1) }
end

-- The network ---------------------------------------------------------------------------------------------------------

-- One block: what the characters tell each other, then what each makes of it. Both are added to what was there before,
-- so that gradients reach the first block undamped. With the causal mask a character sees only those before it, and
-- itself: otherwise it could look up the answer.
local function block(x, p, shows_scores)
  local seen = layers.LayerNormalization {}(x)
  local attention = layers.MultiHeadAttention { p.heads, p.width // p.heads, dropout = p.dropout }
  local told, scores = attention(seen, seen, { use_causal_mask = true, return_attention_scores = shows_scores })
  x = x + layers.Dropout { p.dropout } (told)
  local made = layers.Dense { 4 * p.width, activation = "gelu" } (layers.LayerNormalization {}(x))
  return x + layers.Dropout { p.dropout } (layers.Dense { p.width } (made)), scores
end

--- @tparam table p the settings
-- @tparam[opt] boolean shows_scores whether the model gives the scores of each block too
local function network(p, shows_scores)
  local input = nn.Input { shape = { LENGTH } }
  -- Attention takes a set of characters: without a vector for each place it would not know their order.
  local x = layers.TokenAndPositionEmbedding { #alphabet, LENGTH, p.width } (input)
  local outputs = {}
  for i = 1, p.blocks do x, outputs[i] = block(x, p, shows_scores) end
  local logits = layers.Dense { #alphabet } (layers.LayerNormalization {}(x))
  table.insert(outputs, 1, logits) -- a number for each character; softmax makes probabilities of them
  return nn.Model { inputs = input, outputs = shows_scores and outputs or logits }
end

-- The learning rate grows for a tenth of the steps, as large steps are dangerous at the beginning, and then falls along
-- half a cosine.
local function rate_of(p)
  local steps = math.ceil(#ids * 0.9 / LENGTH / p.batch_size) * p.epochs
  return nn.optimizers.schedules.CosineDecay { 0, decay_steps = math.ceil(0.9 * steps), warmup_target = p.learning_rate,
    warmup_steps = math.ceil(0.1 * steps) }
end

local function build(p)
  local model = network(p)
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
  name = "small_gpt",
  title = "A small GPT",
  train = windows(0, 0.9), validation = windows(0.9, 0.95), test = windows(0.95, 1),
  params = { blocks = 4, width = 128, heads = 4, dropout = 0.1, learning_rate = 0.003, batch_size = 32, epochs = 8 },
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

The loss is the crossentropy in nats: with equal probabilities for all characters it would be %.2f. The perplexity is e
to the power of it, and divided by log 2 it is in bits for each character.]]):format(#text, #alphabet,
  text:sub(1, 300), LENGTH, tostring(build(lab.params)), math.log(#alphabet)))

local result = lab:sweep("How many blocks", { blocks = { 1, 4 } })

-- Attention -----------------------------------------------------------------------------------------------------------

local trained, viewer = result.best.model, network(result.best.params, true)
viewer:set_weights(trained:get_weights())

-- Names of characters for a chart.
local function names_of(characters)
  local names = {}
  for i = 1, #characters do
    local character = characters:sub(i, i)
    names[i] = ({ ["\n"] = "\\n", [" "] = "_" })[character] or character
  end
  return names
end

local SHOWN = "ROMEO:\nWhat say you to my love?\n"
local padded = nn.zeros { 1, LENGTH }
padded[{ 1, { 1, #SHOWN } }] = ids_of(SHOWN):astype "float32"
local given = viewer:predict(padded)

lab:note [[
## What the characters look at

Each row is a character; the darker a column, the more it takes from the character there. Nothing lies above the
diagonal: no character sees those after it. A head may look at the character just before, at the spaces between words,
at vowels, or at the colon after the speaker's name: which one does what?]]
for i, where in ipairs { "first", "last" } do
  local scores = given[i == 1 and 2 or #given][{ 1, {}, { 1, #SHOWN }, { 1, #SHOWN } }]
  for head = 1, #scores do
    lab:figure(("Head %d of the %s block"):format(head, where), nn.plot.attention { scores, head = head,
      queries = names_of(SHOWN) })
  end
end

-- Writing -------------------------------------------------------------------------------------------------------------

--- Draws an id. The logits are divided by the temperature first: below 1 likely characters become likelier still.
local function draw(logits, temperature, random)
  local p = nn.ops.softmax(logits / temperature):totable()
  for i, probability in ipairs(p) do
    random = random - probability
    if random <= 0 then return i - 1 end
  end
  return #p - 1
end

--- Goes on from a text: the network reads the last 128 characters again for each new one.
local function write(prompt, temperature, length)
  local written, random = ids_of(prompt):totable(), nn.random.uniform { shape = { length }, seed = 1 }
  for i = 1, length do
    local first = math.max(#written - LENGTH + 1, 1)
    local window = table.move(written, first, #written, 1, {})
    local last = #window
    for place = last + 1, LENGTH do window[place] = 0 end -- comes after the last one, which does not see it
    local logits = trained:predict_on_batch(nn.tensor({ window }, "int32"))
    written[#written + 1] = draw(logits[{ 1, last }], temperature, random[i])
  end
  for i, id in ipairs(written) do written[i] = alphabet[id + 1] end
  return table.concat(written)
end

lab:note [[
## What it writes

The network draws a character, reads it, and draws the next one. The *temperature* divides the numbers before softmax.
At a low one the network nearly always takes the likeliest character, and soon repeats itself. At 1 it draws as it has
learned.]]
for _, temperature in ipairs { 0.5, 0.8, 1 } do
  lab:note(("Temperature %g:\n\n```\n%s\n```"):format(temperature, write("ROMEO:", temperature, 400)))
end

lab:conclude()
