--- Datasets of texts in files, which are read when it is their turn.
local blame = require "nn.support.blame"
local engine_random = require "engine.random"
local file_list = require "nn.data.file_list"
local files = require "nn.support.files"
local node = require "nn.data.node"
local pass = require "nn.data.pass"
local tensor = require "nn.tensor"

local texts = { files = file_list }

local kind = { name = "text_dataset" }

function kind.count(self)
  local size = self.settings.batch_size or 1
  return (#self.settings.files.paths + size - 1) // size
end

local function order_of(self, over)
  local settings, count = self.settings, #self.settings.files.paths
  if not settings.is_shuffled then return tensor.arange(count, "int32") end
  return engine_random.permutation(pass.seed_of(over, settings.seed, self.depth), over.epoch, count)
end

local function read(self, path)
  local text = files.read(path)
  if not text then blame("%s: %s cannot be read", self.settings.what, path) end
  return self.settings.max_length and text:sub(1, self.settings.max_length) or text
end

function kind.open(self, over, start)
  local settings, order = self.settings, order_of(self, over)
  local size, paths = settings.batch_size or 1, settings.files.paths
  local done = start * size
  return function()
    if done >= #paths then return nil end
    local positions = order[{ { done + 1, math.min(done + size, #paths) } }] + 1
    local batch, y = {}, settings.y and settings.y:gather(positions)
    for i, position in ipairs(positions:totable()) do batch[i] = read(self, paths[position]) end
    done = done + #batch
    if not settings.batch_size then batch, y = batch[1], y and y[1] end
    return y and { n = 2, batch, y } or { n = 1, batch }
  end
end

--- @tparam table settings what begins messages; files: of texts.files; y: nil, or labels, one a text; batch_size: nil
-- for single texts; is_shuffled, seed; max_length: nil, or how many bytes of a text are kept
-- @treturn node
function texts.node(settings)
  return node.new(kind, settings, {}, settings.batch_size ~= nil)
end

return texts
