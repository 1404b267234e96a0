--- Datasets of texts in files, which are read when it is their turn.
local blame = require "nn.support.blame"
local file_list = require "nn.data.file_list"
local files = require "nn.support.files"
local node = require "nn.data.node"
local pass = require "nn.data.pass"

local texts = { files = file_list }

local kind = { name = "text_dataset" }

function kind.count(self)
  local size = self.settings.batch_size or 1
  return (#self.settings.files.paths + size - 1) // size
end

local function read(self, path)
  local text = files.read(path)
  if not text then blame("%s: %s cannot be read", self.settings.what, path) end
  return self.settings.max_length and text:sub(1, self.settings.max_length) or text
end

function kind.open(self, over, start)
  local settings, paths = self.settings, self.settings.files.paths
  local size, order = settings.batch_size or 1, pass.order(over, self, #paths)
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
