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

--- A callback for `fit`; after it, `layers` and `epochs` (a list of hashes each) are what goes into trial.json.
function Fingerprints.new()
  return setmetatable({ epochs = {} }, Fingerprints)
end

function Fingerprints:on_epoch_end()
  local hashes
  self.layers, hashes = Fingerprints.of(self.model:named_weights())
  table.insert(self.epochs, hashes)
end

--- What is kept of it: also what a trial that is interrupted goes on from.
function Fingerprints:state()
  return { layers = self.layers, epochs = self.epochs }
end

function Fingerprints:restore(state)
  self.layers, self.epochs = state.layers, state.epochs
end

return Fingerprints
