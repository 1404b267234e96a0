--- Numbers have a decimal point, whatever language a script chooses: what is printed, read and stored depends on it.
local set = os.setlocale

--- As Lua's os.setlocale, but the category of numbers stays "C": a script may have dates and sorting in its language.
-- @tparam ?string locale nil asks
-- @tparam[opt="all"] string category
-- @treturn ?string the locale; nil where it is not there, or numbers would change
return function(locale, category)
  if category == "numeric" and locale ~= nil and locale ~= "C" and locale ~= "POSIX" then return nil end
  local found = set(locale, category)
  set("C", "numeric")
  return found
end
