--- Layers that prepare data; what they know is set by arguments or learned once by `adapt`, never by training.
-- @submodule nn.layers
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
local quantiles = require "nn.layers.preprocessing.quantiles"
local tensor = require "nn.tensor"

local function samples_of(data)
  local t = align.floats(data)
  return t.ndim < 2 and t:reshape { -1, 1 } or t
end

-- ---- Normalization

local Normalization = {}

function Normalization:config()
  return { invert = self.arguments.invert }
end

--- One number for all kept places, or one for each.
local function fitted(self, name, kept)
  local value, count = align.floats(self.arguments[name]), 1
  for _, length in ipairs(kept) do count = count * length end
  if value.size == 1 then return tensor.full(kept, value:sum()) end
  if value.size == count then return value:reshape(kept) end
  blame.at(self.where, "%s: %s: expected one number or %d, got shape %s", self:title(), name, count,
    align.text(value.shape))
end

function Normalization:nodes(emit, inputs, shapes)
  local shape, kept = shapes[1], {}
  local axes = #shape > 0 and self:sample_axes(self.arguments.axis, #shape) or {}
  for i, axis in ipairs(axes) do kept[i] = shape[axis] end
  local config = { invert = self.arguments.invert, axes = #axes }
  return self:over_last(emit, inputs[1], axes, #shape, function(input)
    if not self.arguments.mean then return self:emit(emit, { input }, config) end
    return emit {
      layer = self.engine, config = config, inputs = { input }, what = self:title(),
      params = { fitted(self, "mean", kept), fitted(self, "variance", kept), tensor.zeros {} },
    }
  end)
end

function Normalization:initial(param)
  return param.name == "variance" and tensor.ones(param.shape) or tensor.zeros(param.shape)
end

--- Learns mean and variance from data.
-- @function normalization:adapt
-- @tparam tensor data (n, ...)
-- @usage normalization:adapt(x_train)
function Normalization:adapt(data)
  if self.arguments.mean then blame("%s: mean and variance were given, so there is nothing to adapt", self:title()) end
  local x, reduced, is_kept = samples_of(data), { 1 }, {}
  self:build { table.move(x.shape, 2, x.ndim, 1, {}) }
  for _, axis in ipairs(self:sample_axes(self.arguments.axis, x.ndim - 1)) do is_kept[axis + 1] = true end
  for axis = 2, x.ndim do
    if not is_kept[axis] then reduced[#reduced + 1] = axis end
  end
  local function whole(value) return type(value) == "number" and tensor.full({}, value) or value end
  self:set_weights { whole(x:mean { axis = reduced }), whole(x:var { axis = reduced }), tensor.zeros {} }
end

--- Each feature minus its mean, divided by its standard deviation, both given or learned from data by `adapt`.
-- @function Normalization
-- @tparam[opt] integer|{integer,...} axis (-1) which axes have statistics of their own; {}: one mean and variance for
-- all
-- @tparam[opt] number|tensor mean, variance both or none
-- @tparam[opt] boolean invert (false) whether to do the opposite: times the standard deviation plus the mean
-- Weights, unless mean and variance are given: mean, variance, count.
-- @usage
-- local normalization = Normalization{}
-- normalization:adapt(x_train)
layer.define {
  class = "Normalization",
  engine = "normalization",
  passes_mask = true,
  arguments = { { "axis", -1 }, { "mean" }, { "variance" }, { "invert", false } },
  check = function(a)
    if (a.mean == nil) ~= (a.variance == nil) then blame "Normalization: give both mean and variance, or none" end
    for _, name in ipairs { "mean", "variance" } do
      if tensor.is_tensor(a[name]) then a[name] = a[name]:totable() end
    end
  end,
  methods = Normalization,
  examples = {
    { {}, { 3 } }, { { axis = 2, mean = { 1, 2 }, variance = { 4, 9 } }, { 2, 3 } },
    { { axis = {}, mean = 1, variance = 4, invert = true }, { 2, 3 } },
  },
}

-- ---- Rescaling

local function numbers_of(value, what)
  local t = align.floats(value)
  if t.ndim > 1 then blame("Rescaling: %s: expected a number or a list of them", what) end
  return t:reshape { t.size }:copy()
end

--- x scale + offset.
-- @function Rescaling
-- @tparam number|{number,...} scale one number, or one for each feature of the last axis
-- @tparam[opt] number|{number,...} offset (0)
-- @usage Rescaling{ 1 / 255 }
layer.define {
  class = "Rescaling",
  engine = "rescaling",
  passes_mask = true,
  arguments = { { "scale", layer.required }, { "offset", 0 } },
  check = function(a, object)
    object.constants = { numbers_of(a.scale, "scale"), numbers_of(a.offset, "offset") }
    for _, name in ipairs { "scale", "offset" } do
      if tensor.is_tensor(a[name]) then a[name] = a[name]:totable() end
    end
  end,
  methods = {
    config = function(self) return { scales = self.constants[1].size, offsets = self.constants[2].size } end,
    nodes = function(self, emit, inputs)
      return emit { layer = self.engine, config = self:config(), inputs = inputs, params = self.constants,
        what = self:title() }
    end,
  },
  examples = { { { 0.5, 1 }, { 4 } }, { { { 1, 2, 3 }, offset = -1 }, { 2, 3 } } },
}

-- ---- ids

local MODES = { one_hot = true, multi_hot = true, count = true }

local function check_mode(a, object, and_int)
  if not (MODES[a.output_mode] or and_int and a.output_mode == "int") then
    blame("%s: output_mode: expected %sone_hot, multi_hot or count, got %s", object.class_name,
      and_int and "int, " or "",
      blame.got(a.output_mode))
  elseif a.sparse then
    blame("%s: sparse is not supported; leave it out", object.class_name)
  end
end

--- A list of ids without an axis of samples is one sample where a whole sample becomes one vector, as in Keras.
local function call_flat(self, x, options)
  local mode = self.arguments.output_mode
  if tensor.is_tensor(x) and x.ndim == 1 and (mode == "multi_hot" or mode == "count") then
    local weights = options and options.count_weights
    weights = weights and align.floats(weights):reshape { 1, -1 }
    return layer.call(self, x:reshape { 1, -1 }, { count_weights = weights }):flatten()
  end
  return layer.call(self, x, options)
end

--- Ids as vectors of num_tokens numbers.
-- @function CategoryEncoding
-- @tparam integer num_tokens how many ids there are: 0 to num_tokens - 1
-- @tparam[opt] string output_mode "multi_hot" (default): for each row of ids one vector, 1 at each that occurs;
-- "count": how often it occurs, or with { count_weights = tensor } in the call the sum of its weights; "one_hot": a
-- vector for each id
-- @usage CategoryEncoding{ 10, output_mode = "one_hot" }(ids)
layer.define {
  class = "CategoryEncoding",
  engine = "category_encoding",
  second_inputs = { "count_weights" },
  arguments = { { "num_tokens" }, { "output_mode", "multi_hot" }, { "sparse", false } },
  check = function(a, object)
    if a.num_tokens == nil then blame "CategoryEncoding: num_tokens is missing" end
    check_mode(a, object)
  end,
  methods = { __call = call_flat },
  examples = { { { 3 }, { 4 } }, { { 3, "one_hot" }, { 2, 2 } }, { { 3, "count" }, { 4 } } },
}

local Discretization = {}

function Discretization:config()
  return { boundaries = self.arguments.bin_boundaries and #self.arguments.bin_boundaries or 1 }
end

function Discretization:nodes(emit, inputs)
  local a = self.arguments
  if not a.bin_boundaries then
    blame.at(self.where, "%s: its boundaries are not known: call adapt first, or give bin_boundaries", self:title())
  end
  local bins = emit { layer = self.engine, config = self:config(), inputs = inputs, what = self:title(),
    params = { tensor.tensor(a.bin_boundaries) } }
  if a.output_mode == "int" then return bins end
  return self:emit_plain(emit, "category_encoding", { num_tokens = #a.bin_boundaries + 1, output_mode = a.output_mode },
    { bins })
end

--- Learns boundaries from data, so that the bins hold about as many values each.
-- @function discretization:adapt
-- @tparam tensor data
-- @usage discretization:adapt(x_train)
function Discretization:adapt(data)
  local a = self.arguments
  if not a.num_bins then blame("%s: adapt wants num_bins; bin_boundaries were given", self:title()) end
  local t = align.floats(data)
  if t.size == 0 or t:isnan():max() == 1 then
    blame("%s: adapt: the data %s", self:title(),
      t.size == 0 and "are empty" or "hold NaN, which belongs to no bin; leave it out: x[x:eq(x)]")
  end
  a.bin_boundaries = quantiles.boundaries(t:reshape { t.size }:totable(), a.num_bins, a.epsilon)
end

Discretization.__call = call_flat

local function check_boundaries(boundaries)
  if type(boundaries) ~= "table" or #boundaries == 0 then
    blame "Discretization: bin_boundaries: expected a list of at least one number"
  end
  for i, boundary in ipairs(boundaries) do
    if type(boundary) ~= "number" or boundary ~= boundary or i > 1 and boundary < boundaries[i - 1] then
      blame("Discretization: bin_boundaries: expected ascending numbers, got %s at position %d", tostring(boundary), i)
    end
  end
end

--- The number of the bin a value falls into, from 0; a value at a boundary belongs to the upper bin.
-- @function Discretization
-- @tparam[opt] {number,...} bin_boundaries ascending; n boundaries make n + 1 bins
-- @tparam[opt] integer num_bins instead: how many bins `adapt` is to make
-- @tparam[opt] number epsilon (0.01) how exactly adapt divides the data
-- @tparam[opt] string output_mode "int" (default), or as for CategoryEncoding "one_hot", "multi_hot", "count"
-- @usage Discretization{ bin_boundaries = { 0, 1, 2 } }
layer.define {
  class = "Discretization",
  engine = "discretization",
  arguments = {
    { "bin_boundaries" }, { "num_bins" }, { "epsilon", 0.01 }, { "output_mode", "int" }, { "sparse", false },
  },
  check = function(a, object)
    check_mode(a, object, true)
    if tensor.is_tensor(a.bin_boundaries) then a.bin_boundaries = a.bin_boundaries:totable() end
    if a.bin_boundaries ~= nil then
      check_boundaries(a.bin_boundaries)
    elseif math.type(a.num_bins) ~= "integer" or a.num_bins < 2 then
      blame("Discretization: give bin_boundaries, or num_bins of at least 2, got %s", blame.got(a.num_bins))
    end
  end,
  methods = Discretization,
  examples = { { { { -1, 0, 0.5 } }, { 4 } }, { { { 0 }, output_mode = "one_hot" }, { 2 } } },
}
