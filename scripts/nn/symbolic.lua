--- What a layer gives before any data run: a shape, and how it came about. Models are made of these.
local symbolic = {}

local Symbolic = { __name = "nn.symbolic" }
Symbolic.__index = Symbolic

--- @tparam table layer the layer that gives it
-- @tparam {symbolic,...} inputs what the layer read
-- @tparam {integer,...} shape of one sample
function symbolic.new(layer, inputs, shape)
  return setmetatable({ layer = layer, inputs = inputs, shape = shape }, Symbolic)
end

function symbolic.is(value)
  return getmetatable(value) == Symbolic
end

function Symbolic:__tostring()
  return ("<symbolic tensor (n%s) of %s>"):format((", %d"):rep(#self.shape):format(table.unpack(self.shape)),
    self.layer.name)
end

--- All symbolic tensors that the given ones depend on, each after what it reads.
-- @tparam {symbolic,...} outputs
-- @treturn {symbolic,...}
function symbolic.order(outputs)
  local sorted, seen = {}, {}
  local function visit(node)
    if seen[node] then return end
    seen[node] = true
    for _, input in ipairs(node.inputs) do visit(input) end
    sorted[#sorted + 1] = node
  end
  for _, output in ipairs(outputs) do visit(output) end
  return sorted
end

return symbolic
