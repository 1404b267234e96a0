--- Lists that nnrun hands to scripts. They are plain tables to all code, but to read what no list has, such as position
-- 0 or -1, is an error. A position behind the last one is nil, as in any Lua list.
local engine = require "engine.tensor"
local blame = require "nn.support.blame"
local shown = require "nn.support.format"

local function describe_absent(title, values, key)
  if math.type(key) == "integer" then
    return ("%s[%d]: positions count from 1; %s"):format(title, key,
      #values > 0 and ("the last one is %s[#%s]"):format(title, title) or "the list is empty")
  end
  return ("%s is a list and has no %s; its first entry is %s[1]"):format(title, tostring(key), title)
end

-- What libraries look for in any table begins with two underscores.
local function may_be_absent(key)
  return math.type(key) == "integer" and key > 0 or type(key) == "string" and key:find "^__" ~= nil
end

--- Makes a metatable that of lists.
-- @tparam table meta
-- @tparam string title what messages call them
local function complete(meta, title)
  meta.__metatable = false  -- getmetatable says that there is none
  meta.__jsontype = "array" -- nor is there one for a digest, or for JSON
  function meta.__digest(values) return table.move(values, 1, #values, 1, {}) end
  meta.__tostring = shown.text
  function meta.__index(values, key)
    if may_be_absent(key) then return nil end
    local is_own, is_c = blame.is_own(2)
    if not (is_own or is_c) then blame("%s", describe_absent(title, values, key)) end
  end
  return meta
end

local metatables = {} -- by title

--- Makes a table such a list.
-- @tparam table values changed in place
-- @tparam string title what messages call it, such as "layers"
-- @treturn table values
-- @usage as_list({ 0.5, 0.25 }, "loss")[-1] --> error: loss[-1]: positions count from 1; the last one is loss[#loss]
local function as_list(values, title)
  metatables[title] = metatables[title] or complete({}, title)
  return debug.setmetatable(values, metatables[title])
end

complete(engine.shape_metatable, "shape")

return as_list
