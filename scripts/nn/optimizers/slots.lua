--- An optimizer's state vectors (its slots): those of each variable, whoever updates it.
--
-- A variable is known by its tensor, which may move to other memory, or by its memory, which another tensor may see.
local engine = require "engine.tensor"
local tensor = require "nn.tensor"

local Slots = {}
Slots.__index = Slots

local function weak() return setmetatable({}, { __mode = "k" }) end

--- No state yet.
function Slots.new()
  return setmetatable({ by_tensor = weak(), by_memory = weak() }, Slots)
end

-- Where a variable's memory is: what holds the states of one owner of memory, and the key there.
local function place_of(self, variable)
  local owner, address = engine.place(variable)
  self.by_memory[owner] = self.by_memory[owner] or {}
  return self.by_memory[owner], ("%d:%d"):format(address, variable.size)
end

--- The state of a variable.
-- @treturn ?{tensor,...} one a slot, of the variable's shape; nil where it was never updated
function Slots:find(variable)
  local state = self.by_tensor[variable]
  if state then return state end
  local places, key = place_of(self, variable)
  self.by_tensor[variable] = places[key]
  return places[key]
end

--- The states of variables; nil if one was never updated.
-- @treturn ?{{tensor,...},...}
function Slots:find_all(variables)
  local states = {}
  for i, variable in ipairs(variables) do
    states[i] = self:find(variable)
    if not states[i] then return nil end
  end
  return states
end

local function new_blocks(kinds, size)
  local blocks = {}
  for i, kind in ipairs(kinds) do blocks[i] = tensor.full({ size }, kind.start) end
  return blocks
end

-- The moving average of a variable begins with its value.
local function new_state(kinds, blocks, first, variable)
  local state, shape, last = {}, variable.shape, first + variable.size - 1
  for i, kind in ipairs(kinds) do
    state[i] = blocks[i][{ { first, last } }]:reshape(shape)
    if kind.name == "average" then state[i][{}] = variable end
  end
  return state
end

--- The states of variables, made where there are none. New ones lie side by side, so that one update can take them all.
-- @tparam {{name=string,start=number},...} kinds of slots
-- @tparam {tensor,...} variables
-- @treturn {{tensor,...},...} of each variable, one a slot
function Slots:of(kinds, variables)
  local states, size, first = {}, 0, 1
  for i, variable in ipairs(variables) do
    states[i] = self:find(variable)
    if not states[i] then size = size + variable.size end
  end
  local blocks = size > 0 and new_blocks(kinds, size)
  for i, variable in ipairs(variables) do
    states[i] = states[i] or self:find(variable) -- the same variable may stand there twice
    if not states[i] then
      local places, key = place_of(self, variable)
      states[i] = new_state(kinds, blocks, first, variable)
      self.by_tensor[variable], places[key] = states[i], states[i]
      first = first + variable.size
    end
  end
  return states
end

return Slots
