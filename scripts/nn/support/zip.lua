--- Lists side by side.
-- @submodule nn
local blame = require "nn.support.blame"

local zip = {}

--- Entries of lists that stand at the same position: what `optimizer:apply_gradients` takes.
-- @function zip
-- @tparam table lists two or more, of one length
-- @treturn {{any,any},...} a list of lists
-- @raise if the lists differ in length
-- @usage optimizer:apply_gradients(nn.zip({ gradient }, { variable }))
function zip.zip(...)
  local lists, result = { ... }, {}
  for k = 1, select("#", ...) do
    if type(lists[k]) ~= "table" then blame("zip: expected lists, got %s at position %d", blame.got(lists[k]), k) end
    if #lists[k] ~= #lists[1] then blame("zip: the lists have different lengths: %d and %d", #lists[1], #lists[k]) end
  end
  for i = 1, #(lists[1] or {}) do
    result[i] = {}
    for k, list in ipairs(lists) do result[i][k] = list[i] end
  end
  return result
end

return zip
