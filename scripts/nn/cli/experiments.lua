--- Which experiment a command is about.
local blame = require "nn.support.blame"
local files = require "nn.support.files"
local lfs = require "lfs"
local nearest = require "nn.support.nearest"

local experiments = {}

local function is_experiment(folder)
  return lfs.attributes(folder .. "/experiment.json", "mode") == "file"
end

local function experiments_in(folder)
  local names = {}
  for _, name in ipairs(files.list(folder)) do
    if is_experiment(folder .. "/" .. name) then names[#names + 1] = name end
  end
  return names
end

--- The folder of the experiment that was written last.
local function newest(reports)
  local best, latest
  for _, name in ipairs(experiments_in(reports)) do
    local folder = reports .. "/" .. name
    local written = lfs.attributes(folder .. "/experiment.json", "modification")
    if not latest or written > latest then best, latest = folder, written end
  end
  return best or blame("there is no experiment in %s; --reports DIR looks elsewhere", reports)
end

-- An experiment is named as in its script, or by its folder.
local function named(name, reports)
  for _, folder in ipairs { reports .. "/" .. name, (name:gsub("(.)/+$", "%1")) } do
    if is_experiment(folder) then return folder end
  end
  local known = experiments_in(reports)
  if #known == 0 then blame("no experiment %s: there is none in %s; --reports DIR looks elsewhere", name, reports) end
  local near = nearest(name, known)
  blame("no experiment %s in %s; %s", name, reports,
    near and "did you mean " .. near .. "?" or "there are: " .. table.concat(known, ", "))
end

--- The folder of an experiment.
-- @tparam ?string name as in its script, or its folder; nil for the one that was written last
-- @tparam string reports the folder of all experiments
-- @treturn string
-- @raise where there is none
function experiments.folder(name, reports)
  return name and named(name, reports) or newest(reports)
end

return experiments
