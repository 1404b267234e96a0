--- Values as text for people: plain tables as Lua writes them, instead of their addresses.
local shown = {}

local LENGTH, DEPTH = 20, 4 -- entries of a table and tables within tables that are written out

-- The names of functions, by function.
local function_names = setmetatable({}, { __mode = "k" })

local text

local function key_text(key)
  if type(key) == "string" and key:find "^[%a_][%w_]*$" then return key end
  return "[" .. text(key, 1) .. "]"
end

--- The keys besides 1 .. #value, sorted.
local function names_of(value)
  local names = {}
  for key in pairs(value) do
    if math.type(key) ~= "integer" or key < 1 or key > #value then names[#names + 1] = key end
  end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  return names
end

local function entries_of(value, depth, object)
  local entries, names = {}, names_of(value)
  for i = 1, math.min(#value, LENGTH) do entries[i] = text(value[i], depth, object) end
  if #value > LENGTH then entries[#entries + 1] = ("... (%d in all)"):format(#value) end
  for i = 1, math.min(#names, LENGTH) do
    entries[#entries + 1] = key_text(names[i]) .. " = " .. text(value[names[i]], depth, object)
  end
  if #names > LENGTH then entries[#entries + 1] = ("... (%d names in all)"):format(#names) end
  return entries
end

-- @tparam function object what tells an object in a few words, or nil; without one `tostring` does
function text(value, depth, object)
  if value == nil then return "nil" end
  if type(value) == "string" then return '"' .. value:gsub('[%c"\\]', function(c)
    return c == "\n" and "\\n" or c:find "%c" and ("\\%d"):format(c:byte()) or "\\" .. c
  end) .. '"' end
  local told = object and object(value)
  if told then return told end
  if function_names[value] then return "function " .. function_names[value] end
  if value ~= value then return "nan" end
  if type(value) ~= "table" or getmetatable(value) then return tostring(value) end
  if next(value) == nil then return "{}" end
  if depth == 0 then return "{ ... }" end
  local entries = entries_of(value, depth - 1, object)
  return "{ " .. table.concat(entries, ", ") .. " }"
end

--- Gives a function a name, under which it is shown; the first one stays.
-- @tparam function value
-- @tparam string name "nn.layers.Dense"
function shown.name(value, name)
  function_names[value] = function_names[value] or name
end

--- A value as text: as `tostring` tells it, but a plain table with what is in it.
-- @param value
-- @treturn string
-- @usage shown.text { 28, 28 } --> "{ 28, 28 }"
function shown.text(value)
  return type(value) == "string" and value or text(value, DEPTH)
end

-- An object in a few words; nil for what is told as it is.
local function in_words(value)
  local kind, meta = type(value), getmetatable(value)
  if kind == "function" then return "a function" end
  if kind == "userdata" and meta and meta.__name == "nn.tensor" then
    return "a tensor of " .. table.concat(value.shape, "x")
  end
  if kind ~= "table" or not meta then return nil end
  if meta.__name == "nn.onnx_model" then return "a model from an ONNX file" end
  return meta.__name == "nn.model" and "a model" or nil
end

--- What a value is, in a few words, for messages that tell what came.
-- @param value
-- @treturn string
-- @usage shown.brief(nn.zeros{ 2, 3 }) --> "a tensor of 2x3"
function shown.brief(value)
  return text(value, DEPTH, in_words)
end

--- What `print` would print, with what is in plain tables.
-- @treturn string
function shown.line(...)
  local texts = table.pack(...)
  for i = 1, texts.n do texts[i] = shown.text(texts[i]) end
  return table.concat(texts, "\t")
end

--- `print` that shows plain tables.
function shown.print(...) print(shown.line(...)) end

return shown
