--- Plans: datasets that take rows of tensors in memory in some order, and perhaps in batches. What has a plan need not
-- be computed element by element: a batch is one gather, and `fit` hands tensors and order to the engine.
--
-- A plan has
--
-- - columns: an element of tensors and lists, all with the same number of rows
-- - count: how many rows the dataset takes
-- - positions: function(pass) -> int32 tensor (count), positions from 0; nil if it takes all rows as they lie
-- - batch: how many rows an element has; nil if each row is an element
local engine_random = require "engine.random"
local stop = require "nn.support.stop"
local structure = require "nn.data.structure"
local tensor = require "nn.tensor"

local plan = {}

--- The plan of all rows, one after the other.
-- @tparam element columns
-- @tparam integer count how many rows they have
function plan.of_rows(columns, count)
  return { columns = columns, count = count, positions = function() return nil end }
end

--- The same with other positions.
-- @tparam table self
-- @tparam integer count
-- @tparam function positions
function plan.with(self, count, positions)
  return { columns = self.columns, count = count, positions = positions, batch = self.batch }
end

--- The positions of a pass, also where rows are taken as they lie.
-- @treturn tensor int32
function plan.positions(self, pass)
  return self.positions(pass) or tensor.arange(self.count, "int32")
end

--- Some of the rows.
-- @tparam table self
-- @tparam integer first from 1
-- @tparam integer last
function plan.part(self, first, last)
  return plan.with(self, last - first + 1, function(pass)
    if last < first then return tensor.zeros({ 0 }, "int32") end
    return plan.positions(self, pass)[{ { first, last } }]:copy()
  end)
end

--- Opens the dataset of a plan: each call of the result gives the next element, nil after the last.
-- @tparam table self
-- @tparam table pass
-- @tparam integer start how many elements to leave out
-- @treturn function
function plan.open(self, pass, start)
  local positions, size = self.positions(pass), self.batch or 1
  local list = positions and not self.batch and positions:totable()
  local done = start * size
  return function()
    if done >= self.count then return nil end
    local first, last = done + 1, math.min(done + size, self.count)
    done = last
    if not self.batch then return structure.row(self.columns, list and list[first] + 1 or first) end
    if not positions then return structure.slice(self.columns, first, last) end
    return structure.gather(self.columns, positions[{ { first, last } }])
  end
end

-- ---- shuffling ------------------------------------------------------------------------------------------------------

local BLOCK = 1024 -- random numbers that are drawn at a time

--- Random places in a buffer, one after the other.
-- @tparam integer seed
-- @tparam integer epoch
-- @treturn function(size) a whole number from 1 to size
function plan.draws(seed, epoch)
  local numbers, used, block = {}, BLOCK, 0
  return function(size)
    if used == BLOCK then
      block, used = block + 1, 0
      numbers = engine_random.uniform(engine_random.derive(seed, block), epoch, { BLOCK }, 0, 1):totable()
    end
    used = used + 1
    return math.min(size, math.floor(numbers[used] * size) + 1)
  end
end

--- The order in which a shuffle with a buffer gives so many elements, by the rule of tf.data: the buffer is filled with
-- the first elements; then one of it is given at random, and the next element takes its place.
-- @tparam integer count
-- @tparam integer buffer
-- @tparam integer seed
-- @tparam integer epoch
-- @treturn tensor int32 positions from 0
function plan.shuffled(count, buffer, seed, epoch)
  if buffer >= count then return engine_random.permutation(seed, epoch, count) end
  local draw, kept, order, size = plan.draws(seed, epoch), {}, {}, buffer
  for i = 1, buffer do kept[i] = i - 1 end
  for i = 1, count do
    if i % BLOCK == 0 then stop.check() end
    local place, coming = draw(size), buffer + i - 1
    order[i] = kept[place]
    if coming < count then
      kept[place] = coming
    else
      kept[place], size = kept[size], size - 1
    end
  end
  return tensor.tensor(order, "int32")
end

return plan
