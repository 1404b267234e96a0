--- Datasets of pictures that are changed at random on the way. What happens to a picture follows from the seed, the
-- epoch, the number of its batch and its place there.
local engine_random = require "engine.random"
local node = require "nn.data.node"
local pass = require "nn.data.pass"

local augmented = {}

-- Tells these random numbers from those of shuffles.
local CHANGES = 1 << 21

local kind = { name = "augmented" }

function kind.count(self) return node.count(self.inputs[1]) end

function kind.open(self, over, start)
  local read, number = node.open(self.inputs[1], over, start), start
  local seed = pass.seed_of(over, self.settings.seed, CHANGES)
  return function()
    local element = read()
    if not element then return nil end
    number = number + 1
    local x = self.settings.generator:changed(element[1], engine_random.derive(seed, number), over.epoch)
    return { n = element.n, x, table.unpack(element, 2, element.n) }
  end
end

--- @tparam node input of batches whose first value are pictures
-- @tparam table settings generator: has `changed(x, seed, stream)`; seed: nil for that of the run
-- @treturn node
function augmented.node(input, settings)
  return node.new(kind, settings, { input })
end

return augmented
