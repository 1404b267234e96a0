--- Models that run eagerly, as `compile{ run_eagerly = true }` says: the functions of layers and models of one's own
-- are called in Lua with the numbers of each batch, so that they can print them. Built-in layers compute as ever.
-- @submodule nn.models
local added = require "nn.layers.base.added"
local align = require "nn.losses.align"
local as_defined = require "nn.models.as_defined"
local concrete = require "nn.models.concrete"
local feed = require "nn.models.feed"
local graphs = require "nn.models.graphs"
local is_model = require "nn.models.is_model"
local layer = require "nn.layers.base"
local masks = require "nn.losses.masks"
local stop = require "nn.support.stop"
local symbolic = require "nn.layers.base.symbolic"
local tensor = require "nn.tensor"

local eager = {}

-- ---- built-in layers -----------------------------------------------------------------------------------------------

local parts = setmetatable({}, { __mode = "k" }) -- by call

-- A model of one call of a layer; what the call reads are its inputs.
local function part(node, order)
  local call, outputs, names, layers = node.call, {}, {}, node.layer.is_hidden and {} or { node.layer }
  if parts[call] then return parts[call] end
  for _, each in ipairs(order) do
    if each.call == call then -- without its mask, which is a call of its own
      outputs[#outputs + 1] = symbolic.new(each.layer, each.inputs, each.shape, call, each.index)
    end
  end
  for i in ipairs(node.inputs) do names[i] = "input " .. i end
  parts[call] = setmetatable({ name = node.layer.name, class_name = "Functional", trainable = true,
    inputs = node.inputs, outputs = outputs, order = outputs, layers = layers, all_layers = layers,
    input_names = names, output_names = names }, { __index = require "nn.models.model" })
  return parts[call]
end

-- What a built-in layer gives for tensors, by the index of each output. It draws numbers as a part of the model does.
local function compute(model, node, inputs, training)
  local of_call, by_index = part(node, model.order), {}
  local seed = model.seed and model.seed + (node.layer.position or 0)
  of_call.seed, of_call.optimizer = of_call.seed or seed, model.optimizer
  local given = graphs.call(of_call, inputs, training)
  for i, output in ipairs(of_call.outputs) do by_index[output.index] = #of_call.outputs == 1 and given or given[i] end
  for _, number in ipairs(of_call.added_losses) do added.loss(number) end
  local penalty = node.layer.activity_regularizer
  if layer.is(node.layer) and penalty and not penalty.is_own then added.loss(penalty(by_index[1])) end
  return by_index
end

-- ---- the walk ------------------------------------------------------------------------------------------------------

-- Whether a layer has a function that is to be called in place of a graph of it.
local function is_called(each)
  return layer.is(each) and (rawget(each, "given") or each.class_name == "Lambda" or each.class_name == "Operation")
end

local function listed(first, ...)
  return layer.is_list_of(first, tensor.is_tensor) and first or { first, ... }
end

local run

local function call(model, node, inputs, training)
  if is_model(node.layer) then return run(node.call.model or node.layer, inputs, training) end
  if node.layer.reads_data then return inputs end -- it has read them already: see nn.models.feed
  if not is_called(node.layer) then return compute(model, node, inputs, training) end
  return listed(node.layer(#inputs == 1 and inputs[1] or inputs, { training = training }))
end

-- Walks the graph of a model.
-- @treturn {tensor,...} the outputs
-- @treturn {[symbolic]=tensor} all values
function run(model, inputs, training)
  local values, results, outputs = {}, {}, {}
  for i, input in ipairs(model.inputs) do values[input] = inputs[i] end
  for _, node in ipairs(model.order) do
    if not values[node] then
      local read = {}
      for i, input in ipairs(node.inputs) do read[i] = values[input] end
      results[node.call] = results[node.call] or call(model, node, read, training)
      values[node] = results[node.call][node.index]
    end
  end
  for i, output in ipairs(model.outputs) do outputs[i] = values[output] end
  return outputs, values
end

-- What a model gives for tensors, one for each output.
local function outputs_of(model, x, training)
  local inputs = feed.inputs(model, x, "x")
  local shaped = concrete.of(model, inputs)
  for i, each in ipairs(inputs) do inputs[i] = align.floats(each) end
  local result, found = added.during(function() return table.pack(run(shaped, inputs, training)) end)
  local outputs, values = result[1], result[2]
  for i, output in ipairs(shaped.outputs) do
    if output.mask then masks.note(outputs[i], values[output.mask]) end
  end
  model.added_losses = found.losses
  return outputs
end

--- What a model gives for tensors, run eagerly.
-- @tparam table model
-- @param x a tensor or several, as a call takes them
-- @tparam boolean training whether layers act as in training
-- @return as a call gives it
function eager.call(model, x, training) return as_defined(model, outputs_of(model, x, training)) end

-- ---- when ----------------------------------------------------------------------------------------------------------

--- Whether calls of models on tensors run eagerly now.
eager.is_on = added.is_on

--- Calls a function in which models run eagerly.
-- @tparam function f
-- @return what it returns
-- @treturn {{name=,value=},...} what layers gave to add_metric
function eager.during(f, ...)
  local result, found = added.during(f, ...)
  return result, found.metrics
end

local ROWS = 32 -- of a batch, if the caller does not say

--- What a model gives for samples, batch by batch.
-- @tparam table model
-- @tparam {tensor,...} inputs
-- @tparam[opt=32] integer batch_size
-- @treturn {tensor,...} one for each output
function eager.predict(model, inputs, batch_size)
  local n, size, batches = #inputs[1], batch_size or ROWS, {}
  for first = 1, n, size do
    stop.check()
    local rows = {}
    for i, input in ipairs(inputs) do rows[i] = input[{ { first, math.min(first + size - 1, n) } }] end
    for i, output in ipairs((eager.during(outputs_of, model, rows, false))) do
      batches[i] = batches[i] or {}
      table.insert(batches[i], output)
    end
  end
  for i, list in ipairs(batches) do batches[i] = tensor.concatenate(list, 1) end
  return batches
end

return eager
