--- What is known of a trial, as one flat list of names and values: what `show` prints and `compare` holds side by side.
local notation = require "nn.support.notation"
local sorted_keys = require "nn.support.sorted_keys"

local facts = {}

-- Parts of trial.json that have a name for everything they hold.
local NESTED = { "params", "metrics", "test", "fit", "compile", "data", "reads", "source", "environment" }
local PREFIX = { params = "", metrics = "", fit = "fit.", test = "test_" }
local FIRST = { "id", "experiment", "title", "status", "reason", "seed", "score" }
local LAST = { "scored_epoch", "scored_after_training", "keep", "epochs", "parameters", "seconds", "started",
  "finished", "peak_memory", "exit_status" }

local function add(list, part, name, value)
  if value == nil then return end
  if type(value) ~= "table" then
    list[#list + 1] = { part = part, name = name, value = value }
    return
  end
  if #value > 0 and type(value[1]) ~= "table" then
    list[#list + 1] = { part = part, name = name, value = value }
    return
  end
  for _, key in ipairs(sorted_keys(value)) do
    add(list, part, name == "" and key or ("%s.%s"):format(name, key), value[key])
  end
end

--- One line a layer: "Dense dense: activation = relu, units = 50, ...".
local function add_layers(list, model)
  local config = type(model) == "table" and model.config
  for i, layer in ipairs(type(config) == "table" and config.layers or {}) do
    local parts, settings = {}, layer.config or {}
    for _, name in ipairs(sorted_keys(settings)) do
      if name ~= "name" and type(settings[name]) ~= "table" then
        parts[#parts + 1] = ("%s = %s"):format(name, notation.exact(settings[name]))
      end
    end
    list[#list + 1] = { part = "model", name = "layer " .. i,
      value = ("%s (%s)"):format(layer.class_name, table.concat(parts, ", ")) }
  end
end

--- Everything a record says.
-- @tparam table record what trial.json holds
-- @treturn {{part=string,name=string,value=},...} part: "trial", "params", "metrics", "test", "model", "compile", ...
function facts.of(record)
  local list = {}
  for _, name in ipairs(FIRST) do add(list, "trial", name, record[name]) end
  for _, name in ipairs(LAST) do add(list, "trial", name, record[name]) end
  for _, part in ipairs(NESTED) do
    local value = record[part]
    if part == "compile" then add_layers(list, record.model) end
    for _, name in ipairs(type(value) == "table" and sorted_keys(value) or {}) do
      add(list, part, (PREFIX[part] or part .. ".") .. name, value[name])
    end
  end
  return list
end

return facts
