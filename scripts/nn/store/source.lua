--- Where a trial's numbers come from: a copy of the script, and what git knows of the repository it lies in.
--
-- Copies are named by their contents, reports/NAME/source/CHECKSUM.lua and CHECKSUM.diff: a run of the same script adds
-- nothing, and a trial of an earlier run still finds its own.
local hash = require("engine.data").hash
local files = require "nn.support.files"
local json = require "nn.support.json"
local program = require "nn.support.program"
local session = require "nn.experiment.session"

local source = {}

local LONGEST_DIFF = 10 << 20 -- bytes
local PATIENCE = 20 -- seconds
local ID_DIGITS = 16

local function git(folder, ...)
  return (program.run({ "git", "-C", folder, ... }, { limit = LONGEST_DIFF, seconds = PATIENCE }))
end

--- The script that is running, and what changed in its repository since the last commit.
-- @treturn ?table script (as given), arguments (its own), settings (NAME=VALUE), copy; with git: commit, and diff where
-- something was changed; copy and diff are paths in the experiment's folder. Nil where no script is running
-- @treturn {[string]=string} the texts of copy and diff, by these paths
function source.read()
  local texts = {}
  local function keep(text, ending)
    local path = "source/" .. hash(text):sub(1, ID_DIGITS) .. ending
    texts[path] = text
    return path
  end
  local script = session.options.script
  local text = script and files.read(script)
  if not text then return nil, texts end
  local about = { script = script, copy = keep(text, ".lua") }
  about.arguments = json.list(session.options.arguments)
  local settings = session.options.settings
  about.settings = #settings > 0 and settings or nil
  local place = script:match "^(.*)/[^/]*$" or "."
  local commit = git(place, "rev-parse", "HEAD")
  about.commit = commit and commit:match "^%x+"
  local diff = about.commit and git(place, "diff", "HEAD")
  about.diff = diff and keep(diff, ".diff") or nil
  return about, texts
end

return source
