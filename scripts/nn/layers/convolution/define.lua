--- How convolutional layers are declared: Keras' arguments in order, and their checks.
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
local spatial = require "nn.layers.base.spatial"

local function check_count(a, class, name)
  if math.type(a[name]) ~= "integer" or a[name] < 1 then
    blame("%s: %s: expected a whole number of at least 1, got %s", class, name, blame.got(a[name]))
  end
end

local function check_groups(a, class)
  check_count(a, class, "groups")
  if a.filters % a.groups ~= 0 then
    blame("%s: groups = %d does not divide filters = %d; choose filters that are a multiple of it", class, a.groups,
      a.filters)
  end
end

-- A transposed convolution's output_padding is nil, or a number for each axis below the stride.
local function check_output_padding(a, class, rank)
  if a.output_padding == nil then return end
  spatial.numbers(a, class, "output_padding", rank, 0)
  for i, extra in ipairs(a.output_padding) do
    if extra >= a.strides[i] then
      blame("%s: output_padding: expected less than strides, got %d for a stride of %d", class, extra, a.strides[i])
    end
  end
end

local function check(class, rank, paddings)
  return function(a)
    spatial.windows(a, class, rank, paddings)
    if a.filters ~= nil then check_count(a, class, "filters") end
    if a.depth_multiplier ~= nil then check_count(a, class, "depth_multiplier") end
    if a.groups ~= nil then check_groups(a, class) end
    check_output_padding(a, class, rank)
  end
end

-- The arguments of weights: initializers, regularizers, activity_regularizer, constraints, as Keras orders them.
local function weight_arguments(list, names)
  for _, name in ipairs(names) do
    list[#list + 1] = { name .. "_initializer", name == "bias" and "zeros" or "glorot_uniform" }
  end
  for _, name in ipairs(names) do list[#list + 1] = { name .. "_regularizer" } end
  list[#list + 1] = { "activity_regularizer" }
  for _, name in ipairs(names) do list[#list + 1] = { name .. "_constraint" } end
  return list
end

-- All arguments in Keras' order; what not all layers have is in `t`.
local function arguments_of(t)
  local list = table.move(t.first or {}, 1, #(t.first or {}), 1, {})
  local function add(entries) table.move(entries or {}, 1, #(entries or {}), #list + 1, list) end
  add { { "kernel_size", layer.required }, { "strides", 1 }, { "padding", "valid" } }
  add(t.after_padding)
  add { { "data_format" }, { "dilation_rate", 1 } }
  add(t.after_dilation)
  add { { "activation" }, { "use_bias", true } }
  return weight_arguments(list, t.weights)
end

-- Declares a convolutional layer.
-- @tparam table t class, rank (axes of an image), engine, aliases, paddings (those allowed); first, after_padding,
-- after_dilation: further arguments, by their place; weights: what the arguments of its weights begin with;
-- argument_names: the same for weights of another name; methods; examples
return function(t)
  local methods = { nodes = spatial.nodes, argument_names = t.argument_names }
  for name, method in pairs(t.methods or {}) do methods[name] = method end
  layer.define {
    class = t.class, aliases = t.aliases, engine = t.engine, arguments = arguments_of(t),
    check = check(t.class, t.rank, t.paddings), methods = methods, examples = t.examples,
  }
end
