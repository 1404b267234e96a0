--- What an engine job is told of a model's outputs.
local align = require "nn.losses.align"
local blame = require "nn.support.blame"

local spec = {}

--- Raises an error if the weights of the samples do not stand beside the losses.
-- @tparam {integer,...} rows the lengths of the axes of the losses, samples first
local function check_weights(weights, rows, output)
  for axis, length in ipairs(weights and weights.shape or {}) do
    if rows[axis] ~= length then
      blame("sample_weight: expected %s numbers for the output %s of shape %s, got shape %s", align.text(rows),
        output.name, align.text(output.shape), align.text(weights.shape))
    end
  end
  return weights
end

-- The losses of an output of the model that the engine knows: one for each row of the last axis.
local function rows_of_output(output, n)
  return table.move(output.shape, 1, math.max(#output.shape - 1, 0), 2, { n })
end

-- Those that the graph computes: each number of a value, or one for all samples.
local function rows_of_value(symbol, n)
  return symbol.shape.is_whole and { n } or { n, table.unpack(symbol.shape) }
end

local function observer(entry)
  local metric = entry.metric
  return { name = metric.engine, config = metric:config(), is_loss = metric.is_loss, weighted = entry.weighted,
    uses_mask = metric.uses_mask }
end

--- Values of the graph that are held against targets, or are themselves losses or metrics. Says of each loss and each
-- metric of the outputs where its sums will be: `output.sums`, `entry.sums` and `entry.observer`.
-- @tparam {table,...} outputs see nn.models.outputs, with targets; their tables get these fields
-- @tparam table source see nn.models.run.source
-- @tparam {integer,...} positions of the outputs' nodes, then of the values'
-- @tparam {[integer]=integer} masks by output the position of its mask's node
-- @tparam boolean is_training
-- @tparam table values see nn.models.run.values
-- @treturn {table,...} as engine.job takes them; `of` is the number of the output
function spec.of_outputs(outputs, source, positions, masks, is_training, values)
  local list = {}
  local function add(fields, i, symbol)
    local weights, rows = source.weights and source.weights[i], rows_of_output(outputs[i], source.n)
    fields.node, fields.mask, fields.of, fields.metrics = positions[i], masks[i], i, {}
    fields.target = source.targets[i]
    if symbol then
      rows = rows_of_value(values.symbols[symbol], source.n)
      fields.node, fields.target, fields.is_value = positions[#outputs + symbol], nil, true
      fields.is_of_batch = fields.is_of_batch or values.symbols[symbol].shape.is_whole
    end
    fields.sample_weight = check_weights(weights, rows, outputs[i])
    list[#list + 1] = fields
    return #list
  end
  for i, output in ipairs(outputs) do
    local weights = source.weights and source.weights[i]
    local own = output.loss:in_training({ source.n, table.unpack(output.shape) }, weights, is_training)
    own.loss_weight = output.weight
    output.sums = add(own, i, values.losses[i])
    local plain = not values.losses[i] and output.sums
    for k, entry in ipairs(output.metrics) do
      local symbol = values.metrics[i][k]
      if not symbol then plain = plain or add({}, i) end
      entry.sums = symbol and add({}, i, symbol) or plain
      local observers = list[entry.sums].metrics
      if entry.metric.is_stateful then
        list[entry.sums].is_kept = true
      else
        observers[#observers + 1] = observer(entry)
        entry.observer = #observers
      end
    end
  end
  return list
end

-- A number of the whole batch, which is a loss or a metric.
local function whole(position)
  return { node = position, is_value = true, metrics = {}, loss_axes = 0 }
end

--- What is added to the loss besides those of the outputs, and what layers have given as metrics.
-- @tparam {table,...} list as `spec.of_outputs` gave it; is added to
-- @tparam {table,...} nodes of the graph; `is_penalty` and `metric_name` say what they are
-- @tparam {integer,...} positions of further penalties
-- @treturn {integer,...} which of the list are penalties
-- @treturn {{name=,sums=,observer=},...} the metrics
function spec.add_values(list, nodes, positions)
  local penalties, metrics = {}, {}
  local function penalize(position)
    local fields = whole(position)
    fields.loss, fields.loss_config = "value", {}
    list[#list + 1] = fields
    penalties[#penalties + 1] = #list
  end
  for _, position in ipairs(positions) do penalize(position) end
  for position, node in ipairs(nodes) do
    if node.is_penalty then penalize(position) end
    if node.metric_name then
      local fields = whole(position)
      fields.metrics[1] = { name = "value", config = {} }
      list[#list + 1] = fields
      metrics[#metrics + 1] = { name = node.metric_name, sums = #list, observer = 1 }
    end
  end
  return penalties, metrics
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
