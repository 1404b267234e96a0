--- A model within another where masks come along: they go through its layers as if these stood in the other model.
local call_again = require "nn.models.call_again"
local symbolic = require "nn.layers.base.symbolic"

-- What stands for something from outside.
local function placeholder(like)
  return symbolic.new(like.layer, {}, like.shape)
end

local function has_masks(model, inputs)
  for _, input in ipairs(inputs) do
    if input.mask then return true end
  end
  for _, output in ipairs(model.outputs) do
    if output.mask then return true end
  end
  return false
end

-- The model as it is for those inputs.
-- @tparam table model
-- @tparam {symbolic,...} inputs
-- @treturn table the model itself, or where there are masks one that shares its layers; its inputs are the model's and
-- then their masks, its outputs likewise
-- @treturn {symbolic,...} what it reads: the inputs and their masks
-- @treturn {integer,...} by output the place of its mask among the outputs
return function(model, inputs)
  if not has_masks(model, inputs) then return model, inputs, {} end
  local new, given, reads, places = {}, {}, table.move(inputs, 1, #inputs, 1, {}), {}
  for i, input in ipairs(model.inputs) do
    given[i] = placeholder(input)
    new[input] = given[i]
  end
  for i, input in ipairs(inputs) do
    if input.mask then
      given[i].mask = placeholder(input.mask)
      given[#given + 1], reads[#reads + 1] = given[i].mask, input.mask
    end
  end
  call_again(model.order, new)
  local outputs = {}
  for i, output in ipairs(model.outputs) do outputs[i] = new[output] end
  for i = 1, #model.outputs do
    if outputs[i].mask then
      outputs[#outputs + 1] = outputs[i].mask
      places[i] = #outputs
    end
  end
  local is_given = {}
  for _, symbol in ipairs(given) do is_given[symbol] = true end
  local called = { inputs = given, outputs = outputs, order = symbolic.order(outputs, is_given) }
  return setmetatable(called, { __index = model }), reads, places
end
