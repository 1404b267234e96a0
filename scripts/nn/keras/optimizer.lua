--- State of optimizers in Keras' files: the counter of updates and the vectors of each weight, so that training goes on
-- where it stopped.
--
-- They are a list: the number of updates, since Keras 3 the learning rate, then the vectors. Those of Adam alternate,
-- both of the first weight, both of the second; up to Keras 2.10 and from 3.7 to 3.9 the first ones of all weights
-- stand before the second ones, as those of RMSprop always do. The shapes tell which it is; where they leave it open,
-- the generation does.
local align = require "nn.losses.align"
local hdf5 = require "nn.keras.hdf5"
local is_model = require "nn.models.is_model"
local tensor = require "nn.tensor"
local weights = require "nn.keras.weights"

local optimizer = {}

local ALTERNATES = { Adam = true, AdamW = true, Adamax = true, Adadelta = true, Ftrl = true, Lamb = true }
local IS_WRITTEN = { SGD = true, RMSprop = true, Adagrad = true, Lion = true } -- besides those

-- The trained weights in the order of Keras' trainable_variables.
local function trained(model)
  local is_trained, list = {}, {}
  local layers = model:trainable_layers()
  for _, weight in ipairs(model:named_weights()) do
    is_trained[weight.tensor] = layers[weight.layer] and not weight.is_state
  end
  local function add(from)
    for _, each in ipairs(weights.order[from] or from.layers) do
      for _, weight in ipairs(is_model(each) and {} or each:named_weights()) do
        if is_trained[weight.tensor] then list[#list + 1] = weight.tensor end
      end
      if is_model(each) then add(each) end
    end
  end
  add(model)
  return list
end

-- Which vectors stand side by side: lists of numbers of slots.
local function blocks_of(own, alternates)
  local blocks, rest = {}, {}
  for i, name in ipairs(own:slot_names()) do
    if name == "average" then blocks[1] = { i } else rest[#rest + 1] = i end
  end
  if alternates and #rest > 1 then blocks[#blocks + 1] = { table.remove(rest, 1), table.remove(rest, 1) } end
  for _, i in ipairs(rest) do blocks[#blocks + 1] = { i } end
  return blocks
end

-- Calls visit(number of the weight, number of its slot) in the order of the file.
local function walk(blocks, count, visit)
  for _, block in ipairs(blocks) do
    for i = 1, count do
      for _, slot in ipairs(block) do visit(i, slot) end
    end
  end
end

-- { slots of each weight }; nil if the list does not fit.
local function arranged(values, variables, blocks)
  local result, next_value, fits = {}, 1, true
  walk(blocks, #variables, function(i, slot)
    local value = values[next_value]
    next_value, result[i] = next_value + 1, result[i] or {}
    fits = fits and value ~= nil and align.same(value.shape, variables[i].shape)
    result[i][slot] = value
  end)
  return fits and next_value == #values + 1 and result or nil
end

-- The list of a file, and whether it is of a generation whose vectors alternate.
local function values_in(root)
  local old, vars = root.items.optimizer_weights, root:at "optimizer/vars"
  local values = {}
  if hdf5.is_group(old) then
    local names = old:texts "weight_names" or {}
    for i, name in ipairs(names) do values[i] = old:at(name) end
    return values, (names[1] or ""):find "iteration" ~= nil
  end
  while hdf5.is_group(vars) and vars.items[tostring(#values)] do values[#values + 1] = vars.items[tostring(#values)] end
  return values, true
end

-- Takes the numbers before the vectors: updates, and the learning rate.
local function take_numbers(values, vectors)
  local function is_number(value) return value.ndim == 0 or value.size == 1 and value.ndim == 1 end
  local numbers = {}
  while #values > vectors and is_number(values[1]) do numbers[#numbers + 1] = table.remove(values, 1):item() end
  while #values > vectors and is_number(values[#values]) do table.remove(values) end -- the product of Nadam
  return numbers
end

--- Sets the state of a compiled model's optimizer.
-- @tparam table model
-- @tparam table root what hdf5.read gives
-- @treturn boolean whether the state fits, or there is none
function optimizer.load(model, root)
  local own, values, alternates = model.optimizer, values_in(root)
  for _, value in ipairs(values) do
    if not tensor.is_tensor(value) then return false end
  end
  if #values == 0 then return true end
  local variables = trained(model)
  local numbers = take_numbers(values, #variables * #own:slot_names())
  alternates = alternates and own.class_name ~= "RMSprop"
  local states = arranged(values, variables, blocks_of(own, alternates))
    or arranged(values, variables, blocks_of(own, not alternates))
  if not states and #values > 0 then return false end
  if numbers[1] then own:set_calls(math.tointeger(numbers[1]) or 0) end
  if numbers[2] and type(own.learning_rate) == "number" then own.learning_rate = numbers[2] end
  for i, slots in ipairs(own:slots_of(variables)) do
    for k, slot in ipairs(slots) do slot[{}] = align.floats(states[i][k]) end
  end
  return true
end

--- Adds the state of a compiled model's optimizer, if Keras has the same vectors, and there is any.
-- @tparam table model
-- @tparam table root a group
function optimizer.put(model, root)
  local own = model.compiled and model.optimizer
  if not own or own.steps > 1 or not (ALTERNATES[own.class_name] or IS_WRITTEN[own.class_name]) then return end
  local variables = trained(model)
  local states = own.slots:find_all(variables)
  if not states or own.iterations == 0 then return end
  local vars = root:make "optimizer/vars"
  local function add(value) vars:add(tostring(#vars.names), value) end
  add(tensor.full({}, own.iterations, "int32"))
  if type(own.learning_rate) == "number" then add(tensor.full({}, own.learning_rate)) end
  walk(blocks_of(own, ALTERNATES[own.class_name]), #variables, function(i, slot) add(states[i][slot]) end)
end

return optimizer
