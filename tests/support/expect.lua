-- What several specs ask of errors and models.
local assert = require "luassert"

local expect = {}

--- The message of the error that a call raises.
function expect.message_of(f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok)
  return tostring(message)
end

--- Expects a call to raise an error with that text in its message.
function expect.fails(text, f, ...)
  local message = expect.message_of(f, ...)
  assert.is_truthy(message:find(text, 1, true), message)
end

--- A model's weights as one string.
function expect.bits(model)
  local list = {}
  for i, weight in ipairs(model:get_weights()) do list[i] = weight:bytes() end
  return table.concat(list)
end

return expect
