--- Where a trial's numbers come from: a copy of the script, and what git knows of the repository it lies in.
--
-- Copies are named by their contents, reports/NAME/source/CHECKSUM.lua and CHECKSUM.diff: a run of the same script adds
-- nothing, and a trial of an earlier run still finds its own.
local hash = require("engine.data").hash
local files = require "nn.files"
local json = require "nn.json"
local session = require "nn.session"
local Store = require "nn.store"

local source = {}

local LONGEST_DIFF = 10 << 20 -- bytes
local ID_DIGITS = 16

local function output_of(folder, words)
  local pipe = io.popen(("git -C '%s' %s 2>/dev/null"):format(folder:gsub("'", "'\\''"), words))
  local text = pipe and pipe:read(LONGEST_DIFF)
  return pipe and pipe:close() and text or nil
end

--- Keeps a text under the name of its contents.
-- @treturn string the name
local function keep(folder, text, ending)
  local name = hash(text):sub(1, ID_DIGITS) .. ending
  local path = folder .. "/source/" .. name
  if files.read(path) ~= text then
    Store.check(files.make_folder(folder .. "/source"))
    Store.write(path, text)
  end
  return "source/" .. name
end

--- Copies the script that is running, and what changed in its repository since the last commit, to the folder of an
-- experiment.
-- @tparam string folder of the experiment
-- @treturn ?table script (as given), arguments (its own), copy; with git: commit, and diff where something was changed;
-- the paths of copy and diff count from the experiment's folder. Nil where no script is running
function source.keep(folder)
  local script = session.options.script
  local text = script and files.read(script)
  if not text then return nil end
  local about = { script = script, copy = keep(folder, text, ".lua") }
  about.arguments = json.list(session.options.arguments)
  local place = script:match "^(.*)/[^/]*$" or "."
  local commit = output_of(place, "rev-parse HEAD")
  about.commit = commit and commit:match "^%x+"
  local diff = about.commit and output_of(place, "diff HEAD")
  about.diff = diff and keep(folder, diff, ".diff") or nil
  return about
end

return source
