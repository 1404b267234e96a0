--- Transformations that change which elements come and when: shuffle, take, skip, repeat, shard, cache, prefetch.
local engine_random = require "engine.random"
local node = require "nn.data.node"
local pass = require "nn.data.pass"
local plan = require "nn.data.plan"
local tensor = require "nn.tensor"

local orders = {}

local function count_of_input(self) return node.count(self.inputs[1]) end

local function plan_of_input(self) return node.plan(self.inputs[1]) end

-- ---- shuffle --------------------------------------------------------------------------------------------------------

local shuffle = { name = "shuffle", count = count_of_input }

local function stream_of(self, over)
  local settings = self.settings
  return pass.seed_of(over, settings.seed, self.shuffles - 1),
    settings.reshuffle_each_iteration and over.epoch or 1
end

function shuffle.plan(self)
  local below = plan_of_input(self)
  if not below or below.batch or below.count == 0 then return nil end
  return plan.with(below, below.count, function(over)
    local order = plan.shuffled(below.count, self.settings.buffer_size, stream_of(self, over))
    local positions = below.positions(over)
    return positions and positions:gather(order + 1) or order
  end)
end

-- The first elements, at most so many; and the one after them, nil if these are all.
local function fill(read, most)
  local list, element = {}, read()
  while element and #list < most do
    list[#list + 1] = element
    element = read()
  end
  return list, element
end

local function in_order(list, order)
  local done = 0
  return function()
    done = done + 1
    return order[done] and list[order[done] + 1]
  end
end

function shuffle.open(self, over, start)
  local read, size = node.open(self.inputs[1], over), self.settings.buffer_size
  local seed, epoch = stream_of(self, over)
  local kept, coming = fill(read, size)
  if not coming then
    local order = #kept > 0 and engine_random.permutation(seed, epoch, #kept):totable() or {}
    return node.drop(in_order(kept, order), start)
  end
  local draw = plan.draws(seed, epoch)
  return node.drop(function()
    if #kept == 0 then return nil end
    local place = draw(#kept)
    local element = kept[place]
    kept[place] = coming or kept[#kept]
    if not coming then kept[#kept] = nil end
    coming = coming and read()
    return element
  end, start)
end

--- @tparam node input
-- @tparam table settings buffer_size, seed, reshuffle_each_iteration
function orders.shuffle(input, settings)
  return node.new(shuffle, settings, { input })
end

-- ---- take and skip --------------------------------------------------------------------------------------------------

local take = { name = "take" }

function take.count(self)
  local below = count_of_input(self)
  return below and math.min(below, self.settings.count)
end

function take.plan(self)
  local below = plan_of_input(self)
  return below and plan.part(below, 1, math.min(below.count, self.settings.count * (below.batch or 1)))
end

function take.open(self, over, start)
  local read, left = nil, self.settings.count - start
  return function()
    if left <= 0 then return nil end
    read = read or node.open(self.inputs[1], over, start)
    left = left - 1
    return read()
  end
end

--- @tparam node input
-- @tparam integer count math.maxinteger for all
function orders.take(input, count)
  return node.new(take, { count = count }, { input })
end

local skip = { name = "skip" }

function skip.count(self)
  local below = count_of_input(self)
  return below and math.max(0, below - self.settings.count)
end

function skip.plan(self)
  local below = plan_of_input(self)
  local rows = below and self.settings.count * (below.batch or 1)
  return below and plan.part(below, math.min(rows, below.count) + 1, below.count)
end

function skip.open(self, over, start)
  return node.open(self.inputs[1], over, start + self.settings.count)
end

--- @tparam node input
-- @tparam integer count
function orders.skip(input, count)
  return node.new(skip, { count = count }, { input })
end

-- ---- repeat ---------------------------------------------------------------------------------------------------------

local again = { name = "repeated" }

local MOST_POSITIONS = 1 << 24 -- that a plan may hold

function again.count(self)
  local below = count_of_input(self)
  if below == 0 or self.settings.count == 0 then return 0 end
  return below and below * self.settings.count
end

function again.plan(self)
  local below, times = plan_of_input(self), self.settings.count
  if not below or times == math.huge or below.count * times > MOST_POSITIONS then return nil end
  if times == 0 or below.batch and below.count % below.batch ~= 0 then return nil end
  return plan.with(below, below.count * times, function(over)
    local list = {}
    for i = 1, times do list[i] = plan.positions(below, pass.part(over, i - 1)) end
    return tensor.concatenate(list, 1)
  end)
end

function again.open(self, over, start)
  local below, times, number, read = count_of_input(self), self.settings.count, 0, nil
  if below and below > 0 and below ~= math.huge then number, start = start // below, start % below end
  local is_empty = false
  local function next_element()
    while number < times and not is_empty do
      local is_new = read == nil
      read = read or node.open(self.inputs[1], pass.part(over, number), start)
      local element = read()
      if element then return element end
      is_empty = is_new and start == 0
      read, number, start = nil, number + 1, 0
    end
  end
  if below then return next_element end
  local left = start
  start = 0
  return node.drop(next_element, left)
end

--- @tparam node input
-- @tparam number count math.huge: without end
function orders.repeated(input, count)
  return node.new(again, { count = count }, { input })
end

-- ---- shard ----------------------------------------------------------------------------------------------------------

local shard = { name = "shard" }

function shard.count(self)
  local below, settings = count_of_input(self), self.settings
  if not below or below == math.huge then return below end
  return (below - settings.index + settings.num_shards) // settings.num_shards
end

function shard.plan(self)
  local below, settings = plan_of_input(self), self.settings
  if not below or below.batch then return nil end
  local list = {}
  for i = settings.index, below.count, settings.num_shards do list[#list + 1] = i end
  if #list == 0 then return nil end
  local own = tensor.tensor(list, "int32")
  return plan.with(below, #list, function(over) return plan.positions(below, over):gather(own) end)
end

function shard.open(self, over, start)
  local settings = self.settings
  local read = node.open(self.inputs[1], over, settings.index - 1 + start * settings.num_shards)
  local is_first = true
  return function()
    if not is_first then node.drop(read, settings.num_shards - 1) end
    is_first = false
    return read()
  end
end

--- @tparam node input
-- @tparam integer num_shards
-- @tparam integer index from 1
function orders.shard(input, num_shards, index)
  return node.new(shard, { num_shards = num_shards, index = index }, { input })
end

-- ---- cache and prefetch ---------------------------------------------------------------------------------------------

local cache = { name = "cache", count = count_of_input }

function cache.plan(self)
  local below = plan_of_input(self)
  return below and plan.with(below, below.count, function() return below.positions(pass.once()) end)
end

-- What is kept does not depend on who reads first, or resuming a run would change it.
function cache.open(self, _, start)
  local list, read = self.kept or {}, nil
  local done = 0
  return node.drop(function()
    done = done + 1
    if self.kept then return self.kept[done] end
    read = read or node.open(self.inputs[1], pass.once())
    list[done] = read()
    if not list[done] then self.kept = list end
    return list[done]
  end, start)
end

--- A kind that keeps what it reads in a better form than elements has `cached`.
-- @tparam node input
function orders.cache(input)
  if input.kind.cached then return input.kind.cached(input) end
  return node.new(cache, {}, { input })
end

local prefetch = { name = "prefetch", count = count_of_input, plan = plan_of_input }

function prefetch.open(self, over, start) return node.open(self.inputs[1], over, start) end

--- @tparam node input
function orders.prefetch(input)
  return node.new(prefetch, {}, { input })
end

return orders
