--- A log of the epochs as CSV.
-- @submodule nn.callbacks

local lfs = require "lfs"
local arguments = require "nn.support.arguments"
local base = require "nn.callbacks.base"
local blame = require "nn.support.blame"
local csv_file = require "nn.support.csv_file"
local files = require "nn.support.files"
local notation = require "nn.support.notation"

local methods = {}

-- The columns: the names in the first epoch's numbers, sorted; those of a validation that comes only now and then too.
local function columns_of(logs, params)
  local names, is_there = {}, {}
  for name in pairs(logs) do names[#names + 1], is_there[name] = name, true end
  if params and params.validation then
    for name in pairs(logs) do
      local other = "val_" .. name
      if not name:find "^val_" and name ~= "learning_rate" and not is_there[other] then names[#names + 1] = other end
    end
  end
  table.sort(names)
  return names
end

local function header_of(self)
  local names = { "epoch" }
  for _, name in ipairs(self.keys) do names[#names + 1] = notation.legible(name) end
  return csv_file.line(names, #names, self.separator):sub(1, -2)
end

-- How many cells a line has.
local function count_cells(line, separator)
  local count = 1
  for _ in line:gsub('"[^"]*"', ""):gmatch(separator:gsub("%p", "%%%0")) do count = count + 1 end
  return count
end

local function must(ok, message)
  if not ok then blame("CSVLogger: %s", message) end
end

--- Gives a log of other columns another name: log.1.csv, log.2.csv ...
local function set_aside(path, found)
  local stem, ending = path:match "^(.-)(%.[^./]*)$"
  local number, other = 0
  repeat
    number = number + 1
    other = ("%s.%d%s"):format(stem or path, number, ending or "")
  until not lfs.attributes(other, "mode")
  must(files.rename(path, other))
  base.say("warning: CSVLogger: %s has other columns (%s); it is kept as %s", path, found, other)
end

--- Ends a last line that a kill has cut off, or takes it away where it lacks cells.
local function mend(path, text, header, separator)
  local whole, last = text:match "^(.-)([^\n]*)$"
  if last == "" then return end
  local is_cut = count_cells(last, separator) < count_cells(header, separator)
  if is_cut then base.say("warning: CSVLogger: %s: the last line was cut off and is left out", path) end
  must(files.write(path, is_cut and whole or text .. "\n"))
end

--- Makes a log fit to be gone on with.
-- @treturn boolean whether there is one
local function prepare(self, header)
  local text = files.read(self.filename)
  if not text or text == "" then return false end
  local found = text:match "^[^\r\n]*"
  if found == header then
    mend(self.filename, text, header, self.separator)
  else
    set_aside(self.filename, found)
  end
  return found == header
end

local function open(self)
  local header = header_of(self)
  local has_header = self.append and prepare(self, header)
  local file, message = io.open(self.filename, self.append and "ab" or "wb")
  must(file, message)
  self.file = file
  if not has_header then self.file:write(header, "\n") end
end

local function cell(value)
  if value == nil then return "NA" end
  if type(value) ~= "number" then -- a metric with a tensor of values
    local parts = {}
    for i, each in ipairs(value:flatten():totable()) do parts[i] = cell(each) end
    return '"[' .. table.concat(parts, ", ") .. ']"'
  end
  if value ~= value then return "nan" end -- which printf gives a sign
  return math.type(value) == "integer" and tostring(value) or ("%.10g"):format(value)
end

function methods:on_train_begin()
  self.keys = nil
end

function methods:on_epoch_end(epoch, logs)
  self.keys = self.keys or columns_of(logs, self.params)
  if not self.file then open(self) end
  local cells = { tostring(epoch) }
  for i, name in ipairs(self.keys) do cells[i + 1] = cell(logs[name]) end
  self.file:write(table.concat(cells, self.separator), "\n")
  self.file:flush()
end

function methods:on_train_end()
  if self.file then self.file:close() end
  self.file = nil
end

local function check(class, a)
  for _, name in ipairs { "filename", "separator" } do
    if type(a[name]) ~= "string" then blame("%s: %s: expected a text, got %s", class, name, blame.got(a[name])) end
  end
  if #a.separator ~= 1 or a.separator:find '[%w"\r\n]' then
    blame('%s: separator: expected one character such as "," or ";", got %s', class, blame.got(a.separator))
  elseif type(a.append) ~= "boolean" then
    blame("%s: append: expected true or false, got %s", class, blame.got(a.append))
  end
end

--- Writes the numbers of each epoch to a CSV file: the epoch (from 0), then all others in the order of their names; NA
-- where an epoch lacks one.
-- @function CSVLogger
-- @tparam string filename
-- @tparam[opt] string separator (",")
-- @tparam[opt=false] boolean append go on with a file that is there, instead of replacing it; one with other
-- columns is kept under another name, such as log.1.csv
-- @usage nn.callbacks.CSVLogger{ "log.csv" }
base.define {
  class = "CSVLogger",
  arguments = { { "filename", arguments.required }, { "separator", "," }, { "append", false } },
  methods = methods,
  check = check,
}
