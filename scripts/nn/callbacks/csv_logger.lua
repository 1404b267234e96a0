--- A log of the epochs as CSV.
-- @submodule nn.callbacks

local arguments = require "nn.arguments"
local base = require "nn.callbacks.base"
local blame = require "nn.blame"

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

local function is_empty(path)
  local file <close> = io.open(path, "rb")
  return not file or file:seek "end" == 0
end

local function open(self)
  local header = not self.append or is_empty(self.filename)
  local file, message = io.open(self.filename, self.append and "ab" or "wb")
  if not file then blame("CSVLogger: %s", message) end
  self.file = file
  if header then self.file:write("epoch", self.separator, table.concat(self.keys, self.separator), "\n") end
end

local function cell(value)
  if value == nil then return "NA" end
  if type(value) ~= "number" then -- a metric with a tensor of values
    local parts = {}
    for i, each in ipairs(value:flatten():totable()) do parts[i] = cell(each) end
    return '"[' .. table.concat(parts, ", ") .. ']"'
  end
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
end

--- Writes the numbers of each epoch to a CSV file: the epoch (from 0), then all others in the order of their names; NA
-- where an epoch lacks one.
-- @function CSVLogger
-- @tparam string filename
-- @tparam[opt] string separator (",")
-- @tparam[opt=false] boolean append go on with a file that is there, instead of replacing it
-- @usage nn.callbacks.CSVLogger{ "log.csv" }
base.define {
  class = "CSVLogger",
  arguments = { { "filename", arguments.required }, { "separator", "," }, { "append", false } },
  methods = methods,
  check = check,
}
