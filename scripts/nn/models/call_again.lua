--- Calling the layers of a graph again, with other inputs.
local symbolic = require "nn.layers.base.symbolic"

-- What a call gave, as a list: several results, or one list.
local function listed(first, ...)
  return symbolic.is(first) and { first, ... } or first
end

--- Calls the layers of a model again.
-- @tparam {symbolic,...} order
-- @tparam {[symbolic]=symbolic} new what stands for each; holds those of the inputs, is filled
return function(order, new)
  local function all(symbols)
    local list = {}
    for i, symbol in ipairs(symbols) do list[i] = new[symbol] end
    return #list == 1 and list[1] or list
  end
  local results = {}
  for _, node in ipairs(order) do
    if not new[node] and not node.layer.is_hidden then
      local options = {}
      for name, value in pairs(node.options or {}) do options[name] = new[value] or value end
      results[node.call] = results[node.call] or listed(node.layer(all(node.read), options))
      new[node] = results[node.call][node.index]
    end
    if new[node] and node.mask and not new[node.mask] then new[node.mask] = new[node].mask end
  end
end
