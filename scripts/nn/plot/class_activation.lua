--- Which part of a picture speaks for a class: the numbers of Grad-CAM.
--
-- Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391: the gradient of a class's score by a layer's feature maps,
-- in the mean over places, weighs the maps; of their weighted sum what is above zero counts.
-- @module nn.plot.class_activation
local blame = require "nn.support.blame"
local layer_outputs = require "nn.plot.layer_outputs"
local ops = require "nn.ops"
local tensor = require "nn.tensor"

local class_activation = {}

local SQUASHING = { Softmax = true, Activation = true }

-- A model of the given layers that does not appear among a script's names.
local function part(inputs, outputs)
  return require("nn.models").Model { name = "grad_cam", inputs = inputs, outputs = outputs }
end

-- The scores of all classes as a function of the maps. The activation at the end is left out where it can be: where
-- softmax or sigmoid is sure, its gradient vanishes.
local function scores_from(model, maps)
  local last = model.outputs[1]
  local before, layer = last.inputs[1], last.layer
  if layer.class_name == "Dense" then
    local kernel, bias = layer:get_weights()
    local features = part({ maps }, { before })
    return function(x)
      local product = ops.matmul(features(x), kernel)
      return bias and product + bias or product
    end
  end
  local has_more = SQUASHING[layer.class_name] and before ~= maps
  return part({ maps }, { has_more and before or last })
end

-- 1 for the score of the class that is asked for, -1 for a single score of yes or no where the answer is no.
local function selection(outputs, classes)
  local count, width = outputs.shape[1], outputs.shape[2]
  local chosen = tensor.zeros(outputs.shape)
  for i = 1, count do
    local class = classes[i]
    if class % 1 ~= 0 or class < 0 or class >= math.max(width, 2) then
      blame("plot.grad_cam: classes[%d]: expected a class from 0 to %d, got %s", i, math.max(width, 2) - 1, class)
    end
    if width > 1 then chosen[{ i, class // 1 + 1 | 0 }] = 1 else chosen[{ i, 1 }] = class == 1 and 1 or -1 end
  end
  return chosen
end

--- The predicted class of each picture.
-- @tparam tensor outputs (n, classes), or (n, 1) for yes or no
-- @treturn {integer,...} from 0
function class_activation.predicted(outputs)
  if outputs.shape[2] > 1 then return outputs:argmax(2):totable() end
  return outputs:flatten():gt(0.5):totable()
end

--- Maps of how much each place speaks for a class.
-- @tparam table model as layer_outputs.check_model takes it, with one output (n, classes)
-- @tparam tensor images (n, ...)
-- @tparam {number,...} classes one for each picture
-- @tparam symbolic maps the layer's output that is looked at
-- @treturn tensor (n, height, width), from 0; the largest of each picture is 1, unless nothing speaks for the class
function class_activation.maps(model, images, classes, maps)
  local tape <close> = require("nn.tape").GradientTape()
  local values = part(model.inputs, { maps })(images)
  tape:watch(values)
  local scores = scores_from(model, maps)(values)
  local gradient = tape:gradient(ops.sum(scores * selection(scores, classes)), values)
  local weights = gradient:mean { axis = { 2, 3 }, keepdims = true }
  local heat = ops.maximum((values * weights):sum { axis = 4 }, 0)
  local largest = heat:max { axis = { 2, 3 }, keepdims = true }
  return heat / ops.maximum(largest, 1e-30)
end

--- The layer's output to look at.
-- @tparam table model
-- @param[opt] layer a layer or its name; the last picture inside the model if left out
-- @treturn symbolic
function class_activation.place(model, layer)
  if layer ~= nil then return layer_outputs.of(model, layer, "plot.grad_cam: layer") end
  return layer_outputs.last(model, "plot.grad_cam")
end

return class_activation
