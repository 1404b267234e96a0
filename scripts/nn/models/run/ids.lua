--- Ids in the data, such as those of words: whether the layers that read them know them all.
local traits = require("engine.registry").traits
local blame = require "nn.support.blame"

local ids = {}

--- The nodes of a graph that read ids straight from the data.
-- @tparam {table,...} nodes as engine.job takes them
-- @tparam {integer,...} inputs positions of the inputs among them
-- @treturn {{what=,field=,count=,input=},...} input: its position among the inputs
function ids.readers(nodes, inputs)
  local position_of, list = {}, {}
  for i, node in ipairs(inputs) do position_of[node] = i end
  for _, node in ipairs(nodes) do
    local field = node.layer and traits(node.layer)
    local count, input = field and node.config[field], position_of[node.inputs[1]]
    if count and input then list[#list + 1] = { what = node.what, field = field, count = count, input = input } end
  end
  return list
end

--- Raises an error if data hold an id that the node which reads them does not know.
-- @tparam {table,...} readers
-- @tparam {tensor,...} data of the inputs
function ids.check(readers, data)
  for _, node in ipairs(readers) do
    local given = data[node.input]
    if given.size > 0 and not (given:min() >= 0 and given:max() < node.count) then
      if given:isnan():max() == 1 then
        blame("%s: expected ids from 0 to %d, got nan", node.what, node.count - 1)
      end
      blame("%s: ids run from %.9g to %.9g, but %s is %d, so they may be 0 to %d", node.what, given:min(), given:max(),
        node.field, node.count, node.count - 1)
    end
  end
end

return ids
