--- Hashes of each layer's weights after each epoch, by which a trial that is trained again is compared with itself.
local hash = require("engine.data").hash

local Fingerprints = {}
Fingerprints.__index = Fingerprints

local DIGITS = 16 -- of XXH3: enough to tell weights apart, few enough to keep for every epoch

--- Hashes of tensors that are called "layer/weight", one a layer.
-- @tparam {{name=string,tensor=tensor},...} weights in the order of the layers
-- @treturn {string,...} layers
-- @treturn {string,...} hashes
function Fingerprints.of(weights)
  local layers, tensors, hashes = {}, {}, {}
  for _, weight in ipairs(weights) do
    local layer = weight.name:match "^(.*)/" or weight.name
    if not tensors[layer] then
      layers[#layers + 1], tensors[layer] = layer, {}
    end
    table.insert(tensors[layer], weight.tensor)
  end
  for i, layer in ipairs(layers) do hashes[i] = hash(table.unpack(tensors[layer])):sub(1, DIGITS) end
  return layers, hashes
end

--- A callback for `fit`; after it, `layers` and `epochs` (a list of hashes each) are what goes into trial.json. It has
-- to be the first one: others may change the weights after they were validated.
function Fingerprints.new()
  return setmetatable({ epochs = {} }, Fingerprints)
end

function Fingerprints:on_epoch_end()
  local hashes
  self.layers, hashes = Fingerprints.of(self.model:named_weights())
  table.insert(self.epochs, hashes)
end

--- The epoch that ended with the weights that the model has now.
-- @tparam ?integer first looked at before others, which may have ended with the same weights
-- @treturn ?integer from 1; nil where no epoch ended with them
function Fingerprints:epoch_of_weights(first)
  local _, hashes = Fingerprints.of(self.model:named_weights())
  local now = table.concat(hashes, " ")
  local function ended_with(epoch) return self.epochs[epoch] and table.concat(self.epochs[epoch], " ") == now end
  if ended_with(first) then return first end
  for epoch = #self.epochs, 1, -1 do
    if ended_with(epoch) then return epoch end
  end
end

--- What is kept of it: also what a trial that is interrupted goes on from.
function Fingerprints:state()
  return { layers = self.layers, epochs = self.epochs }
end

function Fingerprints:restore(state)
  self.layers, self.epochs = state.layers, state.epochs
end

return Fingerprints
