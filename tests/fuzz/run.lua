-- The program of `make fuzz`: damaged files of one kind for some seconds.
--
--     nnrun build/fuzz/run -- KIND SECONDS SEED FOLDER
package.path = "./?.lua;" .. package.path
local process = require "engine.process"
local files = require "nn.support.files"
local nn = require "nn"
local fuzz = require "tests.fuzz.fuzz"

local name, seconds, seed, folder = ...
if not name then
  print(table.concat(fuzz.names(), " "))
  return
end
assert(fuzz.kinds[name], "no kind " .. name .. "; there are: " .. table.concat(fuzz.names(), ", "))
nn.advice.silence()
files.remove(folder)
assert(files.make_folder(folder))
local ends = process.monotonic() + tonumber(seconds)
local faults, count = fuzz.run(name, folder, math.tointeger(tonumber(seed)), function()
  return process.monotonic() < ends
end)
local seen = {}
for i, fault in ipairs(faults) do
  local message = fault[1]:match "[^\n]+"
  if not seen[message] then
    seen[message] = true
    local kept = ("%s/fault_%d%s"):format(folder, i, fuzz.kinds[name].ending)
    files.write(kept, fault[2])
    print(("%s: %s\n  from %s"):format(name, fault[1], kept))
  end
end
print(("%s: %d damaged files, %d faults"):format(name, count, #faults))
if #faults > 0 then error("not all messages were clean", 0) end
