--- The way back through a record: from the gradient of one result to those of what it was computed from.
local blame = require "nn.support.blame"
local engine = require "engine.tensor"
local recording = require "nn.tape.recording"
local tensor = require "nn.tensor"
local variables = require "nn.tape.variables"

local walk = {}

--- Which entries the sources lead to, and which tensors.
-- @treturn {[entry]=boolean}
-- @treturn {[tensor]=boolean}
local function reached_from(sources, record)
  local reached, leads = {}, {}
  for _, source in ipairs(sources) do reached[source] = record.tracked[source] end
  for _, entry in ipairs(record.entries) do
    for _, input in ipairs(entry.inputs) do
      if reached[input] then
        leads[entry] = true
        break
      end
    end
    for _, output in ipairs(leads[entry] and entry.outputs or {}) do reached[output] = true end
  end
  return leads, reached
end

-- The gradients of an entry's outputs; nil if none has reached one.
local function take(gradients, entry, is_source)
  local list, any = {}, false
  for i, output in ipairs(entry.outputs) do
    list[i] = gradients[output] or false
    any = any or list[i] ~= false
    if not is_source[output] then gradients[output] = nil end
  end
  return any and list or nil
end

local function add(gradients, inputs, given)
  for i, input in ipairs(inputs) do
    local gradient = given[i]
    if gradient then
      local before = gradients[input]
      gradients[input] = before and before + gradient or gradient
    end
  end
end

local function check_unchanged(entry)
  for variable, count in pairs(entry.changes or {}) do
    if engine.changes(variable) ~= count then
      blame("gradient: the variable %s was changed after the tape had recorded what it was used for: ask for all "
        .. "gradients first, then update", variables.name_of(variable))
    end
  end
end

--- The gradient of a number by each of several tensors.
-- @tparam table record see nn.tape.recording
-- @tparam tensor target of one element
-- @tparam {tensor,...} sources
-- @treturn {[tensor]=tensor} by source; nothing for those that are not tracked, or that the target does not depend on
function walk.back(record, target, sources)
  local entries = record.entries
  local leads, reached = reached_from(sources, record)
  local gradients, is_source = { [target] = tensor.ones(target.shape) }, {}
  for _, source in ipairs(sources) do is_source[source] = true end
  for i = #entries, 1, -1 do
    local entry = entries[i]
    local of_outputs = leads[entry] and take(gradients, entry, is_source)
    if of_outputs then
      check_unchanged(entry)
      local wanted = {}
      for k, input in ipairs(entry.inputs) do wanted[k] = reached[input] or false end
      add(gradients, entry.inputs, entry:backward(of_outputs, wanted))
    end
  end
  return gradients
end

-- What a tape has computed is no step that another one can walk back through.
local function refuse()
  blame("gradient: the target depends on a gradient that a tape computed while this one was "
    .. "recording; gradients of gradients are not supported: compute the inner one before this tape is made, "
    .. "or pass it through nn.ops.stop_gradient")
end

--- Lets open tapes know that tensors are gradients of a target.
function walk.mark(target, results)
  if recording.is_on() then recording.add { inputs = { target }, outputs = results, backward = refuse } end
end

return walk
