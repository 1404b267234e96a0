--- What all datasets share inside: a kind, settings, and the datasets that they read.
--
-- A kind is a table with
--
-- - name: what messages call it
-- - `open(node, pass, start)`: a function that gives the next element at each call, nil after the last; the first
--   `start` elements are left out. Not needed if there always is a plan
-- - `count(node)`: how many elements a pass has; math.huge if it never ends; nil if that is not known
-- - `plan(node)`: see nn.data.plan; nil if there is none
-- - `cached(node)`: the node that keeps in memory what this one reads; nil for a list of elements
--
-- A node has kind; settings: what it was given, all that the result depends on; inputs: the nodes that it reads;
-- is_batched: whether its elements are batches, nil if that is not known; depth and shuffles: how many transformations
-- and how many shuffles it consists of.
local plan = require "nn.data.plan"

local node = {}

--- @tparam table kind
-- @tparam table settings
-- @tparam {node,...} inputs
-- @tparam[opt] boolean is_batched as the first input
-- @treturn table the fields of a node
function node.new(kind, settings, inputs, is_batched)
  local depth, shuffles = 1, kind.name == "shuffle" and 1 or 0
  for _, input in ipairs(inputs) do depth, shuffles = depth + input.depth, shuffles + input.shuffles end
  if is_batched == nil and inputs[1] then is_batched = inputs[1].is_batched end
  return { kind = kind, settings = settings, inputs = inputs, is_batched = is_batched, depth = depth,
    shuffles = shuffles, passes = 0 }
end

--- Leaves out elements.
-- @tparam function read
-- @tparam integer count
-- @treturn function read
function node.drop(read, count)
  for _ = 1, count do
    if not read() then break end
  end
  return read
end

--- The plan of a node; nil if it has none.
function node.plan(self)
  return self.kind.plan and self.kind.plan(self) or nil
end

--- Opens a node.
-- @tparam table self
-- @tparam table pass
-- @tparam[opt=0] integer start how many elements to leave out
-- @treturn function () -> the next element, nil after the last
function node.open(self, pass, start)
  local known = node.plan(self)
  if known then return plan.open(known, pass, start or 0) end
  return self.kind.open(self, pass, start or 0)
end

--- How many elements a pass has.
-- @treturn ?number math.huge if it never ends, nil if that is not known
function node.count(self)
  local known = node.plan(self)
  if not known then return self.kind.count(self) end
  local size = known.batch or 1
  return (known.count + size - 1) // size
end

--- All tensors that the datasets below were made of.
-- @tparam table self
-- @tparam[opt] {tensor,...} list
-- @treturn {tensor,...}
function node.tensors(self, list)
  list = list or {}
  table.move(self.tensors or {}, 1, #(self.tensors or {}), #list + 1, list)
  for _, input in ipairs(self.inputs) do node.tensors(input, list) end
  return list
end

return node
