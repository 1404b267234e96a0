--- `dataset.element_spec`: the shapes and types of what a dataset gives.
local is_tensor = require("engine.tensor").is_tensor
local node = require "nn.data.node"
local pass = require "nn.data.pass"
local structure = require "nn.data.structure"

local spec = {}

local OPEN = -1 -- a length that may differ from element to element

local function text_of(self)
  local lengths = {}
  for i, length in ipairs(self.shape) do lengths[i] = length == OPEN and "None" or tostring(length) end
  return ("TensorSpec(shape = { %s }, dtype = %q)"):format(table.concat(lengths, ", "), self.dtype)
end

local meta = { __name = "nn.TensorSpec", __tostring = text_of }

local function is_open(self)
  return self.is_batched and not self.settings.drop_remainder
end

local function of_leaf(leaf, has_open_batch)
  local dtype, shape = "string", {}
  if is_tensor(leaf) then
    shape, dtype = leaf.shape, leaf.dtype
  elseif type(leaf) == "number" then
    dtype = math.type(leaf) == "integer" and "int32" or "float32"
  elseif type(leaf) == "table" then
    shape = { #leaf }
  end
  if has_open_batch and #shape > 0 then shape[1] = OPEN end
  return setmetatable({ shape = shape, dtype = dtype }, meta)
end

--- The spec of a dataset's elements, from its first one.
-- @tparam table self node
-- @treturn {table,...} for each value a table with shape (-1: a length that may differ) and dtype, or lists and tables
-- of those; nil for an empty dataset
function spec.of(self)
  local element = node.open(self, pass.once())()
  if not element then return nil end
  local list = {}
  for i = 1, element.n do
    list[i] = structure.map(element[i], function(leaf) return of_leaf(leaf, is_open(self)) end)
  end
  return list
end

return spec
