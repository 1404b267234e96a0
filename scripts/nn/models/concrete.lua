--- Models with open axes, for the lengths of some data: the same layers called again on inputs of those shapes.
local blame = require "nn.support.blame"
local call_again = require "nn.models.call_again"
local open_axes = require "nn.layers.base.open_axes"
local symbolic = require "nn.layers.base.symbolic"

local concrete = {}

local MOST = 64 -- shapes that are kept for a model

-- By model: { outputs = those it had then, count, by_shapes }.
local kept = setmetatable({}, { __mode = "k" })

local function shapes_of(symbols)
  local shapes = {}
  for i, symbol in ipairs(symbols) do shapes[i] = symbol.shape end
  return shapes
end

--- Whether a model has open axes.
function concrete.is_open(model)
  return open_axes.any_of(shapes_of(model.inputs))
end

-- What layers say of their shapes, which calling them again changes.
local function remember(layers)
  local said = {}
  for _, layer in ipairs(layers) do said[layer] = { layer.output_shape, layer.input_shapes } end
  return setmetatable(said, { __close = function()
    for layer, shapes in pairs(said) do layer.output_shape, layer.input_shapes = shapes[1], shapes[2] end
  end })
end

local function make(model, shapes)
  local layers = {}
  for _, layer in ipairs(model.all_layers) do
    if layer.build and not layer.layers then layers[#layers + 1] = layer end
  end
  local _ <close> = remember(layers)
  local new, inputs, outputs, is_given = {}, {}, {}, {}
  for i, input in ipairs(model.inputs) do
    inputs[i] = symbolic.new(input.layer, {}, shapes[i])
    new[input], is_given[inputs[i]] = inputs[i], true
  end
  call_again(model.order, new)
  for i, output in ipairs(model.outputs) do outputs[i] = new[output] end
  local ends = table.move(outputs, 1, #outputs, 1, {})
  for _, output in ipairs(outputs) do ends[#ends + 1] = output.mask end
  return setmetatable({ inputs = inputs, outputs = outputs, order = symbolic.order(ends, is_given),
    all_layers = model.all_layers, layers = model.layers }, { __index = model })
end

local function room_of(model)
  local room = kept[model]
  if not room or room.outputs ~= model.outputs or room.count == MOST then
    room = { outputs = model.outputs, count = 0, by_shapes = {} }
    kept[model] = room
  end
  return room
end

--- A model for samples of some shapes.
-- @tparam table model
-- @tparam {{integer,...},...} shapes of a sample of each input, without open axes
-- @treturn table the model itself if it has no open axes
function concrete.of_shapes(model, shapes)
  if not concrete.is_open(model) then return model end
  local room, texts = room_of(model), {}
  for i, shape in ipairs(shapes) do texts[i] = table.concat(shape, "x") end
  local key = table.concat(texts, " ")
  if not room.by_shapes[key] then room.by_shapes[key], room.count = make(model, shapes), room.count + 1 end
  return room.by_shapes[key]
end

--- A model for some data.
-- @tparam table model
-- @tparam {tensor,...} data of its inputs
-- @treturn table the model itself if it has no open axes
function concrete.of(model, data)
  if not concrete.is_open(model) then return model end
  local shapes = {}
  for i, input in ipairs(model.inputs) do
    shapes[i] = open_axes.fill(input.shape, table.move(data[i].shape, 2, data[i].ndim, 1, {}))
    for axis, length in ipairs(shapes[i]) do
      if length == 0 then blame("%s: axis %d of its data has length 0", input.layer.name, axis + 1) end
    end
  end
  return concrete.of_shapes(model, shapes)
end

return concrete
