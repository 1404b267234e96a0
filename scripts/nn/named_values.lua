--- Values by name, such as the numbers of a history: a script that reads a name that is not there gets an error.
local blame = require "nn.blame"
local nearest = require "nn.nearest"
local shown = require "nn.shown"

local ASKING = 2 -- on the stack, seen from __index: who reads

local function plain(self)
  local copy = {}
  for name, value in pairs(self) do copy[name] = value end
  return copy
end

local function new_meta(what)
  return {
    __digest = plain,
    __tostring = function(self) return shown.text(plain(self)) end,
    __index = function(self, name)
      local is_own, is_c = blame.is_own(ASKING)
      if is_own or is_c or type(name) ~= "string" or name:find "^__" then return nil end
      local known = {}
      for each in pairs(self) do known[#known + 1] = tostring(each) end
      table.sort(known)
      local near = nearest(name, known)
      return blame("%s has no %s%s", what, name, near and ("; did you mean %s?"):format(near)
        or #known > 0 and "; it has " .. table.concat(known, ", ") or "; it is empty")
    end,
  }
end

local metas = {} -- one for all tables of a kind: a long sweep has many

--- Makes a table strict, in place.
-- @tparam table values by name
-- @tparam string what starts the message, such as "history"
-- @treturn table the same
return function(values, what)
  metas[what] = metas[what] or new_meta(what)
  return setmetatable(values, metas[what])
end
