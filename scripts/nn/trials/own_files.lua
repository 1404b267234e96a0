--- The trial that a training loop runs for, as the script sees it: its parameters, and pictures and files of its own.
--
-- They lie in the trial's folder under `files/`, are sealed with it, and its report shows them.
-- @submodule nn.experiment
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local files = require "nn.support.files"
local image = require "nn.image"
local markdown = require "nn.report.markdown"
local plot = require "nn.plot"
local properties = require "nn.support.properties"
local Store = require "nn.store"
local tensor = require "nn.tensor"

local methods, meta = {}, { __name = "nn.Trial" }

local FOLDER = "files"

local function check_name(what, name)
  if type(name) ~= "string" or name == "" or not name:find "%w" then
    blame("%s: expected a name such as \"samples\", got %s", what, blame.got(name))
  end
  return name
end

-- Adds an entry, in place of an earlier one of that name.
local function note(self, entry)
  for i, earlier in ipairs(self.list) do
    if earlier.name == entry.name then
      self.list[i] = entry
      return
    end
  end
  table.insert(self.list, entry)
end

-- A picture as a figure; nil if it is something else.
local function figure_of(value)
  if type(value) == "table" and value.write then return value end
  if not tensor.is_tensor(value) then return nil end
  local shape = value.shape
  local is_sheet = #shape == 4 or #shape == 3 and shape[3] > 4
  return is_sheet and plot.images(value) or nil
end

--- Keeps a chart or a picture with the trial; the report shows it. One of the same name takes the other's place.
-- @function trial:save_figure
-- @tparam string name what stands below it, such as "epoch 3"
-- @tparam table|tensor figure one of nn.plot; a picture (height, width) or (height, width, 3); or several pictures
-- (n, height, width) or (n, height, width, channels), which become a sheet
-- @usage
-- local loop = nn.Experiment{ name = "loop", data = { x, y }, train = function(p, data, report)
--   report.trial:save_figure("noise", nn.random.uniform{ shape = { 28, 28 } })
--   report{ loss = 0 }
-- end }
-- loop:trial()
function methods:save_figure(name, figure)
  check_name("save_figure", name)
  local drawn = figure_of(figure)
  local folder, slug = self.folder .. "/" .. FOLDER, plot.slug(name)
  if drawn then
    local written = drawn:write(folder, slug)
    return note(self, { name = name, kind = "figure", files = written.files or {}, markdown = written.markdown })
  elseif not tensor.is_tensor(figure) then
    blame("save_figure: expected a figure of nn.plot or a tensor of pictures, got %s", blame.got(figure))
  end
  Store.check(files.make_folder(folder))
  local path = ("%s/%s.png"):format(FOLDER, slug)
  image.save(self.folder .. "/" .. path, figure)
  note(self, { name = name, kind = "figure", files = { path },
    markdown = ("![%s](%s)"):format(markdown.escape(name), path) })
end

--- Keeps a file with the trial: a text, or what `write(path)` writes. The report links to it.
-- @function trial:save_file
-- @tparam string name of the file, such as "samples.npy"
-- @tparam string|tensor|function contents a text; a tensor, where the name ends in .npy; or function(path)
-- @usage
-- local loop = nn.Experiment{ name = "loop", data = { x, y }, train = function(p, data, report)
--   report.trial:save_file("words.txt", "to be or not to be")
--   report{ loss = 0 }
-- end }
-- loop:trial()
function methods:save_file(name, contents)
  check_name("save_file", name)
  if not name:find "^[%w_][%w_.-]*$" then
    blame("save_file: the name of a file has letters, digits, '_', '-' and '.', got %q", name)
  end
  local path = ("%s/%s"):format(FOLDER, name)
  local whole = self.folder .. "/" .. path
  Store.check(files.make_folder(self.folder .. "/" .. FOLDER))
  if type(contents) == "function" then
    contents(whole)
    if not files.read(whole) then blame("save_file: the function has not written %s", name) end
  elseif tensor.is_tensor(contents) then
    require "nn.tensor.files".save(whole, contents)
  elseif type(contents) == "string" then
    Store.write(whole, contents)
  else
    blame("save_file: expected a text, a tensor or a function(path), got %s", blame.got(contents))
  end
  note(self, { name = name, kind = "file", files = { path } })
end

arguments.limit_methods("trial", methods, function(value) return getmetatable(value) == meta end)
properties.add(meta, { methods = methods, title = "a trial that is being trained",
  readable = { "id", "params", "seed", "folder", "list" } })

local own_files = { FOLDER = FOLDER }

-- @tparam string folder of the trial
-- @tparam table about id, params, seed
-- @treturn table
function own_files.new(folder, about)
  return setmetatable({ id = about.id, params = about.params, seed = about.seed, folder = folder, list = {} }, meta)
end

-- What it has kept so far, for checkpoints.
-- @treturn {{name=,kind=,files=,markdown=},...}
function own_files.plain(trial) return trial.list end

-- Takes it back.
function own_files.restore(trial, list) trial.list = list end

return own_files
