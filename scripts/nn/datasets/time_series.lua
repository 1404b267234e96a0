--- Series of numbers over time: one file each, a line for each date.
-- @submodule nn.datasets
local arguments = require "nn.support.arguments"
local contents = require "nn.datasets.contents"
local sources = require "nn.datasets.sources"
local tensor = require "nn.tensor"

local BROWNLEE = "https://raw.githubusercontent.com/jbrownlee/Datasets/master/"

-- A line is a date, in quotes or not, and its numbers; the first line names the columns.
local function parse(text)
  local dates, rows = {}, {}
  for date, numbers in text:gmatch '\n"?(%d[^",]*)"?,([^\r\n]+)' do
    local row = {}
    for number in numbers:gmatch "[^,]+" do row[#row + 1] = tonumber(number) end
    dates[#dates + 1], rows[#rows + 1] = date, #row == 1 and row[1] or row
  end
  return tensor.tensor(rows), dates
end

-- What is `nn.datasets.NAME`.
local function series(name, file)
  local signature = arguments.signature(name .. ".load_data", {})
  local set = { name = name, folder_name = "timeseries", files = { file } }
  return {
    set = set,
    load_data = function(options)
      signature(options)
      local texts, paths = contents.read(set)
      return sources.remember(sources.of_files(set, paths), parse(texts[1]))
    end,
  }
end

local time_series = {}

--- Loads the international airline passengers, in thousands a month, from 1949 to 1960 (Box, Jenkins, 1976).
-- Like the other series, they are looked for in the folder `timeseries`, else downloaded. A set that cannot be had, or
-- is damaged, ends the program (status 3).
-- @function airline_passengers.load_data
-- @tparam[opt] table options none yet
-- @treturn tensor values, float32, (144)
-- @treturn {string,...} dates, "1949-01" to "1960-12"
-- @usage local passengers, months = nn.datasets.airline_passengers.load_data()
time_series.airline_passengers = series("airline_passengers", {
  name = "airline-passengers.csv", checksum = "c2975f743638deec532eacd6cc5a5e58",
  urls = { BROWNLEE .. "airline-passengers.csv" },
})

--- Loads the lowest temperature of each day in Melbourne, in degrees Celsius, from 1981 to 1990. The 29th of February
-- is left out.
-- @function daily_min_temperatures.load_data
-- @tparam[opt] table options none yet
-- @treturn tensor values, float32, (3650)
-- @treturn {string,...} dates, "1981-01-01" to "1990-12-31"
-- @usage local temperatures, days = nn.datasets.daily_min_temperatures.load_data()
time_series.daily_min_temperatures = series("daily_min_temperatures", {
  name = "daily-min-temperatures.csv", checksum = "9a3af764aa29241e535195500e7057c9",
  urls = { BROWNLEE .. "daily-min-temperatures.csv" },
})

--- Loads the number of sunspots of each month, counted in Zurich, from 1749 to 1983.
-- @function monthly_sunspots.load_data
-- @tparam[opt] table options none yet
-- @treturn tensor values, float32, (2820)
-- @treturn {string,...} dates, "1749-01" to "1983-12"
-- @usage local sunspots, months = nn.datasets.monthly_sunspots.load_data()
time_series.monthly_sunspots = series("monthly_sunspots", {
  name = "monthly-sunspots.csv", checksum = "bc4079560f3347043d80bd4b5d199f48",
  urls = { BROWNLEE .. "monthly-sunspots.csv" },
})

--- Loads ETTh1: the load of an electricity transformer and the temperature of its oil, each hour from July 2016 to June
-- 2018 (Zhou and others, 2021).
-- @function etth1.load_data
-- @tparam[opt] table options none yet
-- @treturn tensor values, float32, (17420, 7): `feature_names`
-- @treturn {string,...} dates, "2016-07-01 00:00:00" to "2018-06-26 19:00:00"
-- @usage local values, hours = nn.datasets.etth1.load_data()
time_series.etth1 = series("etth1", {
  name = "ETTh1.csv", checksum = "b35af3d27a4fba1cc9d4599788070c6a",
  urls = { "https://raw.githubusercontent.com/zhouhaoyi/ETDataset/main/ETT-small/ETTh1.csv" },
})

-- What the columns are: useful and useless load at high, middle and low voltage, and the temperature of the oil in
-- degrees Celsius.
time_series.etth1.feature_names = { "HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT" }

return time_series
