--- What is computed element by element.
-- @submodule nn.tensor
local check_self = require "nn.tensor.check_self"
local engine = require "engine.tensor"

local methods = engine.methods

--- Comparison of elements: 1 where it holds, else 0. Also `ne`, `lt`, `le`, `gt`, `ge`.
-- @function tensor:eq
-- @tparam tensor|number|table other
-- @treturn tensor uint8
-- @usage
-- predicted:eq(class_ids):mean() -- accuracy
-- local comparisons = { t:ne(u), t:lt(u), t:le(u), t:gt(u), t:ge(u) }

--- 1 where an element is NaN, else 0.
-- @function tensor:isnan
-- @treturn tensor uint8
-- @usage x[x:isnan()] = 0
function methods.isnan(self)
  return check_self(self, "isnan"):ne(self)
end

--- 1 where an element is neither NaN nor infinite, else 0. Also `isinf`: 1 where it is infinite.
-- @function tensor:isfinite
-- @treturn tensor uint8
-- @usage local ok, infinite = x:isfinite(), x:isinf()
function methods.isfinite(self)
  return (check_self(self, "isfinite") * 0):eq(0)
end

function methods.isinf(self)
  return check_self(self, "isinf"):abs():eq(math.huge)
end

--- The greater of each pair of elements; NaN if one is. Also `minimum`.
-- @function tensor:maximum
-- @tparam tensor|number|table other
-- @treturn tensor
-- @usage t:maximum(0):minimum(255)

--- A function of each element: `abs`, `sqrt`, `exp`, `log`, `sin`, `cos`, `tanh`, `floor`, `round` (halves to even).
-- @function tensor:abs
-- @treturn tensor float32; `abs`, `floor` and `round` keep the type
-- @usage local functions = { t:abs(), t:sqrt(), t:exp(), t:log(), t:sin(), t:cos(), t:tanh(), t:floor(), t:round() }

--- Elements below `low` become `low`, those above `high` become `high`; either may be nil.
-- @function tensor:clip
-- @tparam[opt] number|tensor low
-- @tparam[opt] number|tensor high
-- @treturn tensor
-- @usage t:clip(0, 1)
function methods.clip(self, low, high)
  local result = low and self:maximum(low) or self
  return high and result:minimum(high) or result
end
