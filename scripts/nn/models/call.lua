--- What a model gives: for symbolic tensors, a part of a larger model; for tensors, numbers.
-- @submodule nn.models
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local concrete = require "nn.models.concrete"
local layer_list = require("nn.layers.base").is_list_of
local masked = require "nn.models.masked"
local on_batch = require "nn.models.on_batch"
local open_axes = require "nn.layers.base.open_axes"
local symbolic = require "nn.layers.base.symbolic"

-- What a model is built for: the shape of its input, or those of several.
local function shapes_of(list)
  local shapes = {}
  for i, symbol in ipairs(list) do shapes[i] = symbol.shape end
  return #shapes == 1 and shapes[1] or shapes
end

-- The model for inputs, some of whose open axes may have a length here.
local function for_shapes(model, list)
  local shapes, is_same = {}, true
  for i, input in ipairs(list) do
    shapes[i] = input.shape
    is_same = is_same and align.same(input.shape, model.inputs[i].shape)
  end
  return is_same and model or concrete.of_shapes(model, shapes)
end

--- Calling a model: on symbolic tensors it becomes part of a larger model, on real ones it computes.
-- @function model:__call
-- @param inputs a symbolic tensor or a tensor (n, ...), or a list of them
-- @tparam[opt] table options training (false)
-- @return what the model gives; for several outputs a list
-- @usage local p = model(nn.Input{ shape = { 4 } })
return function(self, inputs, options)
  if not (symbolic.is(inputs) or layer_list(inputs, symbolic.is)) then
    return on_batch.apply(self, inputs, options)
  end
  local list = symbolic.is(inputs) and { inputs } or inputs
  if not self.outputs and self.build then self:build(self.takes_shapes and shapes_of(list) or list[1].shape) end
  self:require_built "a model's call"
  if #list ~= #self.inputs then blame("%s: wants %d inputs, got %d", self.name, #self.inputs, #list) end
  for i, input in ipairs(self.inputs) do
    if not open_axes.fits(list[i].shape, input.shape) then
      blame("%s: input %d wants samples of %s, got %s", self.name, i,
        align.text(input.shape), align.text(list[i].shape))
    end
  end
  local called, reads, masks = masked(for_shapes(self, list), list)
  local call, outputs = { model = called }, {}
  for i, output in ipairs(called.outputs) do
    outputs[i] = symbolic.new(self, reads, output.shape, call, i)
    outputs[i].read = list
  end
  for i, place in pairs(masks) do outputs[i].mask = outputs[place] end
  outputs = table.move(outputs, 1, #self.outputs, 1, {})
  return #outputs == 1 and outputs[1] or outputs
end
