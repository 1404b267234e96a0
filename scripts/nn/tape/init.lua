--- Gradients of what a script computes (`nn.GradientTape`), after TensorFlow's tape.
--
--     local x = nn.tensor{ 1, 2, 3 }
--     local tape <close> = nn.GradientTape()
--     tape:watch(x)
--     local y = nn.ops.sum(x ^ 2)
--     print(tape:gradient(y, x))                       --> [2. 4. 6.]
--
-- A tape records from when it is made until `gradient` is called, or with `persistent = true` until its block ends:
-- operations of nn.ops, operators and methods of tensors, calls of layers, models and losses, if they depend on
-- something that the tape watches. Variables that are trained, such as a layer's weights, are watched by themselves.
-- Several tapes may be open, each with a gradient of its own; gradients of gradients are not supported.
-- While a tape is open, what is computed from a watched tensor is a tensor, also without axes, where outside of tapes
-- it would be a Lua number: `loss:item()` reads it.
-- @submodule nn
local arguments = require "nn.support.arguments"
local base = require "nn.ops.base"
local blame = require "nn.support.blame"
local kinds = require "nn.support.kinds"
local operations = require "engine.operations"
local operators = require "nn.tape.operators"
local properties = require "nn.support.properties"
local recording = require "nn.tape.recording"
local stop = require "nn.support.stop"
local tensor = require "nn.tensor"
local variables = require "nn.tape.variables"
local walk = require "nn.tape.walk"

require "nn.ops"

local tape = {}

-- ---- operations ----------------------------------------------------------------------------------------------------

local function operation_backward(entry, gradients, wanted)
  return operations.gradient(entry.name, entry.config, entry.inputs, entry.outputs[1], gradients[1], wanted)
end

local function record_operation(name, config, inputs, output)
  if not recording.tracks(inputs) or not operations.has_gradient(name) then return end
  recording.add { name = name, config = config, inputs = inputs, outputs = { output }, backward = operation_backward }
end

function recording.begun()
  base.recorder = record_operation
  operators.install()
end

function recording.ended()
  base.recorder = nil
  operators.remove()
end

-- ---- tapes ---------------------------------------------------------------------------------------------------------

local Tape = {}
local meta = { __name = "nn.tape" }

local read_options = arguments.options("GradientTape", {
  { "persistent", false }, { "watch_accessed_variables", true },
})

--- A tape that records from now on. Declare it with `<close>`: it ends with its block, also after an error.
-- @function GradientTape
-- @tparam[opt] table options persistent (false): whether gradient may be called several times;
-- watch_accessed_variables (true): whether variables that are trained are watched by themselves
-- @treturn tape
-- @usage local tape <close> = nn.GradientTape{ persistent = true }
function tape.GradientTape(options)
  local given = read_options(options)
  local self = setmetatable({ record = recording.new(given.watch_accessed_variables),
    is_persistent = given.persistent, is_over = false, is_used = false }, meta)
  recording.start(self.record)
  return self
end

-- Ends a tape: it neither records nor keeps anything from now on.
local function finish(self)
  recording.stop(self.record)
  recording.clear(self.record)
  self.is_over = true
end
meta.__close, meta.__gc = finish, finish

local function require_open(self, what)
  if not self.is_over then return end
  if self.is_used and not self.is_persistent then
    blame("%s: this tape has given its gradients and is over: ask for all of them in one call, as in "
      .. "tape:gradient(loss, { x, w }), or make it with nn.GradientTape{ persistent = true }", what)
  end
  blame("%s: the block of this tape has ended, which closes it: call %s within the block that begins with "
    .. "local tape <close> = nn.GradientTape()", what, what)
end

-- Calls a function with each tensor of a tensor or of nested lists, and its place there, such as "[2][1]".
local function for_each(value, what, visit, place)
  place = place or ""
  if tensor.is_tensor(value) then return visit(value, place) end
  if type(value) ~= "table" or getmetatable(value) then
    blame("%s: expected tensors, or lists of them, got %s", what .. place, blame.got(value))
  end
  for key, each in pairs(value) do
    for_each(each, what, visit, place .. (type(key) == "string" and "." .. key or ("[%s]"):format(key)))
  end
end

--- Lets a tape follow tensors: what is computed from them from now on has a gradient by them.
-- @function tape:watch
-- @tparam tensor|table x a float32 tensor, or nested lists of them
-- @usage
-- local tape <close> = nn.GradientTape()
-- tape:watch(x)
function Tape:watch(x)
  require_open(self, "watch")
  for_each(x, "watch", function(t, place)
    if t.dtype ~= "float32" then
      blame("watch%s: expected a float32 tensor, got %s: convert it with x:astype \"float32\" and watch that", place,
        t.dtype)
    end
    self.record.tracked[t] = true
    if variables.is(t) then table.insert(self.record.read, t) end
  end)
end

--- The variables that a tape has met, in the order in which they were first used.
-- @function tape:watched_variables
-- @treturn {tensor,...}
-- @usage
-- local w, tape <close> = nn.Variable(2), nn.GradientTape()
-- local y = w * 3
-- for _, variable in ipairs(tape:watched_variables()) do print(variable.name) end
function Tape:watched_variables()
  return table.move(self.record.read, 1, #self.record.read, 1, {})
end

--- Calls a function whose computations this tape does not record.
-- @function tape:stop_recording
-- @tparam function f
-- @param ... its arguments
-- @return what f returns
-- @usage
-- local tape <close> = nn.GradientTape()
-- local p = tape:stop_recording(function() return model(x) end)
function Tape:stop_recording(f, ...)
  require_open(self, "stop_recording")
  if not recording.stop(self.record) then return f(...) end
  local _ <close> = setmetatable({}, { __close = function()
    if not self.is_over then recording.start(self.record) end
  end })
  return f(...)
end

--- Forgets what was recorded and watched, and records anew.
-- @function tape:reset
-- @usage
-- local tape <close> = nn.GradientTape()
-- tape:reset()
function Tape:reset()
  require_open(self, "reset")
  recording.clear(self.record)
end

-- ---- gradients -----------------------------------------------------------------------------------------------------

local read_gradient = arguments.options("gradient", { { "unconnected_gradients", nil, kinds.one_of("none", "zero") } })

local function check_target(self, target)
  if not tensor.is_tensor(target) then
    blame("gradient: target: expected a tensor that was computed while the tape recorded, got %s%s", blame.got(target),
      type(target) == "number" and "; a number has no gradient: nothing that the tape watches led to it" or "")
  elseif target.size ~= 1 then
    blame("gradient: target: expected one number, got a tensor of %s: take its nn.ops.mean or nn.ops.sum",
      table.concat(target.shape, "x"))
  end
  return self.record.tracked[target]
end

-- The target does not depend on a source; says what may be the reason.
local function refuse(self, source, place, is_recorded)
  local name = variables.name_of(source)
  local what = name and "the variable " .. name or "source" .. (place ~= "" and " " .. place or "")
  local reason = "it does not lead to the target through operations that have a gradient"
  if not is_recorded then
    reason = "nothing that the tape watches led to the target; compute it after the tape was made"
  elseif name and not variables.is_trainable(source) and not self.record.tracked[source] then
    reason = "it is not trained; call tape:watch(variable) first"
  elseif not name and not self.record.tracked[source] then
    reason = "the tape does not watch it; call tape:watch(x) before computing with it"
  end
  blame("gradient: the target does not depend on %s (a tensor of %s): %s. unconnected_gradients = \"zero\" gives "
    .. "zeros, \"none\" false", what, #source.shape == 0 and "no axes" or table.concat(source.shape, "x"), reason)
end

-- The sources' nesting with other things in it.
local function map(value, change)
  if tensor.is_tensor(value) then return change(value) end
  local result = {}
  for key, each in pairs(value) do result[key] = map(each, change) end
  return result
end

--- The gradient of a number by tensors. Unless the tape is persistent this ends it.
-- @function tape:gradient
-- @tparam tensor target of one number, computed while the tape recorded
-- @tparam tensor|table sources a tensor that is watched, a variable, or nested lists of them
-- @tparam[opt] table options unconnected_gradients: what there is for a source that the target does not depend on:
-- "zero": zeros, "none": false; by default that is an error
-- @treturn tensor|table the gradients, of the sources' shapes and nesting
-- @raise if the target is no number, if it does not depend on a source, or if the tape is over
-- @usage
-- local tape <close> = nn.GradientTape()
-- tape:watch(x)
-- local bias = nn.Variable(nn.zeros{ 4 })
-- local loss = nn.ops.mean((x + bias) ^ 2)
-- local by_x, by_bias = table.unpack(tape:gradient(loss, { x, bias }))
function Tape:gradient(target, sources, options)
  local unconnected = read_gradient(options).unconnected_gradients
  require_open(self, "gradient")
  stop.check()
  local is_recorded, list, places = check_target(self, target), {}, {}
  for_each(sources, "gradient: sources", function(source, place) list[#list + 1], places[source] = source, place end)
  if #list == 0 then
    blame("gradient: sources: expected at least one tensor, got an empty list; a model has its weights after its first "
      .. "call")
  end
  if not self.is_persistent then recording.stop(self.record) end
  local gradients = is_recorded and walk.back(self.record, target, list) or {}
  for _, source in ipairs(list) do
    if not gradients[source] then
      if not unconnected then refuse(self, source, places[source], is_recorded) end
      gradients[source] = unconnected == "zero" and tensor.zeros(source.shape)
    end
  end
  local results = {}
  for _, source in ipairs(list) do results[#results + 1] = gradients[source] or nil end
  walk.mark(target, results)
  self.is_used = true
  if not self.is_persistent then finish(self) end
  return map(sources, function(source) return gradients[source] end)
end

-- ---- steps ----------------------------------------------------------------------------------------------------------

--- A training step of one's own as a function, where TensorFlow has `tf.function`.
--
-- Models, losses, gradients and updates within it are computed by the engine, whose graphs are kept from call to call
-- by the shapes of the batches; nothing is left to trace. So the function is called as it is each time, and unlike in
-- TensorFlow `print` and other side effects happen in every call. What it computes is the same as without `compile`.
-- @function compile
-- @tparam function step
-- @treturn function with the same arguments and results
-- @usage
-- local train_step = nn.compile(function(xs, ys)
--   local tape <close> = nn.GradientTape()
--   local loss = nn.losses.mean_squared_error(ys, model(xs, { training = true })):mean()
--   optimizer:apply(tape:gradient(loss, model.trainable_variables), model.trainable_variables)
--   return loss
-- end)
function tape.compile(step)
  if type(step) ~= "function" then
    blame("nn.compile: expected a function, got %s; a model is compiled by model:compile{...}", blame.got(step))
  end
  return function(...)
    stop.check()
    return step(...)
  end
end

properties.add(meta, { methods = arguments.limit_methods("tape", Tape, function(value)
  return getmetatable(value) == meta
end), title = "a gradient tape" })

return tape
