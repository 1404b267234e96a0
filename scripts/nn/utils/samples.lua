--- What splitting data takes: data are tensors, whose samples lie along the first axis, or Lua lists.
local blame = require "nn.support.blame"
local random = require "nn.random"
local tensor = require "nn.tensor"

local samples = {}

--- The entries at some positions, from 1.
-- @tparam tensor|table data
-- @tparam {integer,...} positions
-- @return a tensor, or a list where data is one
function samples.take(data, positions)
  if tensor.is_tensor(data) then return data:gather(positions) end
  local list = {}
  for i, position in ipairs(positions) do list[i] = data[position] end
  return list
end

--- The positions from one to another.
function samples.range(first, last)
  local list = {}
  for position = first, last do list[#list + 1] = position end
  return list
end

--- The same list in random order.
-- @tparam table list
-- @tparam[opt] integer seed (the next of the running sequence)
function samples.shuffled(list, seed)
  local order, result = random.permutation(#list, seed):totable(), {}
  for i, position in ipairs(order) do result[i] = list[position + 1] end
  return result
end

--- Raises an error where a value holds no samples; returns how many it holds.
function samples.check_data(data, what)
  if not tensor.is_tensor(data) and (type(data) ~= "table" or #data == 0) then
    blame("%s: expected tensors or lists, got %s", what, type(data) == "table" and "an empty table" or blame.got(data))
  end
  return #data
end

--- One value a sample that tells its class, from class ids or from rows such as one-hot labels.
function samples.labels_of(stratify, n, what)
  local count = samples.check_data(stratify, what .. ": stratify")
  if count ~= n then blame("%s: stratify has %d labels for %d samples", what, count, n) end
  local is_flat = not tensor.is_tensor(stratify) or stratify.size == n
  if not is_flat then stratify = stratify:reshape { n, -1 } end
  local labels = tensor.is_tensor(stratify) and (is_flat and stratify:flatten() or stratify):totable() or stratify
  if is_flat then return labels end
  local texts = {}
  for i, row in ipairs(labels) do texts[i] = table.concat(row, ",") end
  return texts
end

--- The positions of each class; classes in the order in which they first occur.
function samples.by_class(labels)
  local classes, known = {}, {}
  for position, label in ipairs(labels) do
    local class = known[label]
    if not class then
      class = { label = label }
      known[label], classes[#classes + 1] = class, class
    end
    class[#class + 1] = position
  end
  return classes
end

return samples
