--- What all pretrained networks share: their arguments, their input, what stands behind their features, their weights.
--
-- A network is a table, which `network.define` turns into a constructor:
--
-- - `class`: "VGG16"; `name`: of the model, a text or a function of the arguments and the model's input shape
-- - `size`: height and width of the pictures it was trained with; `smallest`: what its layers need
-- - `sizes`: those for which there are weights, if there are several
-- - `own`: arguments of its own, placed before the others as in Keras
-- - `check`: a function of the arguments that raises where they do not fit
-- - `features`: a function of a symbolic picture and the arguments; gives the symbolic features
-- - `top`: a function of the features and the arguments; gives the classes' probabilities (see `network.dense_top`)
-- - `pool_names`: whether the layer of `pooling` is called avg_pool or max_pool
-- - `weights`: a function of the arguments and the size; gives a file's `name`, `url` and `md5` (see weights.lua)
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local input_of = require "nn.applications.input"
local kinds = require "nn.support.kinds"
local layers = require "nn.layers"
local models = require "nn.models"
local weights = require "nn.applications.weights"

local network = {}

local COMMON = {
  { "include_top", true }, { "weights", "imagenet" }, { "input_tensor" }, { "input_shape" },
  { "pooling", nil, kinds.one_of("avg", "max") }, { "classes", 1000, kinds.whole(1) },
  { "classifier_activation", "softmax" }, { "name", nil, kinds.text },
}

-- A network's own arguments, then the common ones.
local function signature_of(definition)
  local list, is_known = {}, {}
  for _, entries in ipairs { definition.own or {}, COMMON } do
    for _, entry in ipairs(entries) do
      if not is_known[entry[1]] then list[#list + 1] = entry end
      is_known[entry[1]] = true
    end
  end
  return arguments.signature(definition.class, list)
end

--- Symbolic values through several layers, one after the other.
-- @tparam symbolic x
-- @tparam {layer,...} list
-- @treturn symbolic
function network.chain(x, list)
  for _, layer in ipairs(list) do x = layer(x) end
  return x
end

--- The top of most networks: a mean over the places, then a dense layer.
-- @tparam symbolic x
-- @tparam table given classes and classifier_activation
-- @tparam[opt] string pool name of the layer that takes the mean
-- @treturn symbolic
function network.dense_top(x, given, pool)
  return network.chain(x, {
    layers.GlobalAveragePooling2D { name = pool },
    layers.Dense { given.classes, activation = given.classifier_activation, name = "predictions" },
  })
end

local POOLING = { avg = layers.GlobalAveragePooling2D, max = layers.GlobalMaxPooling2D }

local function pooled(x, given, has_names)
  if not given.pooling then return x end
  return POOLING[given.pooling] { name = has_names and given.pooling .. "_pool" or nil }(x)
end

-- false stands for None: in Lua an argument that is nil has its default.
local function check(definition, given)
  local class = definition.class
  weights.check(class, given.weights)
  if given.weights == "imagenet" and given.include_top and given.classes ~= 1000 then
    blame('%s: classes: with weights = "imagenet" and the top there are 1000 classes, got %d; give include_top = false '
      .. "and put a layer of your own behind it, or weights = false", class, given.classes)
  end
  given.classifier_activation = given.classifier_activation or "linear"
  local activation = given.classifier_activation
  if given.weights and given.include_top and activation ~= "softmax" and activation ~= "linear" then
    blame('%s: classifier_activation: with weights from a file expected "softmax", or false for no activation, got %s',
      class, blame.got(activation))
  end
  if definition.check then definition.check(given) end
end

--- The constructor of a network.
-- @tparam table definition see above
-- @treturn function of a table of arguments; gives a model
function network.define(definition)
  local signature = signature_of(definition)
  return function(options, ...)
    arguments.check_one(definition.class, ...)
    local given = signature(options)
    if given.weights == "none" then given.weights = false end
    check(definition, given)
    local input, sources, shape = input_of(definition, given)
    local x = definition.features(input, given)
    if given.include_top then
      x = definition.top(x, given)
    else
      x = pooled(x, given, definition.pool_names)
    end
    local name = definition.name
    if type(name) == "function" then name = name(given, shape) end
    local model = models.Model { inputs = sources, outputs = { x }, name = given.name or name }
    weights.load(model, definition, given, shape)
    return model
  end
end

return network
