--- What an engine job is told of a model's outputs.
local align = require "nn.losses.align"
local blame = require "nn.support.blame"

local spec = {}

--- Raises an error if the weights of the samples do not stand beside the losses.
local function check_weights(weights, output)
  if not weights then return nil end
  local rows = table.move(output.shape, 1, math.max(#output.shape - 1, 0), 2, { #weights })
  local given = weights.shape
  for axis, length in ipairs(given) do
    if rows[axis] ~= length then
      blame("sample_weight: expected %s numbers for the output %s of shape %s, got shape %s", align.text(rows),
        output.name, align.text(output.shape), align.text(given))
    end
  end
  return weights
end

local function observed(metrics)
  local list = {}
  for i, entry in ipairs(metrics) do
    list[i] = { name = entry.metric.engine, config = entry.metric:config(), is_loss = entry.metric.is_loss,
      weighted = entry.weighted, uses_mask = entry.metric.uses_mask }
  end
  return list
end

--- Outputs that are held against targets.
-- @tparam {table,...} outputs see nn.models.outputs, with targets
-- @tparam table source see nn.models.run.source
-- @tparam {integer,...} positions of the outputs' nodes
-- @tparam {[integer]=integer} masks by output the position of its mask's node
-- @tparam boolean is_training
-- @treturn {table,...} as engine.job takes them
function spec.of_outputs(outputs, source, positions, masks, is_training)
  local list = {}
  for i, output in ipairs(outputs) do
    local weights = source.weights and source.weights[i]
    local own = output.loss:in_training({ source.n, table.unpack(output.shape) }, weights, is_training)
    own.node, own.mask, own.loss_weight = positions[i], masks[i], output.weight
    own.target, own.metrics, own.sample_weight = source.targets[i], observed(output.metrics),
      check_weights(weights, output)
    list[i] = own
  end
  return list
end

--- Outputs that are only computed.
-- @tparam {integer,...} positions of their nodes
-- @treturn {table,...} as engine.job takes them
function spec.of_nodes(positions)
  local list = {}
  for i, position in ipairs(positions) do list[i] = { node = position } end
  return list
end

return spec
