--- Medians, quantiles, distinct values, histograms, and what is close to what.
-- @submodule nn.ops
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local kinds = require "nn.support.kinds"
local tensor = require "nn.tensor"
local base = require "nn.ops.base"

local ops, required = base.ops, arguments.required

-- x with the axis at its end, or all of x as one axis.
local function last_axis(x, axis)
  if axis == nil then return ops.ravel(x) end
  return ops.moveaxis(x, axis, -1)
end

-- The number at a place among those sorted along the last axis; between two, as the method says.
local function number_at(sorted, place, method)
  local below = math.floor(place)
  local low = ops.squeeze(ops.take(sorted, { below }, -1), -1)
  if place == below or method == "lower" then return low end
  local high = ops.squeeze(ops.take(sorted, { below + 1 }, -1), -1)
  if method == "higher" then return high end
  local share = method == "midpoint" and 0.5 or place - below
  if method == "nearest" then -- NumPy rounds halves to even places
    if share == 0.5 then return below % 2 == 0 and low or high end
    return share < 0.5 and low or high
  end
  return ops.add(low, ops.multiply(ops.subtract(high, low), share))
end

local METHODS = kinds.one_of("linear", "lower", "higher", "midpoint", "nearest")

--- The q-th quantiles: what a share q of the numbers is below. NaN, where one of the numbers is NaN.
-- @function quantile
-- @tparam tensor x
-- @tparam number|{number,...} q shares from 0 to 1
-- @tparam[opt] integer axis all numbers together
-- @tparam[opt="linear"] string method between two numbers: "linear", "lower", "higher", "midpoint" or "nearest"
-- @tparam[opt=false] boolean keepdims
-- @treturn tensor; for a list of shares with a first axis for them
-- @usage nn.ops.quantile({ 1, 2, 3, 4 }, 0.5):item() --> 2.5
base.compose { "quantile",
  options = { { "q", required }, { "axis" }, { "method", "linear", METHODS }, { "keepdims", false } },
  compute = function(x, options)
    local q, ndim = options.q, #base.shape_of(x)
    if tensor.is_tensor(q) then q = q.ndim == 0 and q:item() or q:totable() end
    local moved = last_axis(x, options.axis)
    local sorted, shape, results = ops.sort(moved, -1), base.shape_of(moved), {}
    if shape[#shape] == 0 then blame "quantile: x: expected at least one number, got none" end
    local largest = ops.squeeze(ops.take(sorted, { shape[#shape] - 1 }, -1), -1) -- NaN is sorted to the end
    for i, share in ipairs(type(q) == "table" and q or { q }) do
      if type(share) ~= "number" or not (share >= 0 and share <= 1) then
        blame("quantile: q: expected numbers from 0 to 1, got %s", blame.got(share))
      end
      local result = number_at(sorted, share * (shape[#shape] - 1), options.method)
      result = ops.where(ops.isnan(largest), largest, result)
      if options.keepdims and options.axis then result = ops.expand_dims(result, options.axis) end
      for _ = 1, options.keepdims and not options.axis and ndim or 0 do result = ops.expand_dims(result, 1) end
      results[i] = result
    end
    return type(q) == "table" and ops.stack(results, 1) or results[1]
  end }

--- The number in the middle, or the mean of the two there.
-- @function median
-- @tparam tensor x
-- @tparam[opt] integer axis all numbers together
-- @tparam[opt=false] boolean keepdims
-- @treturn tensor
-- @usage nn.ops.median{ 3, 1, 2 }:item() --> 2.0
base.compose { "median", options = { { "axis" }, { "keepdims", false } }, compute = function(x, options)
  return ops.quantile(x, { q = 0.5, axis = options.axis, keepdims = options.keepdims })
end }

--- The distinct numbers of x, ascending; not within a model, whose shapes must be known before its numbers.
-- @function unique
-- @tparam tensor x
-- @tparam[opt=false] boolean return_inverse whether to tell for each number of x where it stands among them
-- @tparam[opt=false] boolean return_counts whether to tell how often each occurs
-- @treturn tensor one axis, of x's type
-- @treturn ?tensor int32, positions from 0, of x's shape
-- @treturn ?tensor int32, how often each occurs
-- @usage nn.ops.unique{ 3, 1, 3 } --> [1. 3.]
base.compose { "unique", options = { { "return_inverse", false }, { "return_counts", false } },
  compute = function(x, options)
    local flat = ops.ravel(base.known(x, "unique"))
    local order = ops.argsort(flat):totable()
    local numbers, values, inverse, counts = flat:totable(), {}, {}, {}
    for _, place in ipairs(order) do
      local number = numbers[place + 1]
      if number ~= values[#values] then values[#values + 1], counts[#counts + 1] = number, 0 end
      inverse[place + 1], counts[#counts] = #values - 1, counts[#counts] + 1
    end
    local results = { tensor.tensor(values, x.dtype) }
    if options.return_inverse then results[#results + 1] = tensor.tensor(inverse, "int32"):reshape(x.shape) end
    if options.return_counts then results[#results + 1] = tensor.tensor(counts, "int32") end
    return table.unpack(results)
  end }

--- How many numbers fall into each of some bins of the same width; the last one includes its end.
-- @function histogram
-- @tparam tensor x
-- @tparam[opt=10] integer bins
-- @tparam[opt] {number,number} range where the first bin begins and the last one ends (x's least and greatest number)
-- @treturn tensor int32, the counts
-- @treturn tensor where the bins begin, and where the last one ends
-- @usage local counts, edges = nn.ops.histogram({ 1, 2, 2, 4 }, 3)
base.compose { "histogram", options = { { "bins", 10, kinds.whole(1) }, { "range" } }, compute = function(x, options)
  local flat = ops.ravel(base.known(x, "histogram")):astype "float32"
  local range = options.range or (flat.size > 0 and { flat:min(), flat:max() } or { 0, 1 })
  local low, high = range[1], range[2]
  if type(low) ~= "number" or type(high) ~= "number" or low > high then
    blame("histogram: range: expected two numbers, the lesser first, got %s", blame.got(options.range))
  end
  if low == high then low, high = low - 0.5, high + 0.5 end
  local edges = ops.linspace(low, high, options.bins + 1)
  local counts = {}
  for i = 1, options.bins + 1 do
    local side = i <= options.bins and "left" or "right"
    counts[i] = ops.searchsorted(ops.sort(flat), edges[{ { i, i } }], side):totable()[1]
  end
  for i = 1, options.bins do counts[i] = counts[i + 1] - counts[i] end
  counts[#counts] = nil
  return tensor.tensor(counts, "int32"), edges
end }

--- Whether numbers are the same but for rounding: |x1 - x2| <= atol + rtol |x2|.
-- @function isclose
-- @tparam tensor x1
-- @tparam tensor x2
-- @tparam[opt=1e-5] number rtol
-- @tparam[opt=1e-8] number atol
-- @tparam[opt=false] boolean equal_nan whether NaN is close to NaN
-- @treturn tensor uint8, 1 where they are
-- @usage nn.ops.isclose({ 1, 2 }, { 1 + 1e-7, 3 }) --> [1 0]
base.compose { "isclose", operands = { "x1", "x2" },
  options = { { "rtol", 1e-5 }, { "atol", 1e-8 }, { "equal_nan", false } },
  compute = function(x1, x2, options)
    local limit = ops.add(ops.multiply(ops.abs(x2), options.rtol), options.atol)
    local are_close = ops.logical_and(ops.isfinite(x2), ops.less_equal(ops.abs(ops.subtract(x1, x2)), limit))
    local result = ops.logical_or(ops.equal(x1, x2), are_close)
    if not options.equal_nan then return result end
    return ops.logical_or(result, ops.logical_and(ops.isnan(x1), ops.isnan(x2)))
  end }

--- The sums of products of x1 with x2 shifted along it.
-- @function correlate
-- @tparam tensor x1 one axis
-- @tparam tensor x2 one axis
-- @tparam[opt="valid"] string mode "valid": where the shorter lies within the longer; "same": as many as the longer has
-- numbers; "full": wherever they overlap
-- @treturn tensor one axis
-- @usage nn.ops.correlate({ 1, 2, 3 }, { 0, 1, 0.5 }) --> [3.5]
base.compose { "correlate", operands = { "x1", "x2" },
  options = { { "mode", "valid", kinds.one_of("valid", "same", "full") } },
  compute = function(x1, x2, options)
    local n, m = base.shape_of(x1)[1], base.shape_of(x2)[1]
    if #base.shape_of(x1) ~= 1 or #base.shape_of(x2) ~= 1 then blame "correlate: expected two tensors of one axis" end
    if n < m then return ops.flip(ops.correlate(x2, x1, options.mode), 1) end
    local padding, list = { valid = 0, full = m - 1, same = m // 2 }, {}
    local left = padding[options.mode]
    local count = ({ valid = n - m + 1, full = n + m - 1, same = n })[options.mode]
    local right = count + m - 1 - n - left
    local padded = ops.pad(x1, { { left, right } })
    for i = 1, m do list[i] = ops.multiply(ops.slice(padded, { i }, { count }), ops.slice(x2, { i }, { 1 })) end
    return ops.sum(ops.stack(list, 1), 1)
  end }
