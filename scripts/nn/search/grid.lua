--- From what a sweep varies to the list of its variants.
--
-- Three ways to say it: `{ width = { 50, 100 }, depth = { 2, 3 } }` (names in alphabetical order, the last varies
-- fastest); `{ { "width", { 50, 100 } }, { "depth", { 2, 3 } } }` (in that order); or the variants themselves,
-- `{ { width = 50 }, { width = 100, depth = 3 } }`.
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local notation = require "nn.support.notation"

local grid = {}

-- A table in a record has either names or positions without gaps.
local function check_keys(value, what)
  for key in pairs(value) do
    if type(key) ~= "string" then return arguments.check_list(what, value) end
  end
end

--- Raises an error where a value of a parameter cannot be stored and compared.
function grid.check_value(value, what)
  local kind = type(value)
  if kind == "table" and not getmetatable(value) then
    check_keys(value, what)
    for key, each in pairs(value) do grid.check_value(each, ("%s[%s]"):format(what, tostring(key))) end
  elseif kind ~= "number" and kind ~= "string" and kind ~= "boolean" then
    blame("%s: expected a number, a string, a boolean or a table of them, got %s; give what can be written down, and "
      .. "make objects of it in build", what, blame.got(value))
  end
end

--- The values of a parameter, each once: one that comes from results may be the same as another.
local function distinct(values, what, remarks)
  local is_table = type(values) == "table" and not getmetatable(values)
  if not is_table or next(values) == nil then
    blame("%s: expected a list of values to try, got %s", what, is_table and "an empty one" or blame.got(values))
  end
  local seen, list = {}, {}
  for i, value in ipairs(arguments.check_list(what, values)) do
    grid.check_value(value, ("%s[%d]"):format(what, i))
    local key = notation.key(value)
    if seen[key] then
      remarks[#remarks + 1] = ("%s: %s is given twice and tried once"):format(what, blame.got(value))
    else
      list[#list + 1], seen[key] = value, true
    end
  end
  return list
end

local function by_name(given, remarks)
  local varied = {}
  for name, values in pairs(given) do
    varied[#varied + 1] = { name = name, values = distinct(values, name, remarks) }
  end
  table.sort(varied, function(a, b) return a.name < b.name end)
  return varied
end

local function by_pairs(given, remarks)
  local varied = {}
  for i, pair in ipairs(given) do
    varied[i] = { name = pair[1], values = distinct(pair[2], tostring(pair[1]), remarks) }
  end
  return varied
end

--- Every combination, the last name varying fastest.
local function combinations(varied)
  local list = { {} }
  for _, each in ipairs(varied) do
    local longer = {}
    for _, chosen in ipairs(list) do
      for _, value in ipairs(each.values) do
        local copy = { [each.name] = value }
        for name, earlier in pairs(chosen) do copy[name] = earlier end
        longer[#longer + 1] = copy
      end
    end
    list = longer
  end
  return list
end

--- The names and values that a list of variants goes through, in alphabetical order of names.
local function values_of(list)
  local by, varied = {}, {}
  for _, chosen in ipairs(list) do
    local names = {}
    for name in pairs(chosen) do names[#names + 1] = tostring(name) end
    table.sort(names)
    for _, name in ipairs(names) do
      local entry = by[name] or { name = name, values = {}, seen = {} }
      if not by[name] then varied[#varied + 1], by[name] = entry, entry end
      local key = notation.key(chosen[name])
      if not entry.seen[key] then entry.values[#entry.values + 1], entry.seen[key] = chosen[name], true end
    end
  end
  for _, entry in ipairs(varied) do entry.seen = nil end
  return varied
end

local function check_variants(given)
  for i, chosen in ipairs(given) do
    if type(chosen) ~= "table" or #chosen > 0 then
      blame("sweep: variant %d: expected parameters by name, got %s", i,
        type(chosen) == "table" and "a list" or blame.got(chosen))
    end
    for name, value in pairs(chosen) do grid.check_value(value, tostring(name)) end
  end
end

local function is_pair(entry)
  return type(entry) == "table" and #entry == 2 and type(entry[1]) == "string" and type(entry[2]) == "table"
end

--- @tparam table given as described above
-- @treturn {{name=string,values=table},...} what is varied
-- @treturn {table,...} the parameters that each variant sets
-- @treturn {string,...} remarks on values that are given twice
function grid.expand(given)
  if type(given) ~= "table" or next(given) == nil then
    blame("sweep: expected what to vary, such as { width = { 50, 100 } }, got %s",
      type(given) == "table" and "an empty table" or blame.got(given))
  end
  if #given > 0 then arguments.check_list("sweep", given) end
  if #given > 0 and not is_pair(given[1]) then
    check_variants(given)
    return values_of(given), table.move(given, 1, #given, 1, {}), {}
  end
  local remarks = {}
  local varied = (#given > 0 and by_pairs or by_name)(given, remarks)
  return varied, combinations(varied), remarks
end

return grid
