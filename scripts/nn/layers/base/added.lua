--- What layers of one's own give to `add_loss` and `add_metric` while a model runs eagerly (nn.models.eager).
local added = {}

local current -- { losses = { number, ... }, metrics = { { name =, value = }, ... } }, or nil

--- Notes a number for the loss.
function added.loss(number)
  if current then table.insert(current.losses, number) end
end

--- Notes a number for a metric.
function added.metric(name, number)
  if current then table.insert(current.metrics, { name = name, value = number }) end
end

--- Whether anything is noted now.
function added.is_on() return current ~= nil end

--- Calls a function and notes what layers add meanwhile; within another such call they add to that one's.
-- @tparam function f
-- @return what it returns
-- @treturn table losses, metrics
function added.during(f, ...)
  local outer = current
  current = { losses = {}, metrics = {} }
  local found = current
  local _ <close> = setmetatable({}, { __close = function() current = outer end })
  local result = f(...)
  for _, number in ipairs(outer and found.losses or {}) do table.insert(outer.losses, number) end
  for _, each in ipairs(outer and found.metrics or {}) do table.insert(outer.metrics, each) end
  return result, found
end

return added
