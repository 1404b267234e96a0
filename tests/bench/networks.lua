--- Networks as `make bench` describes them to all programs: the shape of a sample, then one word a layer.
--
--   64                    dense; relu, but for the last
--   conv-32-5, -same      filters, size; relu
--   convnorm-32-3-same    the same with BatchNormalization before the relu
--   pool-2                the largest of each window
--   embedding-65-64       ids below 65 as vectors
--   tokens-65-128         the same, plus a learned vector for each position
--   lstm-128, gru-128     the last output; lstms and grus: that of each step
--   block-4               a block of a GPT: causal attention with so many heads, then two dense layers, 4 times as wide
local nn = require "nn"

local L = nn.layers
local networks = {}

--- "150x150x3" -> { 150, 150, 3 }
-- @tparam integer|string word
-- @treturn {integer,...}
function networks.shape(word)
  local shape = {}
  for size in tostring(word):gmatch "%d+" do shape[#shape + 1] = math.tointeger(size) end
  return shape
end

--- "conv-32-5-same" -> "conv", 32, 5, "same"; a dense layer's width -> "dense", width
local function parts(word)
  if math.tointeger(word) then return "dense", math.tointeger(word) end
  local kind, first, second, padding = word:match "^(%a+)-(%d+)-?(%d*)-?(%a*)$"
  return kind, math.tointeger(first), math.tointeger(second), padding
end

--- Whether a sample is a row of ids.
function networks.takes_ids(layers)
  local kind = parts(layers[2])
  return kind == "embedding" or kind == "tokens"
end

-- ---- nnrun's layers ----

local function conv(filters, size, padding, activation)
  return L.Conv2D { filters, size, padding = padding == "same" and "same" or "valid", activation = activation }
end

local function recurrent(layer, all)
  return function(x, units) return layer { units, return_sequences = all } (x) end
end

--- As of GPT-2: what each half adds to x is computed from x in normal form.
local function block(x, heads)
  local width = x.shape[#x.shape]
  local normal = L.LayerNormalization {} (x)
  local attended = L.MultiHeadAttention { heads, width // heads } ({ normal, normal }, { use_causal_mask = true })
  x = L.Add {} { x, attended }
  local wide = L.Dense { 4 * width, activation = "gelu" } (L.LayerNormalization {} (x))
  return L.Add {} { x, L.Dense { width } (wide) }
end

local BUILD = {
  conv = function(x, filters, size, padding) return conv(filters, size, padding, "relu")(x) end,
  convnorm = function(x, filters, size, padding)
    return L.Activation { "relu" } (L.BatchNormalization {} (conv(filters, size, padding) (x)))
  end,
  pool = function(x, size) return L.MaxPooling2D { size } (x) end,
  embedding = function(x, count, width) return L.Embedding { count, width } (x) end,
  tokens = function(x, count, width) return L.TokenAndPositionEmbedding { count, x.shape[#x.shape], width } (x) end,
  block = block,
  lstm = recurrent(L.LSTM, false), lstms = recurrent(L.LSTM, true),
  gru = recurrent(L.GRU, false), grus = recurrent(L.GRU, true),
}

--- The model, not yet compiled; nil and why if nnrun has no such layer.
-- @tparam {integer|string,...} layers
-- @tparam string activation of the last layer
function networks.build(layers, activation)
  local input = nn.Input { shape = networks.shape(layers[1]) }
  local x = input
  for i = 2, #layers do
    local kind, first, second, padding = parts(layers[i])
    if kind == "dense" then
      if #networks.shape(layers[1]) == 3 then x = L.Flatten {} (x) end
      x = L.Dense { first, activation = i < #layers and "relu" or activation } (x)
    elseif not BUILD[kind] then
      return nil, "has no " .. kind
    else
      x = BUILD[kind](x, first, second, padding)
    end
  end
  return nn.Model { inputs = input, outputs = x }
end

-- ---- multiplications of a sample ----

local function product(shape)
  local n = 1
  for _, size in ipairs(shape) do n = n * size end
  return n
end

local function gates(count, all)
  return function(shape, units)
    local steps, width = shape[1], shape[2]
    return all and { steps, units } or { units }, steps * units * count * width, steps * units * count * units
  end
end

local function conv_work(shape, filters, size, padding)
  local loss = padding == "same" and 0 or size - 1
  local out = { shape[1] - loss, shape[2] - loss, filters }
  return out, product(out) * size * size * shape[3]
end

-- shape, ... -> shape after it, products with what comes in, products with what the layer itself computes
local WORK = {
  conv = conv_work, convnorm = conv_work,
  pool = function(shape, size) return { shape[1] // size, shape[2] // size, shape[3] }, 0 end,
  embedding = function(shape, _, width) return { shape[1], width }, 0 end,
  tokens = function(shape, _, width) return { shape[1], width }, 0 end,
  lstm = gates(4, false), lstms = gates(4, true), gru = gates(3, false), grus = gates(3, true),
  block = function(shape) -- the causal mask leaves out half of two products of steps with steps
    local steps, width = shape[1], shape[2]
    return shape, 12 * steps * width * width + steps * steps * width
  end,
  dense = function(shape, width)
    if #shape == 2 then return { shape[1], width }, product(shape) * width end
    return { width }, product(shape) * width
  end,
}

--- Multiplications for one sample: forward, and if it is trained also for the gradients of weights and of inputs, the
-- data's excepted.
-- @tparam {integer|string,...} layers
-- @tparam string task
-- @treturn integer
function networks.work(layers, task)
  local shape, sum, is_first = networks.shape(layers[1]), 0, true
  for i = 2, #layers do
    local kind, first, second, padding = parts(layers[i])
    local after, inputs, own = WORK[kind](shape, first, second, padding)
    local times = task == "predict" and 1 or 3
    sum = sum + inputs * (is_first and math.min(times, 2) or times) + (own or 0) * times
    shape, is_first = after, is_first and kind == "pool"
  end
  return sum
end

return networks
