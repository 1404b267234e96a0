--- Neighbouring words as one entry.
local blame = require "nn.support.blame"

local ngrams = {}

--- The lengths that an argument stands for: 3 for 1, 2 and 3; a list for itself.
-- @tparam integer|{integer,...}|nil given
-- @tparam string class for messages
-- @treturn ?{integer,...}
function ngrams.lengths(given, class)
  if given == nil then return nil end
  local lengths = type(given) == "table" and table.move(given, 1, #given, 1, {}) or {}
  if math.type(given) == "integer" then
    for length = 1, given do lengths[length] = length end
  end
  for _, length in ipairs(lengths) do
    if math.type(length) ~= "integer" or length < 1 then lengths = {} end
  end
  if #lengths == 0 then
    blame("%s: ngrams: expected a whole number of at least 1, or a list of such, got %s", class, blame.got(given))
  end
  return lengths
end

--- All runs of words of some lengths: by length, then by position.
-- @tparam {string,...} list
-- @tparam {integer,...} lengths
-- @treturn {string,...} words joined by spaces
function ngrams.of(list, lengths)
  local found = {}
  for _, length in ipairs(lengths) do
    for first = 1, #list - length + 1 do
      found[#found + 1] = table.concat(list, " ", first, first + length - 1)
    end
  end
  return found
end

return ngrams
