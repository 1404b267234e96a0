--- Where in a sequence a token stands. These layers are KerasHub's (keras_hub.layers), with its names and arguments.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local composed = require "nn.layers.base.composed"
local layer = require "nn.layers.base"
local open_axes = require "nn.layers.base.open_axes"
local tensor = require "nn.tensor"

local function check_count(a, object, name)
  if math.type(a[name]) ~= "integer" or a[name] < 1 then
    blame("%s: %s: expected a whole number from 1, got %s", object.class_name, name, blame.got(a[name]))
  end
end

local function check_sequence(self, shape)
  if #shape ~= 2 then
    blame.at(self.where, "%s: wants samples of (places, features), got %s", self:title(), table.concat(shape, "x"))
  end
end

-- Rows of (places, features) for each sample, as many samples as x has.
local function for_each_sample(x, rows) return require "nn.ops".zeros_like(x) + rows end

--- A learned vector for each place of a sequence, to be added to those of the tokens.
-- @function PositionEmbedding
-- @tparam integer sequence_length how many places there are at most
-- @tparam[opt] string|initializer initializer ("glorot_uniform")
-- Shapes: input (n, places, features), of which only the shape counts; output the same; weights embeddings
-- (sequence_length, features).
-- @usage
-- local ids = nn.Input{ shape = { 16 } }
-- local tokens = Embedding{ 65, 32 }(ids)
-- local x = tokens + PositionEmbedding{ 16 }(tokens)
composed.define {
  class = "PositionEmbedding",
  passes_mask = true,
  arguments = { { "sequence_length", layer.required }, { "initializer", "glorot_uniform" } },
  check = function(a, object)
    check_count(a, object, "sequence_length")
    a.initializer = require("nn.initializers").get(a.initializer)
  end,
  build = function(self, shape)
    check_sequence(self, shape)
    self.embeddings = composed.add_weight(self, { shape = { self.arguments.sequence_length, shape[2] },
      initializer = self.arguments.initializer, name = "embeddings" })
  end,
  call = function(self, x)
    check_sequence(self, x.shape)
    local places, most = x.shape[1], self.arguments.sequence_length
    if places > most and not open_axes.is_trial(places) then
      blame.at(self.where, "%s: sequence_length is %d, got a sequence of %d places", self:title(), most, places)
    end
    local rows = require "nn.ops".slice(self.embeddings, { 1, 1 }, { places > most and 1 or places, x.shape[2] })
    return for_each_sample(x, rows)
  end,
  examples = { { { 4 }, { 3, 2 } } },
}

-- The vectors of places 1 to `places` (Vaswani et al. 2017, section 3.5).
local function sines(places, features, max_wavelength)
  local rows = {}
  for place = 1, places do
    local row = {}
    for i = 1, features do
      local angle = (place - 1) * max_wavelength ^ (-2 * ((i - 1) // 2) / features)
      row[i] = i % 2 == 1 and math.sin(angle) or math.cos(angle)
    end
    rows[place] = row
  end
  return tensor.tensor(rows)
end

--- Sines and cosines of the place, with wavelengths from 2 pi on (Vaswani et al. 2017): nothing is learned, and a
-- sequence may have any length.
-- @function SinePositionEncoding
-- @tparam[opt] number max_wavelength (10000)
-- Shapes: input (n, places, features), of which only the shape counts; output the same.
-- @usage
-- local ids = nn.Input{ shape = { 16 } }
-- local tokens = Embedding{ 65, 32 }(ids)
-- local x = tokens + SinePositionEncoding{}(tokens)
composed.define {
  class = "SinePositionEncoding",
  passes_mask = true,
  arguments = { { "max_wavelength", 10000 } },
  check = function(a)
    if type(a.max_wavelength) ~= "number" or a.max_wavelength ~= a.max_wavelength or a.max_wavelength <= 0 then
      blame("SinePositionEncoding: max_wavelength: expected a number above 0, got %s", blame.got(a.max_wavelength))
    end
  end,
  call = function(self, x)
    check_sequence(self, x.shape)
    return for_each_sample(x, sines(x.shape[1], x.shape[2], self.arguments.max_wavelength))
  end,
  examples = { { {}, { 3, 4 } }, { { 100 }, { 2, 3 } } },
}

--- The sum of a learned vector for each token and one for its place: what a transformer begins with.
-- @function TokenAndPositionEmbedding
-- @tparam integer vocabulary_size how many ids there are: 0 to vocabulary_size - 1
-- @tparam integer sequence_length how many places there are at most
-- @tparam integer embedding_dim how long a vector is
-- @tparam[opt] string|initializer embeddings_initializer ("uniform": from -0.05 to 0.05)
-- @tparam[opt] boolean mask_zero (false) whether id 0 is padding that later layers are to leave out
-- Shapes: ids (n, places), output (n, places, embedding_dim); weights token_embedding embeddings (vocabulary_size,
-- embedding_dim), position_embedding embeddings (sequence_length, embedding_dim).
-- @usage TokenAndPositionEmbedding{ 65, 128, 32, input_shape = { 128 } }
composed.define {
  class = "TokenAndPositionEmbedding",
  arguments = {
    { "vocabulary_size", layer.required }, { "sequence_length", layer.required }, { "embedding_dim", layer.required },
    { "embeddings_initializer", "uniform" }, { "mask_zero", false },
  },
  check = function(a, object)
    for _, name in ipairs { "vocabulary_size", "sequence_length", "embedding_dim" } do check_count(a, object, name) end
    object.token_embedding = layer.layers.Embedding { a.vocabulary_size, a.embedding_dim, name = "token_embedding",
      embeddings_initializer = a.embeddings_initializer, mask_zero = a.mask_zero }
    object.position_embedding = layer.layers.PositionEmbedding { a.sequence_length, name = "position_embedding",
      initializer = a.embeddings_initializer }
    composed.adopt(object, { object.token_embedding, object.position_embedding })
  end,
  call = function(self, ids)
    local tokens = self.token_embedding(ids)
    return tokens + self.position_embedding(tokens)
  end,
  methods = {
    compute_mask = function(self, inputs) return self.token_embedding:compute_mask(inputs) end,
  },
  examples = { { { 3, 4, 2 }, { 4 } }, { { 3, 5, 2, mask_zero = true }, { 2 } } },
}
