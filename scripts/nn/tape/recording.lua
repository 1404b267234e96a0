--- What the tapes that are open write down of a computation.
--
-- An entry is one step of it: { inputs = tensors, outputs = tensors, backward = function(entry, gradients of the
-- outputs (false where there is none), which inputs' are wanted) -> gradients of the inputs }; and perhaps release =
-- function(entry), called when no tape needs it any more. A tape writes an entry down only if it tracks one of the
-- inputs: a tensor that it watches, a variable that is trained, or an output of an earlier entry. Several tapes may
-- write down the same one.
local engine = require "engine.tensor"
local variables = require "nn.tape.variables"

local recording = {
  begun = function() end, -- called when the first of the open tapes begins to record
  ended = function() end, -- and when the last one has stopped
}

local open = {} -- the records that are written to now

--- A record of nothing yet.
-- @tparam boolean watches_variables whether variables that are trained are tracked
function recording.new(watches_variables)
  return { watches_variables = watches_variables, entries = {}, tracked = {}, read = {} }
end

--- Begins to write to a record.
function recording.start(record)
  open[#open + 1] = record
  if #open == 1 then recording.begun() end
end

--- Stops writing to a record.
-- @treturn boolean whether it was written to
function recording.stop(record)
  for i, each in ipairs(open) do
    if each == record then
      table.remove(open, i)
      if #open == 0 then recording.ended() end
      return true
    end
  end
  return false
end

--- Forgets what is in a record.
function recording.clear(record)
  for _, entry in ipairs(record.entries) do
    entry.users = entry.users - 1
    if entry.users == 0 and entry.release then entry:release() end
  end
  record.entries, record.tracked, record.read = {}, {}, {}
end

--- Whether anything is recorded now.
function recording.is_on() return open[1] ~= nil end

-- Whether a record follows a tensor. Of variables it notes that they were read.
local function is_tracked_by(record, t)
  if record.tracked[t] then return true end
  if not record.watches_variables or not variables.is_trainable(t) then return false end
  record.tracked[t] = true
  record.read[#record.read + 1] = t
  return true
end

local function tracks_any(record, tensors)
  local any = false
  for i = 1, #tensors do any = is_tracked_by(record, tensors[i]) or any end
  return any
end

--- Whether an open tape follows a tensor.
function recording.is_tracked(t)
  for i = 1, #open do
    local record = open[i]
    if record.tracked[t] or record.watches_variables and variables.is_trainable(t) then return true end
  end
  return false
end

--- Whether an open tape follows any tensor of a list.
function recording.tracks(tensors)
  for i = 1, #tensors do
    if recording.is_tracked(tensors[i]) then return true end
  end
  return false
end

-- How often each variable that is read has been assigned to: the way back needs the numbers of the way there.
local function note_changes(entry)
  for i = 1, #entry.inputs do
    local input = entry.inputs[i]
    if variables.is(input) then
      entry.changes = entry.changes or {}
      entry.changes[input] = engine.changes(input)
    end
  end
end

--- Writes an entry into each open record that tracks one of its inputs.
function recording.add(entry)
  entry.users = 0
  note_changes(entry)
  for i = 1, #open do
    local record = open[i]
    if tracks_any(record, entry.inputs) then
      record.entries[#record.entries + 1] = entry
      for k = 1, #entry.outputs do record.tracked[entry.outputs[k]] = true end
      entry.users = entry.users + 1
    end
  end
  if entry.users == 0 and entry.release then entry:release() end
end

return recording
