--- Findings about data, made once for as long as the data stay as they are.
local advice = require "nn.advice"
local facts = require "nn.advice.facts"

local once = {}

local known = setmetatable({}, { __mode = "k" })

--- What data are known by, which is another where they change.
-- @param ... lists of tensors, words and other tables
-- @treturn {table|string,...}
function once.things(...)
  local things = {}
  for _, list in ipairs { ... } do
    for _, each in ipairs(list) do
      things[#things + 1] = type(each) == "userdata" and facts.columns(each) or each
    end
  end
  return things
end

--- What a function finds out about some things. It is called once for the same things.
-- @tparam {table|string,...} things
-- @tparam function find
-- @treturn table what it returns
function once.find(things, find)
  local node = known
  for _, thing in ipairs(things) do
    node[thing] = node[thing] or setmetatable({}, { __mode = "k" })
    node = node[thing]
  end
  node.found = node.found or find()
  return node.found
end

--- Gives the advice that a function finds about some things.
-- @tparam {table|string,...} things
-- @tparam function find function(say), which calls say(name, tensor, format, ...) for each piece of advice
function once.give(things, find)
  local pieces = once.find(things, function()
    local found = {}
    find(function(name, tensor, format, ...)
      found[#found + 1] = { name = name, thing = facts.columns(tensor), text = format:format(...) }
    end)
    return found
  end)
  for _, each in ipairs(pieces) do advice.about(each.thing, each.name, "%s", each.text) end
end

return once
