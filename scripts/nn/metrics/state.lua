--- What metrics have counted so far, as plain data and tensors, for checkpoints.
local objects = require "engine.objects"
local snapshot = require "nn.tensor.snapshot"
local variables = require "nn.tape.variables"

local state = {}

-- Fields of a metric that are no part of what it has counted; `state` belongs to the engine.
local FIXED = { class_name = true, where = true, definition = true, class = true, arguments = true, traits = true,
  state = true }

local function of_one(metric)
  local saved = { fields = {}, sums = metric.state and metric.state:sums() }
  for name, value in next, metric do
    if not FIXED[name] and snapshot.can_store(value) then saved.fields[name] = value end
  end
  return saved
end

-- The value as it was; a variable stays the same one.
local function restored(current, saved)
  if variables.is(current) then return current:assign(saved) end
  if type(current) ~= "table" or type(saved) ~= "table" then return saved end
  for key, value in pairs(saved) do current[key] = restored(current[key], value) end
  return current
end

local function restore_one(metric, saved)
  for name, value in pairs(saved.fields) do rawset(metric, name, restored(rawget(metric, name), value)) end
  if not (saved.sums and saved.sums[1]) then return end
  metric.state = objects.metric(metric.engine, metric:config(), metric.is_loss)
  metric.state:set_sums(saved.sums)
end

--- @tparam {{metric=},...} entries
-- @treturn {table,...}
function state.of(entries)
  local list = {}
  for i, entry in ipairs(entries) do list[i] = of_one(entry.metric) end
  return list
end

--- Makes metrics as they were.
-- @tparam {{metric=},...} entries of the same metrics
-- @tparam {table,...} saved what `state.of` gave
function state.restore(entries, saved)
  for i, entry in ipairs(entries) do restore_one(entry.metric, saved[i]) end
end

return state
