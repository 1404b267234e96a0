--- What functions of the script compute in a model's graph besides its outputs: losses and metrics of one's own.
--
-- Targets enter the graph as inputs beside those of the model. The functions are called once, with what stands for
-- targets and predictions, and what they return are further outputs.
local symbolic = require "nn.layers.base.symbolic"

local values = {}

-- What stands for the targets of an output in the graph.
local function target_symbol(target)
  return symbolic.new({ name = "y_true", is_hidden = true }, {}, table.move(target.shape, 2, target.ndim, 1, {}))
end

--- Traces the functions of a model's outputs.
-- @tparam table model whose layers are connected
-- @tparam {table,...} outputs see nn.models.outputs, with targets
-- @tparam {tensor,...} targets
-- @treturn table
--
-- - inputs: symbolic tensors of targets; owners: of which outputs
-- - symbols: what the functions return
-- - losses: by output the position of its loss in `symbols`
-- - metrics: by output a table: by metric its position
function values.of(model, outputs, targets)
  local found = { inputs = {}, owners = {}, symbols = {}, losses = {}, metrics = {} }
  local by_output = {}
  local function add(piece, i)
    if not by_output[i] then
      by_output[i] = target_symbol(targets[i])
      found.inputs[#found.inputs + 1], found.owners[#found.owners + 1] = by_output[i], i
    end
    found.symbols[#found.symbols + 1] = piece:trace(by_output[i], model.outputs[i])
    return #found.symbols
  end
  for i, output in ipairs(outputs) do
    found.losses[i], found.metrics[i] = output.loss.is_own and add(output.loss, i), {}
    for k, entry in ipairs(output.metrics) do
      if entry.metric.is_traced then found.metrics[i][k] = add(entry.metric, i) end
    end
  end
  return found
end

--- The data of the graph's inputs: those of the model, then targets.
-- @tparam table found as `values.of` gives it
-- @tparam {tensor,...} data
-- @tparam {tensor,...} targets
-- @treturn {tensor,...}
function values.data(found, data, targets)
  if not found.owners[1] then return data end
  local list = table.move(data, 1, #data, 1, {})
  for _, i in ipairs(found.owners) do list[#list + 1] = targets[i] end
  return list
end

--- A list of those of the model and those that were added.
function values.append(list, more)
  if not more[1] then return list end
  return table.move(more, 1, #more, #list + 1, table.move(list, 1, #list, 1, {}))
end

return values
