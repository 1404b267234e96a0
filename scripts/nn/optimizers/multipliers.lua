--- Learning rates of layers of their own: `learning_rate_multipliers` of an optimizer.
local blame = require "nn.support.blame"
local nearest = require "nn.support.nearest"
local variables = require "nn.tape.variables"

local multipliers = {}

--- Raises an error where they are no table of names and factors.
function multipliers.check(class, given)
  if given == nil then return end
  if type(given) ~= "table" or getmetatable(given) then
    blame('%s: learning_rate_multipliers: expected a table such as { dense_1 = 0.1, ["conv*"] = 0.01 }, got %s', class,
      blame.got(given))
  end
  for name, factor in pairs(given) do
    if type(name) ~= "string" then
      blame("%s: learning_rate_multipliers: expected names of layers, got %s", class, blame.got(name))
    elseif type(factor) ~= "number" or not (factor >= 0 and factor < math.huge) then
      blame("%s: learning_rate_multipliers: %s: expected a number of at least 0, got %s", class, name,
        blame.got(factor))
    end
  end
end

-- Whether a key stands for a weight: of that name, of a layer of that name, or of a name that begins so.
local function stands_for(key, name)
  if key:sub(-1) == "*" then return name:sub(1, #key - 1) == key:sub(1, -2) end
  return name == key or name:sub(1, #key + 1) == key .. "/"
end

-- The factor of the longest key that fits.
local function factor_of(given, name)
  local best
  for key in pairs(given) do
    if stands_for(key, name) and (not best or #key > #best or #key == #best and key > best) then best = key end
  end
  return best and given[best] or 1
end

--- The factor of each variable.
-- @tparam ?table given
-- @tparam {tensor,...} list
-- @treturn {number,...} empty where nothing is given
function multipliers.of_all(given, list)
  local factors = {}
  for i, variable in ipairs(given and next(given) and list or {}) do
    local name = variables.name_of(variable)
    factors[i] = name and factor_of(given, name) or 1
  end
  return factors
end

--- Raises an error where a key stands for no weight of a model.
function multipliers.check_names(class, given, model)
  if not given or not next(given) then return end
  local names, layers = {}, {}
  for _, variable in ipairs(model.weights) do
    local name = variables.name_of(variable)
    if name then
      names[#names + 1] = name
      layers[#layers + 1] = name:match "^(.*)/"
    end
  end
  for key in pairs(given) do
    local is_known = false
    for _, name in ipairs(names) do is_known = is_known or stands_for(key, name) end
    if not is_known then
      local near = nearest(key, layers)
      blame("%s: learning_rate_multipliers: the model has no layer %s%s", class, key,
        near and ("; did you mean %s?"):format(near) or "")
    end
  end
end

return multipliers
