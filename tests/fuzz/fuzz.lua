-- Reads damaged files of a kind until it is told to stop; tells of each that gave more than a clean message.
local Mutator = require "tests.fuzz.mutate"
local kinds = require "tests.fuzz.kinds"
local verdict = require "tests.fuzz.verdict"

local fuzz = { kinds = kinds }

local function write(path, contents)
  local file <close> = assert(io.open(path, "wb"))
  file:write(contents)
end

-- The names of all kinds, sorted.
function fuzz.names()
  local names = {}
  for name in pairs(kinds) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- Tries damaged files. The last one stays in the folder, for the case that nnrun dies of it.
-- @tparam string name of the kind
-- @tparam string folder to work in
-- @tparam integer seed
-- @tparam function goes_on of how many were tried: whether to go on
-- @treturn {{string,string},...} messages that were not clean, each with the file that gave it
-- @treturn integer how many files were tried
function fuzz.run(name, folder, seed, goes_on)
  local kind, mutator, faults, count = kinds[name], Mutator.new(seed), {}, 0
  local samples, path = kind.samples(folder), folder .. "/damaged" .. kind.ending
  local function try(contents)
    write(path, contents)
    local fault = verdict.of(kind.try, path, mutator)
    if fault then faults[#faults + 1] = { fault, contents } end
  end
  for _, sample in ipairs(samples) do try(sample) end
  while goes_on(count) do
    try(kind.mutated(mutator, mutator:pick(samples)))
    count = count + 1
  end
  return faults, count
end

return fuzz
