--- Kinds of option values: what a message says was expected, and a function that tells whether a value is of the kind.
local contains = require "nn.support.contains"

local kinds = {}

local function of_type(text, name)
  return { text = text, fits = function(value) return type(value) == name end }
end

kinds.boolean = of_type("true or false", "boolean")
kinds.text = of_type("a text", "string")
kinds.func = of_type("a function", "function")
kinds.list = of_type("a table", "table")

kinds.number = { text = "a number", fits = function(value) return type(value) == "number" and value == value end }
kinds.not_negative = { text = "a number of at least 0",
  fits = function(value) return type(value) == "number" and value >= 0 end }
kinds.integer = { text = "a whole number", fits = function(value) return math.type(value) == "integer" end }

local function are_integers(list, least)
  if type(list) ~= "table" or getmetatable(list) then return false end
  for _, each in pairs(list) do
    if math.type(each) ~= "integer" or each < least then return false end
  end
  return true
end

local function one_or_more(text, least)
  return { text = text, fits = function(value)
    return math.type(value) == "integer" and value >= least or are_integers(value, least)
  end }
end

kinds.integers = { text = "a list of whole numbers",
  fits = function(value) return are_integers(value, math.mininteger) end }
kinds.one_or_more_integers = one_or_more("a whole number or a list of them", math.mininteger)
kinds.one_or_more_counts = one_or_more("a whole number of at least 0 or a list of them", 0)

--- Whole numbers of at least `least`.
function kinds.whole(least)
  return { text = ("a whole number of at least %d"):format(least),
    fits = function(value) return math.type(value) == "integer" and value >= least end }
end

--- One of some values.
-- @param ... numbers and strings
function kinds.one_of(...)
  local values, texts = { ... }, {}
  for i, value in ipairs(values) do texts[i] = type(value) == "string" and ("%q"):format(value) or tostring(value) end
  return { text = table.concat(texts, ", ", 1, #texts - 1) .. " or " .. texts[#texts], fits = function(value)
    return contains(values, value)
  end }
end

kinds.verbose = kinds.one_of(0, 1, 2, "auto")

return kinds
