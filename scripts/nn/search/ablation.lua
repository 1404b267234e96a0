--- Ablations: which variants take a model apart, and what its parts do.
local blame = require "nn.support.blame"
local grid = require "nn.search.grid"
local notation = require "nn.support.notation"

local ablation = {}

--- The changed values of each parameter, in alphabetical order of names. A base such as `lab.best.params` is known only
-- when the script runs, so that a parameter without a changed value is left out, not a mistake.
-- @treturn {{name=string,values=table},...}
-- @treturn {string,...} remarks on those left out
local function read_changes(base, changes)
  if type(changes) ~= "table" or next(changes) == nil or #changes > 0 then
    blame("ablate: expected changes by name, such as { dropout = 0, depth = { 1, 2 } }, got %s",
      type(changes) == "table" and (#changes > 0 and "a list" or "an empty table") or blame.got(changes))
  end
  local factors, remarks = {}, {}
  for name, value in pairs(changes) do
    local values = type(value) == "table" and value or { value }
    local kept = {}
    for _, each in ipairs(values) do
      grid.check_value(each, tostring(name))
      if not notation.same(each, base[name]) then kept[#kept + 1] = each end
    end
    if #kept > 0 then
      factors[#factors + 1] = { name = name, values = kept }
    else
      remarks[#remarks + 1] = ("ablate: %s is %s in the base already, so that change is left out"):format(
        tostring(name), notation.text(base[name]))
    end
  end
  table.sort(factors, function(a, b) return a.name < b.name end)
  table.sort(remarks)
  return factors, remarks
end

local function one_at_a_time(factors)
  local chosen = { {} }
  for _, factor in ipairs(factors) do
    for _, value in ipairs(factor.values) do chosen[#chosen + 1] = { [factor.name] = value } end
  end
  return chosen
end

--- The section of an ablation.
-- @tparam table base all parameters of the base
-- @tparam table changes by name, a value or a list of them
-- @tparam ?boolean factorial
-- @tparam function complete function(chosen) -> all parameters
function ablation.section(base, changes, factorial, complete)
  for name in pairs(type(changes) == "table" and changes or {}) do
    if type(name) == "string" then complete { [name] = base[name] ~= nil and base[name] or 0 } end
  end
  local factors, remarks = read_changes(base, changes)
  local varied = {}
  for i, factor in ipairs(factors) do
    varied[i] = { name = factor.name, values = { base[factor.name], table.unpack(factor.values) } }
  end
  local chosen = one_at_a_time(factors)
  if factorial and #factors > 0 then
    local pairs_of = {}
    for i, each in ipairs(varied) do pairs_of[i] = { each.name, each.values } end
    chosen = select(2, grid.expand(pairs_of))
  end
  local section = { method = factorial and "factorial" or "one at a time", varied = varied, names = {}, variants = {},
    ablation = { factors = factors, factorial = factorial or false }, remarks = remarks }
  for i, each in ipairs(varied) do section.names[i] = each.name end
  for i, each in ipairs(chosen) do section.variants[i] = { params = complete(each) } end
  return section
end

-- ---- effects --------------------------------------------------------------------------------------------------------

--- What identifies a combination of values.
local function key_of(names, params)
  local parts = {}
  for i, name in ipairs(names) do parts[i] = notation.key(params[name]) end
  return table.concat(parts, "\0")
end

--- Every combination of the values of some factors, each a table of values by name.
local function combinations(varied, but)
  local others = {}
  for _, each in ipairs(varied) do
    if not but[each.name] then others[#others + 1] = { each.name, each.values } end
  end
  if #others == 0 then return { {} } end
  return select(2, grid.expand(others))
end

--- The mean over the other factors of a signed sum of scores.
local function contrast(score, others, terms)
  local sum = 0
  for _, rest in ipairs(others) do
    for _, term in ipairs(terms) do
      local point = {}
      for name, value in pairs(rest) do point[name] = value end
      for name, value in pairs(term.at) do point[name] = value end
      local value = score(point)
      if not value then return nil end
      sum = sum + term.sign * value
    end
  end
  return sum / #others
end

local function over_seeds(seeds, score, others, terms)
  local values = {}
  for seed = 1, seeds do
    local value = contrast(function(point) return score(point, seed) end, others, terms)
    values[#values + 1] = value
  end
  return values
end

--- The effects of a factorial design: of each change the mean difference it makes, over all settings of the others; and
-- of each two changes how much more or less they do together than the sum of what each does alone.
-- @tparam {{name=,values=},...} varied the base's value first
-- @tparam integer seeds how many
-- @tparam function score function(params, seed) -> number, nil where there is none; seed: 1 .. seeds
-- @treturn {{changes={{name=,value=},...},values={number,...}},...} one or two changes each; values: one a seed
function ablation.effects(varied, seeds, score)
  local effects = {}
  local function add(changes, terms)
    local but = {}
    for _, change in ipairs(changes) do but[change.name] = true end
    local values = over_seeds(seeds, score, combinations(varied, but), terms)
    effects[#effects + 1] = { changes = changes, values = values }
  end
  for _, a in ipairs(varied) do
    for i = 2, #a.values do
      add({ { name = a.name, value = a.values[i] } },
        { { at = { [a.name] = a.values[i] }, sign = 1 }, { at = { [a.name] = a.values[1] }, sign = -1 } })
    end
  end
  for k, a in ipairs(varied) do
    for l = k + 1, #varied do
      local b = varied[l]
      for i = 2, #a.values do
        for j = 2, #b.values do
          local x, x0, y, y0 = a.values[i], a.values[1], b.values[j], b.values[1]
          add({ { name = a.name, value = x }, { name = b.name, value = y } }, {
            { at = { [a.name] = x, [b.name] = y }, sign = 1 }, { at = { [a.name] = x0, [b.name] = y0 }, sign = 1 },
            { at = { [a.name] = x, [b.name] = y0 }, sign = -1 }, { at = { [a.name] = x0, [b.name] = y }, sign = -1 },
          })
        end
      end
    end
  end
  return effects
end

--- A function that finds the scores of variants by their parameters.
-- @tparam {string,...} names of the parameters that tell variants apart
-- @tparam {{params=,scores={number,...}},...} variants
function ablation.lookup(names, variants)
  local by = {}
  for _, variant in ipairs(variants) do by[key_of(names, variant.params)] = variant.scores end
  return function(params, seed)
    local scores = by[key_of(names, params)]
    return scores and scores[seed]
  end
end

return ablation
