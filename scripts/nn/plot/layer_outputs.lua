--- What the layers of a model give, found in its graph: for pictures of what lies inside a model.
-- @module nn.plot.layer_outputs
local blame = require "nn.support.blame"
local is_model = require "nn.models.is_model"

local layer_outputs = {}

local function is_picture(node)
  return #node.inputs > 0 and #node.shape == 3 and not node.shape.is_whole
end

local function area(node) return node.shape[1] * node.shape[2] end

--- A model that knows its input shape.
-- @param value
-- @tparam string what for errors
-- @treturn table it
function layer_outputs.check_model(value, what)
  if not is_model(value) then blame("%s: expected a model, got %s", what, blame.got(value)) end
  if not value.outputs or #value.inputs ~= 1 then
    blame("%s: expected a model with one input whose shape is known; this one has %s", what,
      value.outputs and ("%d inputs"):format(#value.inputs) or "no input_shape")
  end
  return value
end

--- The outputs of all layers that give pictures (height, width, channels), from the input on.
-- @tparam table model
-- @tparam string what for errors
-- @treturn {symbolic,...}
-- @raise where there is none
function layer_outputs.pictures(model, what)
  local list = {}
  for _, node in ipairs(model.order) do
    if is_picture(node) then list[#list + 1] = node end
  end
  if #list == 0 then
    blame("%s: no layer of %s gives pictures (height, width, channels); a model of Dense layers alone has none", what,
      model.name)
  end
  return list
end

--- The output of one layer.
-- @tparam table model
-- @param layer the layer, or its name
-- @tparam string what for errors
-- @treturn symbolic
-- @raise where the model has no such layer, or it gives no pictures
function layer_outputs.of(model, layer, what)
  local names = {}
  for _, node in ipairs(layer_outputs.pictures(model, what)) do
    if node.layer == layer or node.layer.name == layer then return node end
    names[#names + 1] = node.layer.name
  end
  local got = type(layer) == "table" and layer.name or layer
  blame("%s: expected a layer of %s that gives pictures, or its name (%s), got %s", what, model.name,
    table.concat(names, ", "), blame.got(got))
end

--- The last picture inside a model before it becomes a vector, also one written as a picture of one place. Layers at
-- the end that only shrink it, such as pooling, are left out: before them it has more detail.
-- @tparam table model
-- @tparam string what for errors
-- @treturn symbolic
function layer_outputs.last(model, what)
  local list = layer_outputs.pictures(model, what)
  local place = #list
  while place > 1 and area(list[place]) == 1 do place = place - 1 end
  local node = area(list[place]) > 1 and list[place] or list[#list]
  while #node.inputs == 1 and is_picture(node.inputs[1]) and node.layer:count_params() == 0
    and (area(node) < area(node.inputs[1]) or node.layer.class_name:find "Dropout") do
    node = node.inputs[1]
  end
  return node
end

return layer_outputs
