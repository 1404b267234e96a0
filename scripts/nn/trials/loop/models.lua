--- The models of a trial with a loop of its own, one or several, as one: their weights, their files.
local blame = require "nn.support.blame"
local files = require "nn.support.files"
local is_model = require "nn.models.is_model"
local loading = require "nn.models.saving"

local Models = {}
Models.__index = Models

local ONE, ENDING = "weights", ".safetensors"

local function sorted_names(list)
  local names = {}
  for name in pairs(list) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- @param given a model, or several by name
-- @treturn Models
function Models.of(given)
  if is_model(given) then return setmetatable({ list = { [ONE] = given }, names = { ONE }, is_one = true }, Models) end
  if type(given) == "table" and is_model(given[ONE]) and next(given, ONE) == nil and next(given) == ONE then
    return Models.of(given[ONE])
  elseif type(given) ~= "table" or getmetatable(given) or next(given) == nil then
    blame("report: model: expected a model, or several by name, got %s", blame.got(given))
  end
  for name, model in pairs(given) do
    if type(name) ~= "string" or not name:find "^[%w_]+$" or not is_model(model) then
      blame("report: model: expected models by name, such as { generator = g, discriminator = d }, got %s as %s",
        blame.got(model), tostring(name))
    end
  end
  return setmetatable({ list = given, names = sorted_names(given) }, Models)
end

--- What was given: a model, or several by name.
function Models:given() return self.is_one and self.list[ONE] or self.list end

--- All weights, those of several models with the model's name before theirs.
-- @treturn {{name=,tensor=},...}
function Models:named_weights()
  local all = {}
  for _, name in ipairs(self.names) do
    for _, weight in ipairs(self.list[name]:named_weights()) do
      all[#all + 1] = self.is_one and weight or { name = name .. "/" .. weight.name, tensor = weight.tensor }
    end
  end
  return all
end

function Models:get_weights()
  local values = {}
  for i, weight in ipairs(self:named_weights()) do values[i] = weight.tensor:copy() end
  return values
end

function Models:set_weights(values)
  local first = 1
  for _, name in ipairs(self.names) do
    local count = #self.list[name]:named_weights()
    self.list[name]:set_weights(table.move(values, first, first + count - 1, 1, {}))
    first = first + count
  end
end

--- How many numbers they have.
function Models:count_params()
  local count = 0
  for _, weight in ipairs(self:named_weights()) do count = count + weight.tensor.size end
  return count
end

--- Writes a file for each, with its architecture where that can be stored.
-- @tparam string folder
function Models:save(folder)
  for _, name in ipairs(self.names) do
    local model, path = self.list[name], ("%s/%s%s"):format(folder, name, ENDING)
    local ok, problem = pcall(model.save, model, path)
    if not ok then
      io.stderr:write(("nnrun: only the weights of the model %s are kept: %s\n"):format(model.name, tostring(problem)))
      model:save_weights(path)
    end
  end
end

-- Classes and functions of the script's own that a function knows of, for models that are made of them.
local function add_classes(list, f, seen)
  local function add(value)
    local meta = type(value) == "table" and getmetatable(value)
    if meta and meta.is_class then
      list[#list + 1] = value
    elseif type(value) == "function" and not seen[value] then
      add_classes(list, value, seen)
    elseif type(value) == "table" and not meta and not seen[value] then
      seen[value] = true
      for _, each in pairs(value) do add(each) end
    end
  end
  seen[f] = true
  if blame.is_own_source(debug.getinfo(f, "S").source) then return list end
  for i = 1, 255 do
    local name, value = debug.getupvalue(f, i)
    if not name then break end
    if name ~= "_ENV" then add(value) end
  end
  return list
end

--- The models that a trial has left.
-- @tparam string folder of the trial
-- @tparam function train of the experiment: which classes of the script's own there may be
-- @return a model, or a table of several by name; nil where it has left none
function Models.load(folder, train)
  local found, options = {}, { custom_objects = add_classes({}, train, {}) }
  for _, file in ipairs(files.list(folder)) do
    local name = file:match("^([%w_]+)%" .. ENDING .. "$")
    if name then found[name] = loading.load_model(folder .. "/" .. file, options) end
  end
  return found[ONE] or next(found) and found or nil
end

return Models
