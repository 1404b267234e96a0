--- Models called on tensors while a tape is open: each call is one walk through a graph of the engine, and one entry of
-- the tape, whose way back is the graph's own.
--
-- Making a graph costs far more than walking it. So those of a model are kept, and given back when no tape needs their
-- numbers any more; a model that is called twice within one tape has two.
-- @submodule nn.models
local align = require "nn.losses.align"
local as_defined = require "nn.models.as_defined"
local concrete = require "nn.models.concrete"
local feed = require "nn.models.feed"
local fused = require "nn.losses.fused"
local graph = require "engine.graph"
local ids = require "nn.models.run.ids"
local Job = require "nn.models.run.job"
local lowering = require "nn.models.lowering"
local random = require "nn.random"
local masks = require "nn.losses.masks"
local recording = require "nn.tape.recording"

local inner_layers = lowering.inner_layers
local graphs = {}

-- ---- graphs that are kept ------------------------------------------------------------------------------------------

-- By model: { outputs = those it had then, steps = calls in training, by_key = { [key] = list of graphs } }.
local pools = setmetatable({}, { __mode = "k" })

local function pool_of(model)
  local pool = pools[model]
  if not pool or pool.outputs ~= model.outputs then
    pool = { outputs = model.outputs, steps = pool and pool.steps or 0, by_key = {} }
    pools[model] = pool
  end
  return pool
end

-- Adds a letter for each layer: whether it is trained.
local function add_flags(list, model, is_free)
  for _, layer in ipairs(inner_layers(model)) do
    local free = is_free and layer.trainable
    list[#list + 1] = free and "t" or "f"
    if inner_layers(layer) then add_flags(list, layer, free) end
  end
  return list
end

-- What a graph depends on besides the size of the batch.
local function key_of(model, watched, training)
  local list = { training and "training" or "inference" }
  for i, is_watched in ipairs(watched) do list[i + 1] = is_watched and "w" or "-" end
  return table.concat(add_flags(list, model, model.trainable))
end

-- A new graph. Its further outputs are what losses want besides: what stands before an activation at the end, the
-- masks of the outputs, and what layers add to the loss.
-- @treturn table graph, rows, variables, readers (of ids); before: by output { position, name of the activation };
-- masks: by output the position of its mask; added: the positions of what layers add
local function new_graph(model, symbols, watched, training, rows)
  local nodes, inputs, outputs, masks_at = model:lower(nil, symbols, nil, training)
  local all, before, added = table.move(outputs, 1, #outputs, 1, {}), {}, {}
  local function further(position)
    all[#all + 1] = position
    return #all
  end
  for i, position in ipairs(outputs) do
    local node = nodes[position]
    local activation = node and fused.activation_of(node)
    if activation then before[i] = { position = further(node.inputs[1]), activation = activation } end
  end
  for i, position in pairs(masks_at) do masks_at[i] = further(position) end
  for position, node in ipairs(nodes) do
    if node.is_penalty then added[#added + 1] = further(position) end
  end
  local made = graph.new { nodes = nodes, inputs = inputs, outputs = all, rows = rows, training = true,
    watch = watched }
  return { graph = made, rows = rows, variables = made:variables(), readers = ids.readers(nodes, inputs),
    before = before, masks = masks_at, added = added, output_count = #outputs }
end

-- A graph with room for so many rows: one that is free, or a new one in place of one that is too small.
local function take(model, symbols, watched, training, rows)
  local by_key, key = pool_of(model).by_key, key_of(model, watched, training)
  by_key[key] = by_key[key] or {}
  local used = table.remove(by_key[key])
  if not used or used.rows < rows then used = new_graph(model, symbols, watched, training, rows) end
  return used, by_key[key]
end

-- ---- calls ---------------------------------------------------------------------------------------------------------

-- Which numbers a call in training draws: those of `fit`'s updates, which are counted from 0.
local function noise(model)
  model.seed = model.seed or random.next_seed()
  local pool, calls = pool_of(model), model.optimizer and model.optimizer:calls() or 0
  local step = math.max(pool.steps, calls)
  pool.steps = step + 1
  return model.seed, step
end

--- How many calls in training a model had outside of fit: which numbers the next one draws depends on it.
-- @tparam table model
-- @treturn integer
function graphs.steps(model) return model.outputs and pool_of(model).steps or 0 end

--- Sets that number.
function graphs.set_steps(model, steps)
  if model.outputs then pool_of(model).steps = steps end
end

-- The model's inputs as the graph takes them. Changes of their form are recorded like all else.
local function inputs_of(model, x)
  local data, n = feed.inputs(model, x, "x")
  local shaped = concrete.of(model, data)
  local symbols, all = Job.with_lambdas(shaped, data)
  local watched = {}
  for i, each in ipairs(all) do
    local shape = table.move(symbols[i].shape, 1, #symbols[i].shape, 2, { n })
    all[i] = align.floats(align.same(each.shape, shape) and each or each:reshape(shape))
    watched[i] = recording.is_tracked(all[i])
  end
  return all, watched, symbols, n, shaped
end

local function backward(entry, gradients, wanted)
  local used, count = entry.used, entry.input_count
  local result, is_wanted = used.graph:backward(gradients), false
  for i = count + 1, #wanted do is_wanted = is_wanted or wanted[i] end
  if is_wanted then table.move(used.graph:gradients(), 1, #used.variables, count + 1, result) end
  return result
end

-- Whether a layer within some layers gives a number to add_loss.
local function adds_losses(layers)
  for _, layer in ipairs(layers) do
    local inner = inner_layers(layer)
    if rawget(layer, "adds_losses") or inner and adds_losses(inner) then return true end
  end
  return false
end

--- Whether a call gives more than its outputs: masks, or numbers for the loss.
-- @tparam table model
function graphs.has_further(model)
  if not model.outputs then return false end
  local pool = pool_of(model)
  if pool.has_further == nil then
    pool.has_further = adds_losses(model.all_layers)
    for _, output in ipairs(model.outputs) do pool.has_further = pool.has_further or output.mask ~= nil end
  end
  return pool.has_further
end

local function release(entry) table.insert(entry.free, entry.used) end

--- What a model gives for tensors, recorded.
-- @tparam table model
-- @param x a tensor or several, as a call takes them
-- @tparam boolean training whether layers act as in training
-- @return as a call gives it
function graphs.call(model, x, training)
  local inputs, watched, symbols, rows, shaped = inputs_of(model, x)
  local used, free = take(shaped, symbols, watched, training, rows)
  ids.check(used.readers, inputs)
  local seed, step
  if training then seed, step = noise(model) end
  local values, read = used.graph:forward(inputs, training, seed, step), table.move(inputs, 1, #inputs, 1, {})
  recording.add { inputs = table.move(used.variables, 1, #used.variables, #read + 1, read), outputs = values,
    input_count = #inputs, used = used, free = free, backward = backward, release = release }
  for i, before in pairs(used.before) do fused.note(values[i], values[before.position], before.activation) end
  for i, position in pairs(used.masks) do masks.note(values[i], values[position]) end
  local added = {}
  for i, position in ipairs(used.added) do
    local value = values[position]
    added[i] = recording.is_tracked(value) and value or value:item()
  end
  model.added_losses = added
  return as_defined(model, table.move(values, 1, used.output_count, 1, {}))
end

return graphs
