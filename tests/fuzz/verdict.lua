-- Whether a message is one for users: it tells of their file or script, and of nothing within nnrun.
local verdict = {}

-- What Lua and its library say of a mistake in nnrun itself.
local INTERNAL = {
  "attempt to ", "bad argument", "stack traceback", "scripts/nn", "%[C%]", "invalid order function",
  "has no integer representation", "stack overflow", "invalid option", "invalid value %(", "expected, got no value",
  "assertion failed", "'for' ", "string slice too long", "invalid format", "C stack",
}

-- What is wrong with the message of an error; nil where it is one for users.
function verdict.fault(message)
  local text = tostring(message)
  for _, pattern in ipairs(INTERNAL) do
    if text:find(pattern) then return text end
  end
  if type(message) ~= "string" and not (getmetatable(message) or {}).__tostring then return "no text: " .. text end
  if text == "" or text == "nil" then return "no message" end
end

-- Calls a function; returns what is wrong with its error, nil where it has none or a clean one.
function verdict.of(f, ...)
  local ok, message = xpcall(f, function(problem)
    local fault = verdict.fault(problem)
    return fault and { fault = fault .. "\n" .. debug.traceback() } or problem
  end, ...)
  if not ok and type(message) == "table" then return message.fault end
end

return verdict
