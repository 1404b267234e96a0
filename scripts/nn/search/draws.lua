--- Draws one set of parameters: from a table of spaces by name, or by a function that draws them one after another.
local hash = require("engine.data").hash
local stream = require "engine.random"
local blame = require "nn.support.blame"
local grid = require "nn.search.grid"
local space = require "nn.search.space"
local notation = require "nn.support.notation"

local draws = {}

local TWO_TO_62 = 2.0 ^ 62
local TRIES = 20 -- to draw something new

local function as_space(value, name)
  if space.is(value) then return value end
  if type(value) == "table" and not getmetatable(value) and #value > 0 then return space.choice(value) end
  return blame("%s: expected a space such as nn.space.uniform(0, 1) or a list of values, got %s", name,
    type(value) == "table" and "a table" or blame.got(value))
end

--- Checks what a search is to go through.
-- @param what a function(draw), or spaces and lists of values by name
-- @treturn function(draw)
function draws.sampler(what)
  if type(what) == "function" then return what end
  if type(what) ~= "table" or next(what) == nil or #what > 0 then
    blame("sweep: expected spaces by name, such as { width = nn.space.int_uniform(20, 200) }, or a function that "
      .. "draws, got %s", type(what) == "table" and (#what > 0 and "a list" or "an empty table") or blame.got(what))
  end
  local names, spaces = {}, {}
  for name, value in pairs(what) do names[#names + 1], spaces[name] = name, as_space(value, tostring(name)) end
  table.sort(names)
  return function(draw)
    for _, name in ipairs(names) do draw(name, spaces[name]) end
  end
end

--- Runs a sampler once.
-- @tparam function sampler function(draw); what it returns, if a table, is added to what it drew
-- @tparam function pick function(name, space) -> a position in the space, 0 to below 1
-- @treturn table the parameters
-- @treturn {[string]={space=,position=}} what was drawn
function draws.run(sampler, pick)
  local params, drawn = {}, {}
  local result = sampler(function(name, given)
    if type(name) ~= "string" then blame("draw: expected a parameter's name, got %s", blame.got(name)) end
    if drawn[name] then blame("draw: %s was drawn already", name) end
    local from = as_space(given, "draw: " .. name)
    local position = pick(name, from)
    params[name], drawn[name] = from:at(position), { space = from, position = position }
    return params[name]
  end)
  if type(result) == "table" then
    for name, value in pairs(result) do params[name] = value end
  elseif result ~= nil then
    blame("sweep: a function that draws returns nothing or a table of parameters, got %s", blame.got(result))
  end
  for name, value in pairs(params) do grid.check_value(value, tostring(name)) end
  if next(params) == nil then blame "sweep: the function has drawn nothing; call draw(name, space) in it" end
  return params, drawn
end

--- Even random numbers by name, the same whatever else was drawn: streams keyed by seed, trial and name.
-- @tparam integer seed
-- @tparam integer number of the trial
-- @treturn function(name, i) -> number 0 to below 1; i: which of several for that name (1)
function draws.source(seed, number)
  local of_trial = stream.derive(seed, number)
  return function(name, i)
    local key = tonumber(hash(name):sub(1, 15), 16)
    return stream.derive(stream.derive(of_trial, key), i or 1) / TWO_TO_62
  end
end

--- Whether parameters are new; from now on they are not.
-- @tparam table seen by what they are as text
function draws.is_new(seen, params)
  local key = notation.key(params)
  local is_new = not seen[key]
  seen[key] = true
  return is_new
end

--- A point drawn by chance; one that was seen is drawn anew, a few times.
-- @tparam table seen see `is_new`
-- @treturn {number=,params=,drawn=}
function draws.random(sampler, seed, number, seen)
  for try = 1, TRIES do
    local source = draws.source(seed, number)
    local params, drawn = draws.run(sampler, function(name) return source(name, try) end)
    if draws.is_new(seen, params) or try == TRIES then return { number = number, params = params, drawn = drawn } end
  end
end

--- An earlier trial as a point of this search; nil where its parameters do not lie in the spaces.
-- @tparam function sampler
-- @tparam table params of the trial
function draws.replay(sampler, params)
  local inside = true
  local _, drawn = draws.run(sampler, function(name, from)
    local position = params[name] ~= nil and from:position(params[name])
    inside = inside and position
    return position or 0
  end)
  return inside and { params = params, drawn = drawn } or nil
end

return draws
