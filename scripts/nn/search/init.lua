--- Searches: methods that choose what to try next from what was tried, round by round. A round's trials may run in any
-- order and beside one another; the next is chosen when all have ended.
local blame = require "nn.support.blame"
local draws = require "nn.search.draws"
local nearest = require "nn.support.nearest"

local search = {}

local METHODS = {
  random = require "nn.search.random", tpe = require "nn.search.tpe", halving = require "nn.search.halving",
  hyperband = require "nn.search.hyperband",
}
local NAMES = { "random", "tpe", "halving", "hyperband" }
local COUNTS = { trials = true, rounds = true, min_epochs = true, max_epochs = true, seed = true }

--- Raises an error where a method is unknown; "grid" is known too, but searches nothing.
function search.check_method(name)
  if name == "grid" or METHODS[name] then return end
  local known = { "grid", table.unpack(NAMES) }
  local near = nearest(tostring(name), known)
  blame("sweep: there is no method %s%s", tostring(name), near and ("; did you mean %s?"):format(near)
    or "; there are: " .. table.concat(known, ", "))
end

local function check(name, options)
  for key, value in pairs(options) do
    if COUNTS[key] and (math.type(value) ~= "integer" or value < 1) then
      blame("sweep: %s: expected a whole number from 1, got %s", key, blame.got(value))
    end
  end
  local takes = METHODS[name].options
  for _, key in ipairs { "trials", "min_epochs", "max_epochs", "factor" } do
    if options[key] and takes[key] == nil then blame("sweep: %s is no option of the method %s", key, name) end
  end
  if options.rounds and takes.max_epochs ~= nil then
    blame("sweep: rounds is no option of the method %s: its rounds follow from the epochs", name)
  end
  if options.factor and not (type(options.factor) == "number" and options.factor > 1) then
    blame("sweep: factor: expected a number above 1, got %s", blame.got(options.factor))
  end
  if options.min_epochs and options.max_epochs and options.min_epochs > options.max_epochs then
    blame("sweep: min_epochs is %d, more than the %d of max_epochs", options.min_epochs, options.max_epochs)
  end
end

--- Begins a search.
-- @param what spaces by name, or a function(draw)
-- @tparam table options method; seed (1); trials, rounds (random, tpe), trials, min_epochs, max_epochs, factor
-- (halving, hyperband); known: points of earlier trials
-- @treturn table with `planned` (how many trials it will propose) and `propose(done)` -> the points of the next round,
-- nil at the end; a point has number, params, drawn, and epochs where the method says how many. To `propose` they go
-- back with a loss, the smaller the better; one without a result has `math.huge`
function search.new(what, options)
  search.check_method(options.method)
  check(options.method, options)
  local all = { seed = options.seed or 1, known = options.known and #options.known }
  for name, default in pairs(METHODS[options.method].options) do all[name] = default or nil end
  for _, name in ipairs { "trials", "rounds", "min_epochs", "max_epochs", "factor" } do
    if options[name] then all[name] = options[name] end
  end
  return METHODS[options.method].new(draws.sampler(what), all)
end

--- An earlier trial as a point of a search; nil where its parameters do not lie in the spaces.
-- @param what as for `new`
-- @tparam table params
function search.replay(what, params)
  return draws.replay(draws.sampler(what), params)
end

--- Looks for the smallest value of a function.
-- @tparam function f function(params, epochs) -> number
-- @param what as for `new`
-- @tparam table options as for `new`
-- @treturn table the point with the smallest loss; of those with different epochs, of the most
-- @treturn {table,...} all points in order
-- @usage local best = search.minimize(function(p) return (p.x - 1) ^ 2 end, { x = nn.space.uniform(-5, 5) },
--   { method = "tpe", trials = 30 })
function search.minimize(f, what, options)
  local method, done, best = search.new(what, options), {}, nil
  for _, point in ipairs(options.known or {}) do done[#done + 1] = point end
  local points = method:propose(done)
  while points do
    for _, point in ipairs(points) do
      point.loss = f(point.params, point.epochs)
      done[#done + 1] = point
      local farther = best and (point.epochs or 1) - (best.epochs or 1) or 1
      if farther > 0 or farther == 0 and point.loss < best.loss then best = point end
    end
    points = method:propose(done)
  end
  return best, done
end

return search
