--- From what a script asks a sweep to go through to a section whose variants are found round by round.
local blame = require "nn.support.blame"
local grid = require "nn.search.grid"
local median = require "nn.search.median"
local objective = require "nn.experiment.objective"
local search = require "nn.search"
local space = require "nn.search.space"
local notation = require "nn.support.notation"

local searching = {}

local PER_ROUND = 4 -- variants, of a grid with a pruner where the number of rounds is not given

-- ---- a grid ---------------------------------------------------------------------------------------------------------

local function listed(value, name)
  if not space.is(value) then return value end
  return value:list() or blame('%s: a grid wants a list of values, got %s; use method = "random" or another',
    tostring(name), blame.got(value))
end

--- The same with lists of values where spaces have a count of them.
local function without_spaces(what)
  if type(what) == "function" then
    blame 'sweep: a grid wants lists of values, got a function that draws; use method = "random" or another'
  elseif type(what) ~= "table" then
    return what
  end
  local plain = {}
  for key, value in pairs(what) do
    local is_pair = math.type(key) == "integer" and type(value) == "table" and space.is(value[2])
    plain[key] = is_pair and { value[1], listed(value[2], value[1]) } or listed(value, key)
  end
  return plain
end

--- Proposes the variants of a grid, all at once or in rounds.
local function grid_method(what, options)
  for _, name in ipairs { "trials", "min_epochs", "max_epochs", "factor", "seed" } do
    if options[name] then
      blame("sweep: %s is no option of the method grid, which tries every combination once a seed", name)
    end
  end
  local varied, chosen, remarks = grid.expand(without_spaces(what))
  local rounds = options.rounds or options.pruner and math.ceil(#chosen / PER_ROUND) or 1
  local size, next_one = math.ceil(#chosen / rounds), 1
  return {
    varied = varied, remarks = remarks, planned = rounds > 1 and #chosen or nil,
    propose = function()
      local points = {}
      for i = next_one, math.min(next_one + size - 1, #chosen) do points[#points + 1] = { params = chosen[i] } end
      next_one = next_one + #points
      return #points > 0 and points or nil
    end,
  }
end

-- ---- earlier trials -------------------------------------------------------------------------------------------------

--- The variants of earlier results.
local function variants_of(start)
  if start == nil then return {} end
  if type(start) ~= "table" then blame("sweep: start: expected the result of a sweep, got %s", blame.got(start)) end
  local list = {}
  for _, result in ipairs(start.variants and { start } or start) do
    if type(result) ~= "table" or not result.variants then
      blame("sweep: start: expected results of sweeps, got %s", blame.got(result))
    end
    table.move(result.variants, 1, #result.variants, #list + 1, list)
  end
  return list
end

--- What a variant comes to as a number that a search makes small.
local function loss_of(lab, trials)
  local mean, _, count = objective.summary(trials)
  if not mean or count < #trials then return math.huge end
  return lab.mode == "max" and -mean or mean
end

local function known_points(lab, what, variants)
  local points = {}
  for _, variant in ipairs(variants) do
    local point = search.replay(what, variant.params)
    if point then
      point.loss, point.number = loss_of(lab, variant.trials), 0
      points[#points + 1] = point
    end
  end
  return points
end

-- ---- pruning --------------------------------------------------------------------------------------------------------

local function read_pruner(given)
  if given == nil then return nil end
  local options = type(given) == "table" and given or { given }
  if options[1] ~= "median" then blame("sweep: pruner: expected \"median\", got %s", blame.got(options[1])) end
  for name, value in pairs(options) do
    if name ~= 1 and name ~= "trials" and name ~= "epochs" then
      blame("sweep: pruner: unknown option %s; known are: trials, epochs", tostring(name))
    elseif name ~= 1 and (math.type(value) ~= "integer" or value < 1) then
      blame("sweep: pruner: %s: expected a whole number from 1, got %s", name, blame.got(value))
    end
  end
  return options
end

local function histories_of(lab, variants)
  local histories = {}
  for _, variant in ipairs(variants) do
    for _, each in ipairs(variant.trials) do
      local values = (each.status == "complete" or each.status == "pruned") and each.history[lab.objective]
      if values then histories[#histories + 1] = values end
    end
  end
  return histories
end

-- ---- the section ----------------------------------------------------------------------------------------------------

local function sorted_names(points)
  local seen, names = {}, {}
  for _, point in ipairs(points) do
    for name in pairs(point.params) do
      if not seen[name] then names[#names + 1], seen[name] = name, true end
    end
  end
  table.sort(names)
  return names
end

--- What the record says was varied, and over which spaces.
local function describe(section, points)
  local names = sorted_names(points)
  section.varied, section.spaces = {}, {}
  for i, name in ipairs(names) do
    local values, from = {}, nil
    for _, point in ipairs(points) do
      values[#values + 1] = point.params[name]
      from = from or point.drawn[name] and tostring(point.drawn[name].space)
    end
    section.varied[i] = { name = name, values = values }
    section.spaces[name] = from
  end
  section.names = names
  if points[1].epochs then section.names = table.move(names, 1, #names, 1, { [#names + 1] = "epochs" }) end
end

local function most_epochs(options, complete)
  return options.max_epochs or complete({}).epochs
    or blame("sweep: the method %s needs max_epochs, or a parameter epochs in params", options.method)
end

--- The section of a sweep.
-- @tparam table lab the experiment
-- @param what as `lab:sweep` takes it
-- @tparam table options likewise
-- @tparam function complete function(chosen) -> all parameters
function searching.section(lab, what, options, complete)
  local name = options.method or "grid"
  search.check_method(name)
  local pruner, earlier = read_pruner(options.pruner), variants_of(options.start)
  local is_grid, known = name == "grid", {}
  local method, most
  if is_grid then
    method = grid_method(what, options)
  else
    local all = {}
    for key, value in pairs(options) do all[key] = value end
    known = known_points(lab, what, earlier)
    all.known, all.method = known, name
    if name == "halving" or name == "hyperband" then most = most_epochs(options, complete) end
    all.max_epochs = most or all.max_epochs
    if name == "random" and pruner then all.rounds = options.rounds or math.ceil((options.trials or 20) / PER_ROUND) end
    method = search.new(what, all)
  end
  local section = { method = name, names = {}, variants = {}, planned = method.planned, varied = method.varied,
    remarks = method.remarks, pruner = pruner and pruner[1] }
  local done, points = known, {}
  local tried = {} -- parameters as text -> variant: spaces of few values run out of new ones
  -- Adds the next round; the points of the last one have their scores by now.
  function section.more(self)
    for _, point in ipairs(points) do
      if point.variant and not point.loss then point.loss = loss_of(lab, point.variant.trials) end
    end
    local demands = pruner and median.demands(histories_of(lab, table.move(self.variants, 1, #self.variants,
      #earlier + 1, table.move(earlier, 1, #earlier, 1, {}))), lab.mode, pruner)
    local proposed = method:propose(done)
    for _, point in ipairs(proposed or {}) do
      local params = complete(point.params)
      if point.epochs then params.epochs = point.epochs end
      local stage = point.epochs and { goes_on = point.epochs < most }
      local key = notation.key(params)
      points[#points + 1], done[#done + 1] = point, point
      point.variant = tried[key] or { params = params, demands = demands, stage = stage,
        drawn = point.drawn }
      if not tried[key] or is_grid then table.insert(self.variants, point.variant) end
      tried[key] = point.variant
    end
    if proposed and not is_grid then describe(self, points) end
    return proposed ~= nil
  end
  section.more(section)
  for i, each in ipairs(is_grid and section.varied or {}) do section.names[i] = each.name end
  return section
end

return searching
