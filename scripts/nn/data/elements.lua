--- Transformations of elements: map, filter, enumerate, zip, concatenate, unbatch.
local is_tensor = require("engine.tensor").is_tensor
local blame = require "nn.support.blame"
local node = require "nn.data.node"
local pass = require "nn.data.pass"
local stop = require "nn.support.stop"
local structure = require "nn.data.structure"

local elements = {}

local function count_of_input(self) return node.count(self.inputs[1]) end

-- Tells the random numbers of functions from those of shuffles.
local FUNCTIONS = 1 << 20

local function seed_of(self, over) return pass.seed_of(over, nil, FUNCTIONS + self.depth) end

-- ---- map and filter -------------------------------------------------------------------------------------------------

local map = { name = "map", count = count_of_input }

function map.open(self, over, start)
  local read, number, f = node.open(self.inputs[1], over, start), start, self.settings.f
  local seed = seed_of(self, over)
  return function()
    local element = read()
    if not element then return nil end
    number = number + 1
    return structure.element("map: what the function returned for element %d", number,
      pass.call(seed, over.epoch, number, f, table.unpack(element, 1, element.n)))
  end
end

--- @tparam node input
-- @tparam function f
function elements.map(input, f)
  return node.new(map, { f = f }, { input })
end

local filter = { name = "filter" }

function filter.count(self)
  return count_of_input(self) == 0 and 0 or nil
end

local function is_kept(found, number)
  if type(found) == "boolean" then return found end
  if is_tensor(found) and found.size == 1 then found = found:sum() end
  if type(found) == "number" then return found ~= 0 end
  blame("filter: expected the function to return true or false, or 1 or 0, for element %d, got %s", number,
    blame.got(found))
end

function filter.open(self, over, start)
  local read, number, f = node.open(self.inputs[1], over), 0, self.settings.f
  local seed = seed_of(self, over)
  return node.drop(function()
    for element in read do
      number = number + 1
      if is_kept(pass.call(seed, over.epoch, number, f, table.unpack(element, 1, element.n)), number) then
        return element
      end
      stop.check()
    end
  end, start)
end

--- @tparam node input
-- @tparam function f
function elements.filter(input, f)
  return node.new(filter, { f = f }, { input })
end

-- ---- enumerate ------------------------------------------------------------------------------------------------------

local enumerate = { name = "enumerate", count = count_of_input }

function enumerate.open(self, over, start)
  local read, number = node.open(self.inputs[1], over, start), self.settings.start + start - 1
  return function()
    local element = read()
    number = number + 1
    return element and { n = element.n + 1, number, table.unpack(element, 1, element.n) }
  end
end

--- @tparam node input
-- @tparam integer start
function elements.enumerate(input, start)
  return node.new(enumerate, { start = start }, { input })
end

-- ---- zip and concatenate --------------------------------------------------------------------------------------------

local zip = { name = "zip" }

function zip.count(self)
  local least = math.huge
  for _, input in ipairs(self.inputs) do
    local count = node.count(input)
    if not count then return nil end
    least = math.min(least, count)
  end
  return least
end

-- An element of several values counts as one value, a list.
local function as_value(element)
  return element.n == 1 and element[1] or table.move(element, 1, element.n, 1, {})
end

function zip.open(self, over, start)
  local reads = {}
  for i, input in ipairs(self.inputs) do reads[i] = node.open(input, pass.part(over, i - 1), start) end
  return function()
    local element = { n = #reads }
    for i, read in ipairs(reads) do
      local part = read()
      if not part then return nil end
      element[i] = as_value(part)
    end
    if not self.settings.names then return element end
    local by_name = {}
    for i, name in ipairs(self.settings.names) do by_name[name] = element[i] end
    return { n = 1, by_name }
  end
end

--- @tparam {node,...} inputs
-- @tparam ?{string,...} names of the values, if they were given by name
function elements.zip(inputs, names)
  return node.new(zip, { names = names }, inputs)
end

local concatenate = { name = "concatenate" }

function concatenate.count(self)
  local first, second = node.count(self.inputs[1]), node.count(self.inputs[2])
  if first == math.huge or second == math.huge then return math.huge end
  return first and second and first + second
end

function concatenate.open(self, over, start)
  local first = node.count(self.inputs[1])
  local number, read = 1, nil
  if first and start >= first then number, start = 2, start - first end
  local function next_element()
    while number <= 2 do
      read = read or node.open(self.inputs[number], pass.part(over, number - 1), first and start or 0)
      local element = read()
      if element then return element end
      number, read, start = number + 1, nil, first and 0 or start
    end
  end
  return first and next_element or node.drop(next_element, start)
end

--- @tparam node first
-- @tparam node second
function elements.concatenate(first, second)
  return node.new(concatenate, {}, { first, second })
end

-- ---- unbatch --------------------------------------------------------------------------------------------------------

local unbatch = { name = "unbatch" }

function unbatch.count() return nil end

function unbatch.open(self, over, start)
  local read, batch, row, rows = node.open(self.inputs[1], over), nil, 0, 0
  return node.drop(function()
    while row == rows do
      batch = read()
      if not batch then return nil end
      row, rows = 0, structure.row_count(batch, "unbatch")
    end
    row = row + 1
    return structure.row(batch, row)
  end, start)
end

-- Batches of rows are the rows.
function unbatch.plan(self)
  local below = node.plan(self.inputs[1])
  if not (below and below.batch) then return nil end
  return { columns = below.columns, count = below.count, positions = below.positions }
end

--- @tparam node input
function elements.unbatch(input)
  return node.new(unbatch, {}, { input }, false)
end

return elements
