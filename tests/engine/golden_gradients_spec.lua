-- Keras' own gradients of layers and losses, and further numbers of layers, for whatever of its vocabulary exists here.
local job = require "engine.job"
local json = require "dkjson"
local golden = require "tests.support.golden"
local nn = require "nn"

nn.advice.silence()

local FILE = "golden2.json"

-- The arguments of a layer; Normalization's None means no axis, which is an empty list here.
local function arguments(case)
  local given = golden.arguments(case.config)
  if case.config.axis == json.null then given.axis = {} end
  return given
end

-- Layers that read texts: tests/data/text_layers_spec.lua has their cases.
local function reads_texts(case)
  local inputs = case.inputs.inputs
  return type(inputs) == "table" and inputs.dtype == "string"
end

local function each_case(area, module, how, check)
  if not check then how, check = "", how end
  describe("golden " .. area .. " " .. how, function()
    for _, case in ipairs(golden.cases(area, FILE)) do
      if rawget(nn[module], case.op) and not reads_texts(case) then
        it(case.id, function() check(case) end)
      end
    end
  end)
end

-- Raises an error where a result is not what a case says.
local function assert_is(expected, case, got)
  assert.is_nil(golden.differs({ expected = expected, tolerance = case.tolerance, reference = json.null }, got))
end

-- ---- layers ---------------------------------------------------------------------------------------------------------

local function tensors_of(array)
  if array.shape then return { golden.tensor(array) } end
  local list = {}
  for i, each in ipairs(array) do list[i] = golden.tensor(each) end
  return list
end

local function set_weights(layer, case)
  local weights = {}
  for i, weight in ipairs(case.weights) do weights[i] = golden.tensor(weight) end
  if #weights > 0 then layer:set_weights(weights) end
end

-- What a case's layer is given besides its inputs.
local function given(case, name)
  local value = case.inputs[name]
  return value ~= nil and value ~= json.null and tensors_of(value) or {}
end

local function append(list, more) return table.move(more, 1, #more, #list + 1, table.move(list, 1, #list, 1, {})) end

-- What a call is given besides its inputs: by name of the case's arrays that of the option, in the order of a model's
-- inputs.
local OPTIONS = { { "mask", "mask" }, { "initial_state", "initial_state" }, { "mask_of_input_0", "query_mask" },
  { "mask_of_input_1", "value_mask" }, { "attention_mask", "attention_mask" } }

-- Options of a call from what stands for their tensors. A mask is a list if the case has one for each input.
local function options_of(case, tensors, first)
  local options = { use_causal_mask = case.inputs.use_causal_mask,
    return_attention_scores = case.inputs.return_attention_scores }
  for _, names in ipairs(OPTIONS) do
    local count = #given(case, names[1])
    local list = table.move(tensors, first, first + count - 1, 1, {})
    local is_list = count > 1 or names[1] == "initial_state"
    if count > 0 then options[names[2]] = is_list and list or list[1] end
    first = first + count
  end
  return options
end

-- The layer of a case, as a model of nothing else; the masks and the states it begins with are inputs after the others.
local function model_of(case, inputs)
  local layer, symbols = nn.layers[case.op](arguments(case)), {}
  if case.inputs.adapt_data then layer:adapt(golden.tensor(case.inputs.adapt_data)) end
  for i, x in ipairs(inputs) do
    symbols[i] = nn.Input { shape = table.move(x.shape, 2, x.ndim, 1, {}), name = "input_" .. i }
  end
  local count = #given(case, "inputs")
  local reads = table.move(symbols, 1, count, 1, {})
  local outputs = { layer(#reads == 1 and reads[1] or reads, options_of(case, symbols, count + 1)) }
  set_weights(layer, case)
  return nn.Model { inputs = symbols, outputs = outputs }, layer
end

-- All that the model of a case reads.
local function data_of(case)
  local list = given(case, "inputs")
  for _, names in ipairs(OPTIONS) do list = append(list, given(case, names[1])) end
  return list
end

local function check_weights_after(layer, case)
  for _, want in ipairs(case.weights_after or {}) do
    for i, name in ipairs(layer.weight_names) do
      if name == want.name then assert_is(want.value, case, layer.weights[i]) end
    end
  end
end

-- Successive calls of one layer that keeps its state.
local function check_calls(case)
  local layer, calls = nn.layers[case.op](arguments(case)), tensors_of(case.inputs.calls)
  layer:build { table.move(calls[1].shape, 2, calls[1].ndim, 1, {}) }
  set_weights(layer, case)
  for i, x in ipairs(calls) do
    if case.inputs.reset_state_before_call == i - 1 then layer:reset_state() end
    assert_is(case.expected["output_" .. i - 1], case, layer(x))
  end
end

each_case("layers", "layers", function(case)
  if case.inputs.calls then return check_calls(case) end
  local inputs = data_of(case)
  local model, layer = model_of(case, inputs)
  local got = model(#inputs == 1 and inputs[1] or inputs, { training = case.inputs.training or false })
  local expected = case.expected
  for i = 1, expected.output_0 and #got or 0 do assert_is(expected["output_" .. i - 1], case, got[i]) end
  if not expected.output_0 then assert_is(expected.output or expected, case, got) end
  check_weights_after(layer, case)
end)

-- ---- gradients ------------------------------------------------------------------------------------------------------

-- A job that computes gradients of one batch and leaves the weights alone.
local function gradient_job(model, inputs, output)
  local nodes, positions, outputs = model:lower()
  output.node = outputs[1]
  local self = job.new { mode = "train", batch_size = #inputs[1], nodes = nodes, inputs = positions, data = inputs,
    watch = true, outputs = { output } }
  self:set_optimizer("sgd", {}, {})
  self:run(1, 1, 0.0)
  return self
end

-- The mean squared error whose gradient by what a layer gives is the one that comes from above.
local function target_for(output, upstream)
  return output - upstream * (output.size / 2)
end

local function check_weight_gradients(layer, case, gradient)
  local first = 1
  for i, want in ipairs(case.expected.weight_gradients or {}) do
    local size = layer.weights[i].size
    if want ~= json.null then
      assert_is(want, case, gradient[{ { first, first + size - 1 } }])
      first = first + size
    end
  end
end

each_case("gradients", "layers", function(case)
  local inputs, upstream = data_of(case), golden.tensor(case.inputs.upstream)
  local model, layer = model_of(case, inputs)
  layer.trainable = case.inputs.training ~= false
  local x = #inputs == 1 and inputs[1] or inputs
  local output = model(x, { training = case.inputs.training or false })
  assert_is(case.expected.output, case, output)
  set_weights(layer, case) -- a pass in training moves statistics
  local self = gradient_job(model, inputs, { loss = "mean_squared_error", target = target_for(output, upstream) })
  if layer.trainable then check_weight_gradients(layer, case, self:gradient()) end
  local by_input, own = case.expected.input_gradient, #tensors_of(case.inputs.inputs)
  for i = 1, by_input and own or 0 do
    assert_is(own > 1 and by_input[i] or by_input, case, self:input_gradient(i))
  end
  local by_state, states = case.expected.initial_state_gradient, #given(case, "initial_state")
  local before = own + #given(case, "mask")
  for i = 1, by_state and states or 0 do
    assert_is(states > 1 and by_state[i] or by_state, case, self:input_gradient(before + i))
  end
end)

-- ---- through a tape -------------------------------------------------------------------------------------------------

local function check_taped_weights(case, gradients)
  for i, want in ipairs(case.expected.weight_gradients or {}) do
    if want ~= json.null then assert_is(want, case, gradients[i]) end
  end
end

each_case("gradients", "layers", "through a tape", function(case)
  local inputs, upstream = tensors_of(case.inputs.inputs), golden.tensor(case.inputs.upstream)
  local data = data_of(case)
  local _, layer = model_of(case, data)
  local options = options_of(case, data, #inputs + 1)
  options.training = case.inputs.training or false
  local by_input = case.expected.input_gradient
  local tape <close> = nn.GradientTape()
  if by_input then tape:watch(inputs) end
  local output = layer(#inputs == 1 and inputs[1] or inputs, options)
  assert_is(case.expected.output, case, output)
  local gradients = tape:gradient(nn.ops.sum(output * upstream), { layer.weights, by_input and inputs },
    { unconnected_gradients = "none" })
  check_taped_weights(case, gradients[1])
  for i, gradient in ipairs(gradients[2] or {}) do
    assert_is(#inputs > 1 and by_input[i] or by_input, case, gradient)
  end
end)

each_case("loss_gradients", "losses", "through a tape", function(case)
  local y_true, y_pred = golden.tensor(case.inputs.y_true), golden.tensor(case.inputs.y_pred)
  local tape <close> = nn.GradientTape()
  tape:watch(y_pred)
  local loss = nn.losses[case.op](golden.arguments(case.config))(y_true, y_pred)
  assert_is({ case.expected.loss }, case, loss:item())
  assert_is(case.expected.y_pred_gradient, case, tape:gradient(loss, y_pred))
end)

-- ---- losses in training ---------------------------------------------------------------------------------------------

each_case("loss_gradients", "losses", function(case)
  local y_true, y_pred = golden.tensor(case.inputs.y_true), golden.tensor(case.inputs.y_pred)
  local loss = nn.losses[case.op](golden.arguments(case.config))
  assert_is({ case.expected.loss }, case, loss(y_true, y_pred))
  local input = nn.Input { shape = table.move(y_pred.shape, 2, y_pred.ndim, 1, {}) }
  local model = nn.Model { inputs = input, outputs = nn.layers.Identity {}(input) }
  local output = loss:in_training(y_pred.shape, nil, true)
  output.target = y_true
  local self = gradient_job(model, { y_pred }, output)
  assert_is(case.expected.y_pred_gradient, case, self:input_gradient(1))
end)
