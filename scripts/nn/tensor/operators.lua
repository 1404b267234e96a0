--- Lua's operators and loops on tensors: `print`, `pairs`, `ipairs`, and masks joined by `&`, `|`, `~`.
-- @submodule nn.tensor
local blame = require "nn.support.blame"
local engine = require "engine.tensor"
local text = require "nn.tensor.text"

local metatable = engine.metatable

metatable.__tostring = text

--- `for i, row in pairs(t)`, or `ipairs`: positions and sub-tensors along the first axis.
-- @function tensor:__pairs
-- @usage
-- for i, row in pairs(t) do print(i, row:sum()) end
-- for i, row in ipairs(t) do print(i, row:sum()) end
function metatable.__pairs(t)
  return function(_, i)
    if i < #t then return i + 1, t[i + 1] end
  end, t, 0
end

local function check_mask(value, operator)
  local is_mask = engine.is_tensor(value) and value.dtype ~= "float32"
    and (value.size == 0 or value:min() >= 0 and value:max() <= 1)
  if not is_mask then
    blame("%s combines masks of 0 and 1, as t:gt(0) gives, got %s", operator, blame.got(value))
  end
  return value
end

function metatable.__band(a, b) return (check_mask(a, "&") * check_mask(b, "&")):astype "uint8" end
function metatable.__bor(a, b) return (check_mask(a, "|") + check_mask(b, "|")):gt(0) end
function metatable.__bxor(a, b) return check_mask(a, "~"):ne(check_mask(b, "~")) end
function metatable.__bnot(a) return check_mask(a, "~"):eq(0) end

-- Lua's own ipairs reads until it finds nil, but a position behind the end of a tensor is an error.
local plain_ipairs = ipairs
local next_entry = plain_ipairs {}
rawset(_G, "ipairs", function(list)
  if type(list) == "table" then return next_entry, list, 0 end
  if engine.is_tensor(list) then return metatable.__pairs(list) end
  return plain_ipairs(list)
end)
