--- Whether a value read from a file is what was once written into it: types of fields, fields within fields.
--
-- Whoever reads a record can trust the types of what is there. That something is there holds only of required fields.
local kinds = require "nn.support.kinds"
local shown = require "nn.support.format"

local schema = {}

-- A type is a function of a value that returns nothing, or what is wrong and the path to it.
local function plain(kind)
  return function(value)
    if not kind.fits(value) then return ("expected %s, found %s"):format(kind.text, shown.brief(value)), "" end
  end
end

schema.any = function() end
schema.text, schema.flag = plain(kinds.text), plain(kinds.boolean)
schema.number = plain { text = "a number", fits = function(value) return type(value) == "number" end } -- or NaN
schema.count = plain(kinds.whole(0))
schema.scalar = plain { text = "a text, a number or true or false", fits = function(value)
  return kinds.text.fits(value) or kinds.boolean.fits(value) or type(value) == "number"
end }

local is_table = plain { text = "a table", fits = kinds.list.fits }

--- One of a few texts.
function schema.one_of(...) return plain(kinds.one_of(...)) end

-- What each entry of a table has to be.
local function entries(value, check)
  for key, each in pairs(value) do
    local wrong, path = check(key, each)
    if wrong then return wrong, (type(key) == "number" and "[%d]" or ".%s"):format(key) .. path end
  end
end

--- A list, each of whose entries is of a type.
function schema.list(of)
  return function(value)
    local wrong, path = is_table(value)
    if wrong then return wrong, path end
    return entries(value, function(key, each)
      if math.type(key) ~= "integer" or key > #value then return "expected a list", "" end
      return of(each)
    end)
  end
end

--- An object with any names.
function schema.map(of)
  return function(value)
    local wrong, path = is_table(value)
    if wrong then return wrong, path end
    return entries(value, function(key, each)
      if type(key) ~= "string" then return "expected names, not positions", "" end
      return of(each)
    end)
  end
end

--- An object with fields of these types, which may be missing; fields besides may be anything.
-- @tparam {[string]=type} fields
-- @tparam[opt] {string,...} required names of those that must be there
function schema.object(fields, required)
  return function(value)
    local wrong, path = is_table(value)
    if wrong then return wrong, path end
    for _, name in ipairs(required or {}) do
      if value[name] == nil then return "is missing", "." .. name end
    end
    return entries(value, function(key, each)
      if fields[key] then return fields[key](each) end
    end)
  end
end

--- What is wrong with a value, in one sentence; nil where nothing is.
-- @param value
-- @tparam function kind
-- @treturn ?string such as "sections[2].title: expected a text, found 5"
function schema.fault(value, kind)
  local wrong, path = kind(value)
  return wrong and ((path:gsub("^%.", "")) .. (path ~= "" and ": " or "") .. wrong) or nil
end

return schema
