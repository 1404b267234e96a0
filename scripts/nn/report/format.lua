--- Numbers and names as a reader wants them: sensible digits, thousands separators, plain words.
-- @module nn.report.format
local format = {}

-- Names and parts of names that are no words.
local IN_WORDS = {
  acc = "accuracy", mae = "mean absolute error", mape = "mean absolute percentage error", mse = "mean squared error",
  msle = "mean squared logarithmic error", rmse = "root mean squared error", auc = "AUC", f1 = "F1", r2 = "R²",
  iou = "IoU", kl = "KL",
}

local function in_words(name)
  return (name:gsub("[^_]+", IN_WORDS):gsub("(%w)_+(%w)", "%1 %2"):gsub("(%w)_+(%w)", "%1 %2"))
end

--- What a metric's name says in words: "val_accuracy" is "validation accuracy", "mae" is "training mean absolute
-- error".
-- @tparam string name as in a history
-- @tparam[opt="training "] string other what stands before a metric that is not of validation
-- @treturn string
function format.metric(name, other)
  local of_test = name:match("^test_(.+)$")
  if of_test then return "test " .. in_words(of_test) end
  local rest = name:match("^val_(.+)$")
  return (rest and "validation " or other or "training ") .. in_words(rest or name)
end

--- A text that begins a sentence.
-- @tparam string text
-- @treturn string
function format.sentence(text)
  return (text:gsub("^%l", string.upper))
end

--- A number as `string.format` writes it, its exponent as people do.
local function tidy(text)
  if not text:find("e", 1, true) then return text end
  return (text:gsub("e([+-])0*", "e%1"):gsub("e%+", "e"))
end

--- A whole number with thousands separators: "42,310".
-- @tparam number value
-- @treturn string
function format.integer(value)
  local digits = ("%.0f"):format(value)
  local sign, rest = digits:match("^(%-?)(%d+)$")
  if not rest then return digits end
  return sign .. rest:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
end

--- A number with so many significant digits, zeros at the end kept; "-" where there is none.
-- @tparam ?number value
-- @tparam integer digits
-- @treturn string
function format.significant(value, digits)
  if not value then return "-" end
  local size = math.abs(value)
  if size ~= size then return "nan" end
  if size >= 10 ^ digits and size < 1e15 then return format.integer(value) end
  local text = size < 1e15 and ("%#." .. digits .. "g"):format(value) or ("%." .. digits .. "g"):format(value)
  return tidy(text:sub(-1) == "." and text:sub(1, -2) or text)
end

local MOST_DECIMALS = 6
local LARGEST = 1e9 -- written with its exponent

-- 2 for 123, -3 for 0.00123.
local function exponent_of(size)
  return math.tointeger(tonumber(("%.3e"):format(size):match("e(.+)$")))
end

--- How many decimals the values of one metric have, so that they line up: 4 for one that is at most 1, such as an
-- accuracy; else as many as give the smallest of them 4 significant digits, up to 6.
-- @tparam {number,...} values
-- @tparam[opt] table traits of the metric: see `nn.models.traits`
-- @treturn integer
function format.decimals(values, traits)
  local least = math.huge
  for _, value in ipairs(values) do
    local size = math.abs(value)
    if size > 0 and size < least then least = size end
  end
  if traits and traits.high == 1 or least == math.huge then return 4 end
  return math.max(0, math.min(MOST_DECIMALS, 3 - exponent_of(least)))
end

--- A number with so many decimals; "-" where there is none.
-- @tparam ?number value
-- @tparam integer decimals
-- @treturn string
function format.number(value, decimals)
  if not value then return "-" end
  if value ~= value then return "nan" end
  if math.abs(value) == math.huge then return value > 0 and "inf" or "-inf" end
  local is_lost = decimals == MOST_DECIMALS and value ~= 0 and math.abs(value) < 0.5 * 10 ^ -MOST_DECIMALS
  if is_lost or math.abs(value) >= LARGEST then return tidy(("%.3e"):format(value)) end
  local text = ("%." .. decimals .. "f"):format(value)
  if not text:find("[1-9]") then text = text:gsub("^%-", "") end
  local sign, whole, rest = text:match("^(%-?)(%d+)(.*)$")
  return sign .. (#whole > 4 and format.integer(tonumber(whole)) or whole) .. rest
end

--- A length of time in words: "41.3 s", "12 min 5 s", "3 h 20 min".
-- @tparam number seconds
-- @treturn string
function format.duration(seconds)
  if seconds < 59.95 then return format.significant(seconds, 3) .. " s" end
  local whole = math.floor(seconds + 0.5)
  if whole < 3600 then return ("%d min %d s"):format(whole // 60, whole % 60) end
  return ("%d h %d min"):format(whole // 3600, whole % 3600 // 60)
end

--- A size of memory: "83.4 MB".
-- @tparam number bytes
-- @treturn string
function format.memory(bytes)
  for _, unit in ipairs { { 1e9, "GB" }, { 1e6, "MB" }, { 1e3, "KB" } } do
    if bytes >= unit[1] then return format.significant(bytes / unit[1], 3) .. " " .. unit[2] end
  end
  return bytes .. " bytes"
end

--- "1 trial", "17 trials".
-- @tparam integer n
-- @tparam string noun in the singular
-- @treturn string
function format.count(n, noun)
  return format.integer(n) .. " " .. noun .. (n == 1 and "" or "s")
end

local WORDS = { "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve" }

--- A small number as a word: "three", "17".
-- @tparam integer n
-- @treturn string
function format.word(n)
  return WORDS[n] or format.integer(n)
end

--- All of several: "both", "all three".
-- @tparam integer n
-- @treturn string
function format.all(n)
  return n == 2 and "both" or "all " .. format.word(n)
end

--- A list in words: "a", "a and b", "a, b and c".
-- @tparam {string,...} items
-- @treturn string
function format.list(items)
  if #items < 2 then return items[1] or "" end
  return table.concat(items, ", ", 1, #items - 1) .. " and " .. items[#items]
end

return format
