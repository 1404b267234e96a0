--- What is known of a function of the script: where it was written, and under which name.
local functions = {}

--- Where a function was written, as "lab.lua:12: ", for messages.
-- @tparam function f
-- @treturn string
function functions.where(f)
  local info = debug.getinfo(f, "S")
  return ("%s:%d: "):format(info.short_src, info.linedefined)
end

-- The line of the source in which a function begins; nil if there is no source.
local function first_line(info)
  local path, number = info.source:match "^@(.*)", 0
  if not path then
    for line in (info.source:find "^=" and "" or info.source .. "\n"):gmatch "(.-)\n" do
      number = number + 1
      if number == info.linedefined then return line end
    end
    return nil
  end
  local file = io.open(path)
  if not file then return nil end
  local _ <close> = file
  for line in file:lines() do
    number = number + 1
    if number == info.linedefined then return line end
  end
end

local known = setmetatable({}, { __mode = "k" }) -- by function; false if it has no name

local function find_name(f)
  local line = first_line(debug.getinfo(f, "S"))
  if not line or select(2, line:gsub("%f[%w_]function%f[^%w_]", "")) ~= 1 then return false end
  local name = line:match "function%s+([%w_.:]+)%s*%(" or line:match "([%w_.]+)%s*=%s*function"
  return name and name:match "[%w_]+$" or false
end

--- The name that a function was given where it was written: `local function my_loss(...)` and `my_loss = function(...)`
-- are my_loss. A function that stands within another expression has none.
-- @tparam function f
-- @treturn ?string
function functions.name(f)
  if known[f] == nil then known[f] = find_name(f) end
  return known[f] or nil
end

return functions
