--- Kinds of option values: what a message says was expected, and a function that tells whether a value is of the kind.
local kinds = {}

local function of_type(text, name)
  return { text = text, fits = function(value) return type(value) == name end }
end

kinds.boolean = of_type("true or false", "boolean")
kinds.text = of_type("a text", "string")
kinds.func = of_type("a function", "function")
kinds.list = of_type("a table", "table")

kinds.number = { text = "a number", fits = function(value) return type(value) == "number" and value == value end }
kinds.integer = { text = "a whole number", fits = function(value) return math.type(value) == "integer" end }

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
    for _, each in ipairs(values) do
      if value == each then return true end
    end
    return false
  end }
end

kinds.verbose = kinds.one_of(0, 1, 2, "auto")

return kinds
