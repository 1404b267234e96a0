--- Tracing: a Lua function of tensors becomes part of a graph. It is called once with symbolic tensors in place of its
-- arguments, and what it does to them with nn.ops is the graph. While it runs, a layer's weight is symbolic as well:
-- `nn.ops.matmul(x, self.w)` and `2 * self.w` read the weight as it is in each step, not as it is now.
-- @submodule nn.ops
local blame = require "nn.support.blame"
local invoke = require "nn.support.invoke"
local names = require "nn.support.names"
local open_axes = require "nn.layers.base.open_axes"
local recording = require "nn.tape.recording"
local symbolic = require "nn.layers.base.symbolic"
local variables = require "nn.tape.variables"

local trace = {}

local current -- the innermost function that is being traced: { symbols = { [tensor] = symbolic } }

--- What stands for a weight in a graph: one node, and no layer of the user's.
local function symbol_of_weight(t, owner, index)
  local hidden = { is_hidden = true, name = variables.name_of(t), class_name = "Variable" }
  local shape = table.move(t.shape, 1, t.ndim, 1, {})
  shape.is_whole = true
  function hidden:lower_into(emit)
    return emit { layer = "variable", config = { shape = t.shape }, inputs = {}, params = { t }, owner = owner,
      is_constant = owner.weight_is_state[index], what = self.name,
      regularizers = { owner.weight_regularizers[index] }, constraints = { owner.weight_constraints[index] } }
  end
  return symbolic.new(hidden, {}, shape)
end

--- What stands for a variable while a function is traced; nil for another tensor, or if none is traced.
-- @tparam tensor t
-- @treturn ?symbolic
function trace.symbol_of(t)
  if not current or not variables.is(t) then return nil end
  local owner, index = variables.owner_of(t)
  if not owner then
    blame("%s belongs to no layer, so a model cannot train it: make it with self:add_weight in a layer's build",
      variables.name_of(t))
  end
  current.symbols[t] = current.symbols[t] or symbol_of_weight(t, owner, index)
  return current.symbols[t]
end

-- A function that makes more operations of one open axis loops over it.
local MOST = 2000

--- Counts an operation of the function that is being traced.
function trace.count_operation()
  if not current then return end
  current.count = current.count + 1
  if current.count > MOST and open_axes.is_inferring() then
    blame("a loop over an open axis: its length differs from batch to batch, so the loop cannot be made a graph; "
      .. "compute with nn.ops over the whole axis, or give it a length, as in nn.Input{ shape = { 20, 4 } }")
  end
end

--- Whether a function is being traced.
function trace.is_on() return current ~= nil end

--- Marks a number that the function being traced adds to the loss, or shows as a metric.
-- @tparam symbolic number
-- @tparam string field "is_penalty" or "metric_name", and
-- @param value of it
function trace.add(number, field, value)
  rawset(number.layer, field, value)
  table.insert(current.added, number)
end

--- What the function being traced has added so far.
-- @treturn {symbolic,...}
function trace.current_added() return current.added end

--- Calls a function with symbolic arguments. The operations in it leave the numbering of the script's layers alone.
-- @tparam function f
-- @tparam {tensor,...} weights that operators and methods of tensors are to find symbolic, besides those that are
-- trained
-- @param ... its arguments
-- @return what it returns
function trace.call(f, weights, ...)
  require "nn.tape" -- whose operators of tensors go through nn.ops
  local outer, record, numbering = current, recording.new(true), names.state()
  for _, weight in ipairs(weights) do record.tracked[weight] = true end
  current = { symbols = {}, added = {}, count = 0 }
  recording.start(record)
  local _ <close> = setmetatable({}, { __close = function()
    current = outer
    names.restore(numbering)
    recording.stop(record)
  end })
  return invoke(f, ...)
end

return trace
