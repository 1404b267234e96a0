--- Datasets of windows over rows that follow each other in time. Windows overlap, so only those of a batch are copied.
local node = require "nn.data.node"
local pass = require "nn.data.pass"
local tensor = require "nn.tensor"

local windows = {}

--- Some windows of a tensor.
-- @tparam tensor data (rows, ...)
-- @tparam tensor firsts int32 (n): the first row of each window, from 0
-- @tparam integer length how many rows a window has
-- @tparam integer rate the distance of neighbouring rows in a window
-- @treturn tensor (n, length, ...)
function windows.gather(data, firsts, length, rate)
  local steps = tensor.arange(length, "int32") * rate
  local positions = firsts:reshape { -1, 1 } + steps:reshape { 1, -1 }
  local rows = data:gather(positions:reshape { positions.size } + 1)
  return rows:reshape { #firsts, length, table.unpack(data.shape, 2) }
end

local kind = { name = "timeseries_dataset" }

function kind.count(self)
  local size = self.settings.batch_size or 1
  return (self.settings.count + size - 1) // size
end

function kind.open(self, over, start)
  local settings, order = self.settings, pass.order(over, self, self.settings.count)
  local size, targets = settings.batch_size or 1, settings.targets
  local done = start * size
  return function()
    if done >= settings.count then return nil end
    local last = math.min(done + size, settings.count)
    local firsts = order[{ { done + 1, last } }] * settings.stride + settings.first
    done = last
    local x = windows.gather(settings.data, firsts, settings.length, settings.rate)
    local y = targets and targets:gather(firsts + 1)
    if not settings.batch_size then x, y = x[1], y and y[1] end
    return y and { n = 2, x, y } or { n = 1, x }
  end
end

--- @tparam table settings data; targets: nil, or a tensor whose row i belongs to the window that begins at row i of
-- data; first: where the first window begins, from 0; count: how many there are; length, stride, rate; batch_size: nil
-- for single windows; is_shuffled, seed
-- @treturn node
function windows.node(settings)
  local self = node.new(kind, settings, {}, settings.batch_size ~= nil)
  self.tensors = { settings.data, settings.targets }
  return self
end

return windows
