--- What layers of one's own do: they are built, traced or called on tensors, and stored. Their classes are in
-- extend.lua.
--
-- A call on symbolic tensors is traced (nn.ops.trace): what `call` does with nn.ops and with other layers becomes nodes
-- of the graph, which train at the speed of built-in layers. A call on tensors runs `call` itself.
-- @submodule nn.layers
local added = require "nn.layers.base.added"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local invoke = require "nn.support.invoke"
local is_model = require "nn.models.is_model"
local layer = require "nn.layers.base"
local lowering = require "nn.models.lowering"
local own_weights = require "nn.layers.base.own_weights"
local symbolic = require "nn.layers.base.symbolic"
local tensor = require "nn.tensor"
local trace = require "nn.ops.trace"
local variables = require "nn.tape.variables"

local Custom = {}
for name, method in pairs(own_weights.methods) do Custom[name] = method end

-- What a script's functions are given of several shapes or inputs: one alone, or the list.
local function one_or_list(list) return #list == 1 and list[1] or list end

-- Calls the script's `build` once.
local function ensure_weights(self, shapes)
  if self.is_ready then return end
  if self.definition.build then invoke(self.definition.build, self, one_or_list(shapes)) end
  self.is_ready = true
end

-- What `call` gave as a list; it must be `check`ed tensors, symbolic or real.
local function results_of(self, is_right, what, ...)
  local list = select("#", ...) == 1 and layer.is_list_of((...), is_right) and (...) or { ... }
  if #list == 0 then
    blame.at(self.where, "%s: its call returned nothing; it is to return %s", self:title(), what)
  end
  for i, each in ipairs(list) do
    if not is_right(each) then
      blame.at(self.where, "%s: its call is to return %s, got %s", self:title(), what, blame.got(list[i]))
    end
  end
  return list
end

-- A layer with weights that was called for the first time here must belong to this one: nothing else would hold its
-- weights, and each trace would make others.
local function check_parts(self, order)
  for _, node in ipairs(order) do
    local inner = node.layer
    if layer.is(inner) and inner.output == node and not self.is_part[inner] and #(inner.weights or {}) > 0 then
      blame.at(self.where, "%s: its call uses the layer %s, whose weights would belong to no layer: make it in build "
        .. "and assign it, or the finished list of layers, to a field of self", self:title(), inner.name)
    end
  end
end

-- The graph of one call.
-- @tparam {{integer,...},...} shapes of the inputs
-- @tparam table options of the call
-- @tparam[opt] table use of the layer (base/init.lua); only nnrun's own layers look at it
-- @treturn table inputs, outputs: symbolic tensors; order
local function traced(self, shapes, options, use)
  local inputs = {}
  for i, shape in ipairs(shapes) do inputs[i] = symbolic.new({ name = "input", is_hidden = true }, {}, shape) end
  local given_numbers
  local outputs = results_of(self, symbolic.is, "a symbolic tensor",
    trace.call(function(...)
      local results = table.pack(invoke(self.definition.call, ...))
      given_numbers = trace.current_added()
      return table.unpack(results, 1, results.n)
    end, self.own_weights.weights, self, one_or_list(inputs), options, use))
  local given = {}
  for _, input in ipairs(inputs) do given[input] = true end
  local ends = table.move(given_numbers, 1, #given_numbers, #outputs + 1, table.move(outputs, 1, #outputs, 1, {}))
  local order = symbolic.order(ends, given)
  check_parts(self, order)
  return { inputs = inputs, outputs = outputs, order = order }
end

-- Gives the layer its weights, once the shapes of its inputs are known.
function Custom:build(shapes, use)
  ensure_weights(self, shapes)
  local graph, outputs = traced(self, shapes, {}, use), {}
  self:gather_weights()
  for i, output in ipairs(graph.outputs) do outputs[i] = output.shape end
  self.output_shape, self.input_shapes = one_or_list(outputs), shapes
  return table.unpack(outputs)
end

function Custom:lower_into(emit, inputs, shapes, is_output, training, use)
  local graph, position, list = traced(self, shapes, { training = training }, use), {}, {}
  for i, input in ipairs(graph.inputs) do position[input] = inputs[i] end
  lowering.lower_order(emit, position, graph.order, is_output and lowering.calls_of(graph.outputs) or {}, training)
  for i, output in ipairs(graph.outputs) do list[i] = position[output] end
  return table.unpack(list)
end

-- What `add_loss` and `add_metric` take: one number. `fields` mark its node in a graph.
local function number_of(self, what, value)
  if not symbolic.is(value) and not tensor.is_tensor(value) then
    blame("%s: %s: expected a tensor that was computed in call, got %s", self:title(), what, blame.got(value))
  end
  return what == "add_loss" and require("nn.ops").sum(value) or require("nn.ops").mean(value)
end

--- Adds a number to the loss of the model; to be called in `call`. Of a tensor the sum is taken.
-- @function custom:add_loss
-- @tparam tensor value computed with nn.ops
-- @usage
-- local Sparse = nn.layers.Layer:extend{ name = "Sparse",
--   call = function(self, x)
--     self:add_loss(1e-3 * nn.ops.sum(nn.ops.abs(x)))
--     return x
--   end }
-- local y = Sparse{}(nn.ones{ 2, 3 })
function Custom:add_loss(value)
  local number = number_of(self, "add_loss", value)
  if symbolic.is(number) then
    rawset(self, "adds_losses", true)
    return trace.add(number, "is_penalty", true)
  end
  table.insert(self.added_losses, number)
  added.loss(number)
end

local read_metric = arguments.options("add_metric", { { "name", arguments.required } })

--- Shows a number beside the metrics of the model, averaged over the samples; to be called in `call`. Of a tensor the
-- mean is taken.
-- @function custom:add_metric
-- @tparam tensor value computed with nn.ops
-- @tparam table options name
-- @usage
-- local Watched = nn.layers.Layer:extend{ name = "Watched",
--   call = function(self, x)
--     self:add_metric(nn.ops.mean(x), { name = "activity" })
--     return x
--   end }
-- local y = Watched{}(nn.ones{ 2, 3 })
function Custom:add_metric(value, options)
  local name, number = read_metric(options).name, number_of(self, "add_metric", value)
  if symbolic.is(number) then return trace.add(number, "metric_name", name) end
  added.metric(name, number)
end

-- Runs `call` on tensors.
local function call_on_tensors(self, given, options)
  rawset(self, "added_losses", {})
  local list, shapes = tensor.is_tensor(given) and { given } or given, {}
  for i, x in ipairs(list) do shapes[i] = table.move(x.shape, 2, x.ndim, 1, {}) end
  if not self.weights then self:build(shapes) end
  local results = table.pack(invoke(self.definition.call, self, given, options))
  results_of(self, tensor.is_tensor, "a tensor", table.unpack(results, 1, results.n))
  return table.unpack(results, 1, results.n)
end

function Custom:__call(inputs, options)
  if tensor.is_tensor(inputs) or layer.is_list_of(inputs, tensor.is_tensor) then
    return call_on_tensors(self, inputs, layer.check_options(self, options))
  end
  return layer.call(self, inputs, options)
end

-- ---- storing and owning ------------------------------------------------------------------------------------------

function Custom:get_config()
  local config = require("nn.support.stored").config_of(self, self.given)
  config.name, config.trainable = self.name, self.trainable
  return config
end

-- What it stands for in a digest.
function Custom:__digest()
  local d = self.definition
  return { self.class_name, self:get_config(), self.weights, d.build or false, d.call, d.init or false }
end

-- Layers, models and lists of them that are assigned to fields belong to the layer, and so do variables.
function Custom.adopt(self, value, field)
  if variables.is(value) then return self:adopt_variable(value, field) end
  local is_part = layer.is(value) or is_model(value)
  if is_part and not self.is_part[value] then
    self.is_part[value] = true
    self.all_layers[#self.all_layers + 1] = value
  elseif not is_part and layer.is_list_of(value, function(each) return layer.is(each) or is_model(each) end) then
    for _, each in ipairs(value) do Custom.adopt(self, each) end
  end
end

return Custom
