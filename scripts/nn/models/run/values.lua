--- What functions of the script compute in a model's graph besides its outputs: losses and metrics of one's own.
--
-- Targets enter the graph as inputs beside those of the model. The functions are called once, with what stands for
-- targets and predictions, and what they return are further outputs.
local blame = require "nn.support.blame"
local symbolic = require "nn.layers.base.symbolic"
local trace = require "nn.ops.trace"
local variables = require "nn.tape.variables"

local values = {}

-- What stands for the targets of an output in the graph.
local function target_symbol(target)
  return symbolic.new({ name = "y_true", is_hidden = true }, {}, table.move(target.shape, 2, target.ndim, 1, {}))
end

-- The weights that training changes and whose regularizer, or constraint, is a function of the script.
local function own_rules(model, kind)
  local list = {}
  for _, weight in ipairs(model:named_weights()) do
    local rule = not weight.is_state and variables.rules_of(weight.tensor)[kind]
    if rule and rule.is_own and model.compiled.trainable[weight.layer] then list[#list + 1] = weight.tensor end
  end
  return list
end

-- What the regularizer of a weight adds to the loss.
local function penalty_on(weight)
  local rule = variables.rules_of(weight).regularizer
  local result = trace.call(function() return rule.arguments.fn(trace.symbol_of(weight)) end, { weight })
  if not symbolic.is(result) or not result.shape.is_whole or #result.shape > 0 then
    blame.at(rule.where, "the regularizer %s: expected one number, computed from the weight with nn.ops or arithmetic, "
      .. "got %s", rule:title(), result == nil and "nothing; does it lack a return?" or blame.got(result))
  end
  return result
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
-- - penalties: the positions of what regularizers of one's own give
function values.of(model, outputs, targets)
  local found = { inputs = {}, owners = {}, symbols = {}, losses = {}, metrics = {}, penalties = {} }
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
  for _, weight in ipairs(own_rules(model, "regularizer")) do
    found.symbols[#found.symbols + 1] = penalty_on(weight)
    found.penalties[#found.penalties + 1] = #found.symbols
  end
  return found
end

--- The weights whose constraint is a function of the script.
-- @tparam table model compiled
-- @treturn {tensor,...}
function values.constrained(model) return own_rules(model, "constraint") end

--- Brings such weights within their constraints.
function values.constrain(weights)
  for _, weight in ipairs(weights) do weight:assign(variables.rules_of(weight).constraint(weight:copy())) end
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
