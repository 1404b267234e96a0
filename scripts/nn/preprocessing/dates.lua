--- Dates as numbers.
-- @submodule nn.preprocessing
local blame = require "nn.support.blame"
local nearest = require "nn.support.nearest"
local tensor = require "nn.tensor"

local dates = {}

local WHAT = "date_features"
local MONTH_DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function is_leap(year)
  return year % 4 == 0 and year % 100 ~= 0 or year % 400 == 0
end

local function days_of_month(year, month)
  return month == 2 and is_leap(year) and 29 or MONTH_DAYS[month]
end

local function day_of_year(date)
  local count = date.day
  for month = 1, date.month - 1 do count = count + days_of_month(date.year, month) end
  return count
end

-- Days from 1970-01-01 on, in the calendar of today for all times.
local function days(date)
  local before = date.year - 1
  return before * 365 + before // 4 - before // 100 + before // 400 + day_of_year(date) - 719163
    + (date.hour * 3600 + date.minute * 60 + date.second) / 86400
end

-- What there is, by pandas' names.
local parts = {
  days = days, dayofyear = day_of_year,
  dayofweek = function(date) return (math.floor(days(date)) + 3) % 7 end,
}
for _, name in ipairs { "year", "month", "day", "hour", "minute", "second" } do
  parts[name] = function(date) return date[name] end
end

local function part_names()
  local names = {}
  for name in pairs(parts) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function time_of(text)
  if text == "" then return 0, 0, 0 end
  local hour, minute, second = text:match "^[T ](%d%d):(%d%d):?([%d.]*)Z?$"
  second = second == "" and 0 or tonumber(second)
  if not second then return nil end
  return math.tointeger(hour), math.tointeger(minute), second
end

-- nil where the text is no date.
local function parse(text)
  local year, month, day, rest = text:match "^%s*(%d%d%d%d)%-(%d%d?)%-(%d%d?)(.-)%s*$"
  if not year then return nil end
  year, month, day = math.tointeger(year), math.tointeger(month), math.tointeger(day)
  local hour, minute, second = time_of(rest)
  if not hour or month < 1 or month > 12 or day < 1 or day > days_of_month(year, month) then return nil end
  if hour > 23 or minute > 59 or second >= 61 then return nil end
  return { year = year, month = month, day = day, hour = hour, minute = minute, second = second }
end

local function check_part(name)
  if parts[name] then return name end
  local known = part_names()
  local near = type(name) == "string" and nearest(name, known)
  blame("%s: unknown part %s%s", WHAT, blame.got(name), near and ("; did you mean %q?"):format(near)
    or "; known are: " .. table.concat(known, ", "))
end

--- Numbers of dates, such as a column of texts that `nn.read_csv` gives.
-- @function date_features
-- @tparam {string,...} dates as 2020-01-31, with a time or without (2020-01-31 18:30:00); "" gives NaN
-- @tparam[opt] {string,...} parts which numbers, by pandas' names: year, month, day, hour, minute, second, dayofweek
-- (Monday is 0), dayofyear (from 1), and days: those since 1970-01-01, with the time as a fraction ({ "year", "month",
-- "day" })
-- @treturn tensor float32 (n, parts)
-- @raise where a text is no such date
-- @usage nn.preprocessing.date_features({ "2020-01-31", "2020-02-01" }, { "days", "dayofweek" })
function dates.date_features(texts, names)
  if type(texts) ~= "table" then blame("%s: expected a list of dates, got %s", WHAT, blame.got(texts)) end
  names = names == nil and { "year", "month", "day" } or type(names) == "table" and names or { names }
  for _, name in ipairs(names) do check_part(name) end
  local rows = {}
  for i, text in ipairs(texts) do
    local date = type(text) == "string" and parse(text)
    if not date and text ~= "" then
      blame('%s: date %d: expected one such as "2020-01-31" or "2020-01-31 18:30:00", got %s', WHAT, i,
        blame.got(text))
    end
    rows[i] = {}
    for j, name in ipairs(names) do rows[i][j] = date and parts[name](date) or 0 / 0 end
  end
  return #rows > 0 and tensor.tensor(rows) or tensor.zeros { 0, #names }
end

return dates
