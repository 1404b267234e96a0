--- How layers become nodes of the engine.
--
-- What a layer computes is told by `lower_into`, which adds nodes. Layers that are more than one node have a `nodes` of
-- their own, made of the parts here.
local blame = require "nn.support.blame"
local traced = require "nn.layers.base.traced"

local Nodes = {}

--- How the layer is called in messages: "layer 2 (dense)" in a Sequential, "layer dense_1" elsewhere.
function Nodes:title()
  return self.position and ("layer %d (%s)"):format(self.position, self.name) or "layer " .. self.name
end

--- Raises an error: the layer cannot read these shapes.
-- @tparam string problem as the engine says it
function Nodes:reject(problem)
  blame.at(self.where, "%s: %s", self:title(), problem)
end

--- The engine's arguments: the layer's own plain ones.
function Nodes:config()
  local config = {}
  for _, name in ipairs(self.plain) do config[name] = self.arguments[name] end
  return config
end

--- Adds the node that holds the layer's weights.
-- @tparam function emit
-- @tparam {integer,...} inputs
-- @tparam[opt] table config the engine's arguments
function Nodes:emit(emit, inputs, config)
  return emit {
    layer = self.engine, config = config or self:config(), inputs = inputs, params = self.weights, owner = self,
    regularizers = self.weight_regularizers, constraints = self.weight_constraints, what = self:title(),
  }
end

--- Adds a node without weights.
function Nodes:emit_plain(emit, engine, config, inputs)
  return emit { layer = engine, config = config, inputs = inputs, what = self:title() }
end

--- The nodes before the activation; for layers that are more than one node.
-- @tparam function emit adds a node, returns its position
-- @tparam {integer,...} inputs positions of the nodes it reads
-- @tparam {{integer,...},...} shapes of what they give
-- @tparam[opt] table fused the activation's arguments, where the layer's own node is to apply it
-- @treturn integer the position of the result
function Nodes:nodes(emit, inputs, _, fused)
  local config = self:config()
  for name, value in pairs(fused or {}) do config[name] = value end
  return self:emit(emit, inputs, config)
end

--- The order that brings axes to the end, nil where they are there already.
local function order_with_last(axes, ndim)
  local first, in_place, is_chosen, order = ndim - #axes, true, {}, {}
  for i, axis in ipairs(axes) do
    in_place, is_chosen[axis] = in_place and axis == first + i, true
  end
  if in_place then return nil end
  for axis = 1, ndim do
    if not is_chosen[axis] then order[#order + 1] = axis end
  end
  return table.move(axes, 1, #axes, #order + 1, order)
end

--- Brings axes to the end where they are not.
-- @tparam {integer,...} axes of a sample, from 1, ascending
-- @tparam integer ndim how many axes the input's samples have
-- @treturn integer the position of the result
function Nodes:to_last(emit, input, axes, ndim)
  local order = order_with_last(axes, ndim)
  return order and self:emit_plain(emit, "permute", { dims = order }, { input }) or input
end

--- Nodes over the last axes: brings other axes to the end, and the result back.
-- @tparam function body adds the nodes: (position of the input) -> position of the result
function Nodes:over_last(emit, input, axes, ndim, body)
  local order, back = order_with_last(axes, ndim), {}
  local result = body(self:to_last(emit, input, axes, ndim))
  for i, axis in ipairs(order or {}) do back[axis] = i end
  return order and self:emit_plain(emit, "permute", { dims = back }, { result }) or result
end

--- The axes that an argument means, as places in a sample from 1, ascending.
-- @param axis a position where 1 counts the samples and -1 is the last, or a list of them
function Nodes:sample_axes(axis, ndim, name)
  local axes = {}
  for i, each in ipairs(type(axis) == "table" and axis or { axis }) do
    local place = math.type(each) == "integer" and (each < 0 and each + ndim + 1 or each - 1)
    if each == 1 then
      blame.at(self.where, "%s: %s: axis 1 counts the samples; expected one from 2 to %d", self:title(), name or "axis",
        ndim + 1)
    elseif not place or place < 1 or place > ndim then
      blame.at(self.where, "%s: %s: there is no axis %s: with the samples' axis there are %d", self:title(),
        name or "axis", tostring(each), ndim + 1)
    end
    axes[i] = place
  end
  table.sort(axes)
  for i = 2, #axes do
    if axes[i] == axes[i - 1] then
      blame.at(self.where, "%s: %s: axis %d is there twice", self:title(), name or "axis", axes[i] + 1)
    end
  end
  return axes
end

--- The layer's activation as a node of its own.
-- @tparam function emit
-- @tparam integer input the position of the node before
-- @tparam integer ndim how many axes its samples have
-- @treturn integer the position of the result
function Nodes:activate(emit, input, ndim)
  local activation = self.activation
  if not activation.axis then return self:emit_plain(emit, activation.engine, activation.config, { input }) end
  local axes = self:sample_axes(activation.axis, ndim)
  local config = { axes = #axes }
  for name, value in pairs(activation.config) do config[name] = value end
  return self:over_last(emit, input, axes, ndim, function(from)
    return self:emit_plain(emit, activation.engine, config, { from })
  end)
end

--- Adds the engine's nodes for one use of the layer. An activation is a node of its own where softmax and the like look
-- at whole rows and where a loss may have to look behind it.
-- @tparam function emit adds a node, returns its position
-- @tparam {integer,...} inputs positions of the nodes it reads
-- @tparam {{integer,...},...} shapes of what they give
-- @tparam boolean is_output whether this use is an output of the model
-- @treturn integer the position of the result
function Nodes:lower_into(emit, inputs, shapes, is_output)
  local activation, known = self.activation, nil
  if activation and activation.fn or self.activity_regularizer and self.activity_regularizer.is_own then
    emit, known = traced.with_shapes(emit, inputs, shapes, self:title())
  end
  local separate = activation and activation.name ~= "linear" and (is_output or activation.by_row)
  local node = self:nodes(emit, inputs, shapes, activation and not separate and activation.config or nil)
  if separate and activation.fn then
    node = traced.activate(emit, activation.fn, node, known[node])
  elseif separate then
    node = self:activate(emit, node, #shapes[1])
  end
  local penalty = self.activity_regularizer
  if penalty and penalty.is_own then
    traced.penalize(emit, penalty.arguments.fn, node, known[node])
  elseif penalty then node = self:emit_plain(emit, "activity_regularization", penalty:config(), { node }) end
  return node
end

return Nodes
