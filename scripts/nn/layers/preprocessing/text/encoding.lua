--- Ids as what `output_mode` asks for: as they are, or as vectors.
local blame = require "nn.support.blame"
local nested = require "nn.layers.preprocessing.text.nested"
local tensor = require "nn.tensor"

local encoding = {}

local MODES = { int = true, one_hot = true, multi_hot = true, count = true, tf_idf = true }

--- Raises an error for what no layer here can give.
-- @tparam table a arguments of the layer: output_mode, sparse
-- @tparam string class
-- @tparam {string,...} modes that the layer has
function encoding.check(a, class, modes)
  local is_known = false
  for _, mode in ipairs(modes) do is_known = is_known or a.output_mode == mode end
  if not (is_known and MODES[a.output_mode]) then
    blame("%s: output_mode: expected %s or %s, got %s", class, table.concat(modes, ", ", 1, #modes - 1), modes[#modes],
      blame.got(a.output_mode))
  elseif a.sparse then
    blame("%s: sparse is not supported; leave it out", class)
  end
end

-- How many ids make one vector, and the shape of the vectors' places.
local function rows_of(shape, mode)
  local before = table.move(shape, 1, #shape, 1, {})
  if mode == "one_hot" then
    if before[#before] == 1 then before[#before] = nil end
    return 1, before
  end
  return table.remove(before) or 1, before
end

--- The shape of what is given for ids of a shape.
-- @tparam {integer,...} shape
-- @tparam string mode
-- @tparam integer width how many ids there are
-- @treturn {integer,...}
function encoding.shape(shape, mode, width)
  if mode == "int" then return shape end
  local _, result = rows_of(shape, mode)
  result[#result + 1] = width
  return result
end

--- Ids as a tensor.
-- @tparam {integer,...} ids in order, from 0; -1: nothing
-- @tparam {integer,...} shape
-- @tparam string mode "int"; "one_hot": a vector an id; "multi_hot", "count", "tf_idf": a vector for all ids of the
-- last axis: 1 for those that occur, how often, or that times the id's weight
-- @tparam integer width
-- @tparam[opt] function weight_of id -> its weight, for "tf_idf"
-- @treturn tensor int32 for "int", else float32
function encoding.tensor(ids, shape, mode, width, weight_of)
  if mode == "int" then return nested.tensor(ids, shape, "int32") end
  local count = rows_of(shape, mode)
  local result = tensor.zeros(encoding.shape(shape, mode, width))
  local flat = result:reshape { result.size }
  local adds = mode == "count" or mode == "tf_idf"
  for i, id in ipairs(ids) do
    if id >= 0 then
      local place = (i - 1) // count * width + id + 1
      local weight = mode == "tf_idf" and weight_of(id) or 1
      flat[place] = adds and flat[place] + weight or 1
    end
  end
  return result
end

return encoding
