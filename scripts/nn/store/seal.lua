--- Seals: hashes by which a later change of a file is found.
--
-- Of JSON files the fields are hashed one by one, so that a change can be named. A finished trial carries its seal in
-- its trial.json: the hashes of all other files of its folder and of all other fields of the record.
local lfs = require "lfs"
local hash = require("engine.data").hash
local files = require "nn.support.files"
local json = require "nn.support.json"

local seal = {}

local RECORD, FIELD = "trial.json", "seal" -- where a trial's seal is

--- The hash of a file's bytes.
-- @tparam string path
-- @treturn ?string 32 hexadecimal digits of XXH3; nil where the file cannot be read
function seal.file(path)
  local contents = files.read(path)
  return contents and hash(contents)
end

-- A value's text without line breaks and margins: no text within it has line breaks.
local function on_one_line(text)
  return (text:gsub("\n *", ""):gsub('": ', '":'):gsub("^ ", ""):gsub("[,%s}]*$", ""))
end

--- The hashes of an object's fields, each of its text as `json.encode(object, true)` writes it, whatever its margins.
-- @tparam string text
-- @tparam[opt] {[string]=true} left_out names that do not count; "seal" never does
-- @treturn {[string]=string} hashes by name
function seal.fields(text, left_out)
  local fields, name, start = {}, nil, nil
  local function take(stop)
    local counts = name and name ~= FIELD and not (left_out and left_out[name])
    if counts then fields[name] = hash(on_one_line(text:sub(start, stop))) end
  end
  for position, key, after in text:gmatch '()\n  "([^"\n]*)":()' do
    take(position - 1)
    name, start = key, after
  end
  take(#text)
  return fields
end

--- The hashes of all files in a trial's folder, and in the folders within, but trial.json.
-- @tparam string folder
-- @treturn {[string]=string} hashes by path within the folder
function seal.files(folder)
  local hashes = {}
  local function add(within)
    for _, each in ipairs(files.list(folder .. "/" .. within)) do
      local name = within .. each
      if lfs.attributes(folder .. "/" .. name, "mode") == "directory" then
        add(name .. "/")
      elseif name ~= RECORD then
        hashes[name] = seal.file(folder .. "/" .. name)
      end
    end
  end
  add ""
  return hashes
end

--- The text of a trial's record with its seal in it, to be written when all other files of the folder are complete.
-- @tparam table record
-- @tparam string folder
-- @treturn string
-- @usage Store.write(folder .. "/trial.json", seal.record(record, folder))
function seal.record(record, folder)
  record.seal = nil
  local fields = seal.fields(json.encode(record, true) .. "\n")
  record.seal = { fields = json.object(fields), files = json.object(seal.files(folder)) }
  return json.encode(record, true) .. "\n"
end

local function sorted(set)
  local names = {}
  for name in pairs(set) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- The names under which two sets of hashes differ.
-- @tparam {[string]=string} sealed
-- @tparam {[string]=string} found
-- @treturn {string,...} sorted
function seal.differences(sealed, found)
  local names = {}
  for name, value in pairs(sealed) do names[name] = found[name] ~= value or nil end
  for name in pairs(found) do names[name] = names[name] or sealed[name] == nil or nil end
  return sorted(names)
end

--- What a finished trial is in the seals of its experiment: the hashes of all files of its folder.
-- @tparam string folder
-- @treturn {[string]=string} hashes by name
function seal.trial(folder)
  local hashes = seal.files(folder)
  hashes[RECORD] = seal.file(folder .. "/" .. RECORD)
  return hashes
end

--- Whether a trial's folder is as its own seal says.
-- @tparam table record what its trial.json holds
-- @tparam string text of trial.json
-- @tparam string folder
-- @treturn boolean
function seal.is_intact(record, text, folder)
  local own = record.seal
  return own ~= nil and #seal.differences(own.files, seal.files(folder)) == 0
    and #seal.differences(own.fields, seal.fields(text)) == 0
end

return seal
