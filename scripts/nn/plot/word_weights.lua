--- Which words of a text decided.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local bars = require "nn.plot.bars"
local blame = require "nn.support.blame"
local check = require "nn.plot.check"
local ops = require "nn.ops"
local tape = require "nn.tape"
local tensor = require "nn.tensor"

local OPTIONS = { "words", "class", "count", "title", "caption" }
local COUNT = 12

local function embedding_of(model)
  for _, layer in ipairs(model.layers) do
    if layer.class_name == "Embedding" then return layer end
  end
  blame "plot.word_weights: expected a model with an Embedding layer, which has a vector for each word"
end

-- Lets a layer be trained until the value is closed: frozen weights have no gradient.
local function thawed(layer)
  local before = layer.trainable
  layer.trainable = true
  return setmetatable({}, { __close = function() layer.trainable = before end })
end

-- Gradient times input. The vector of a word is a row of the embedding; the gradient by that row adds up all places
-- where the word stands.
local function weights_of(model, ids, class)
  local embedding = embedding_of(model)
  local vectors, _ <close> = embedding.weights[1], thawed(embedding)
  local record <close> = tape.GradientTape()
  local output = model(ids)
  if output.ndim ~= 2 or class >= output.shape[2] then
    blame("plot.word_weights: expected a model with an output (n, classes) and one of its classes, got %s and class %d",
      table.concat(output.shape, "x"), class)
  end
  local is_class = tensor.zeros { 1, output.shape[2] }
  is_class[{ 1, class + 1 }] = 1
  local gradient = record:gradient(ops.sum(ops.multiply(output, is_class)), vectors)
  return (gradient * vectors):sum(2)
end

-- The ids that occur, those of the largest weights first.
local function largest_first(ids, weights)
  local seen, list = {}, {}
  for _, id in ipairs(ids:flatten():totable()) do
    if not seen[id] then
      seen[id] = true
      list[#list + 1] = math.tointeger(id)
    end
  end
  local values = weights:totable()
  table.sort(list, function(a, b)
    local x, y = math.abs(values[a + 1]), math.abs(values[b + 1])
    return x > y or x == y and a < b
  end)
  return list, values
end

--- Draws the words of a text that weighed most for a class: the gradient of the class's output by a word's vector,
-- times the vector. It estimates by how much the output would fall if the vectors of that word were 0. Words with
-- negative weights speak against the class.
-- @tparam model model from ids of words, by an Embedding layer, to one output (n, classes)
-- @tparam tensor ids of one text: (steps) or (1, steps)
-- @tparam table options
-- @tparam function|table options.words from an id to its word: a function, or a table such as `tokenizer.index_word`;
-- ids without a word, such as padding, are left out
-- @tparam[opt=0] integer options.class which output
-- @tparam[opt=12] integer options.count how many words
-- @tparam[opt] string options.title
-- @tparam[opt] string options.caption
-- @treturn table a figure
-- @raise if the model has no Embedding layer or another output, or none of the ids has a word
-- @usage
-- local reader = nn.Sequential{ nn.Input{ shape = { 3 } }, Embedding{ 4, 2 }, Flatten{}, Dense{ 1 } }
-- nn.plot.word_weights(reader, nn.tensor({ 1, 2, 3 }, "int32"), { words = { "a", "good", "film" } })
-- @function word_weights
return function(model, ids, options)
  options = arguments.check(options or {}, OPTIONS, "plot.word_weights")
  if not tensor.is_tensor(ids) then blame("plot.word_weights: ids: expected a tensor, got %s", blame.got(ids)) end
  local words = options.words
  local word_of = type(words) == "table" and function(id) return words[id] end or words
  if type(word_of) ~= "function" then
    blame("plot.word_weights: words: expected a table or a function from ids to words, got %s", blame.got(words))
  end
  local count = check.count(options.count, COUNT, "plot.word_weights: count")
  local list, values = largest_first(ids, weights_of(model, ids:reshape { 1, -1 }, options.class or 0))
  local names, shown = {}, {}
  for _, id in ipairs(list) do
    local word = word_of(id)
    if word and #names < count then names[#names + 1], shown[#shown + 1] = word, values[id + 1] end
  end
  if #names == 0 then blame "plot.word_weights: words: none of the ids has a word" end
  return bars { names = names, values = shown, y_label = "weight", title = options.title, caption = options.caption }
end
