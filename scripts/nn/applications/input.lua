--- The input of a pretrained network, checked.
local blame = require "nn.support.blame"
local contains = require "nn.support.contains"
local kinds = require "nn.support.kinds"
local layers = require "nn.layers"
local open_axes = require "nn.layers.base.open_axes"
local symbolic = require "nn.layers.base.symbolic"

local OPEN = -1

local function text_of(shape)
  local texts = {}
  for i, length in ipairs(shape) do texts[i] = length == OPEN and "nil" or tostring(length) end
  return "{ " .. table.concat(texts, ", ") .. " }"
end

local function is_shape(shape)
  return type(shape) == "table" and #shape == 3 and kinds.integers.fits(shape)
end

-- Raises an error where pictures of this shape do not go through the network.
local function check_shape(definition, given, shape)
  local class, smallest = definition.class, definition.smallest
  if not is_shape(shape) then
    blame("%s: input_shape: expected height, width and channels, such as { 224, 224, 3 }, got %s", class,
      type(shape) == "table" and not getmetatable(shape) and text_of(shape) or blame.got(shape))
  elseif shape[3] ~= 3 and given.weights == "imagenet" then
    blame('%s: input_shape: with weights = "imagenet" pictures have 3 channels, got %s', class, text_of(shape))
  end
  for axis = 1, 2 do
    if shape[axis] ~= OPEN and shape[axis] < smallest then
      blame("%s: input_shape: pictures must be at least %d x %d, got %s", class, smallest, smallest, text_of(shape))
    elseif shape[axis] == OPEN and given.include_top then
      blame("%s: input_shape: with the top, height and width must be known, got %s; or give include_top = false", class,
        text_of(shape))
    end
  end
end

-- The size that goes with the network's own top: the one asked for, where there are weights for it.
local function default_size(definition, shape)
  local is_square = shape and shape[1] == shape[2]
  return is_square and contains(definition.sizes or {}, shape[1]) and shape[1] or definition.size
end

local function shape_of(definition, given)
  local shape = open_axes.normal(given.input_shape)
  if shape ~= nil then check_shape(definition, given, shape) end
  local size = default_size(definition, shape)
  if shape and given.weights == "imagenet" and given.include_top and (shape[1] ~= size or shape[2] ~= size) then
    blame('%s: input_shape: with weights = "imagenet" and the top expected { %d, %d, 3 }, got %s', definition.class,
      size, size, text_of(shape))
  end
  return shape or (given.include_top and { size, size, 3 } or { OPEN, OPEN, 3 })
end

-- The inputs that a symbolic tensor depends on.
local function sources_of(tensor)
  local list = {}
  for _, each in ipairs(symbolic.order { tensor }) do
    if #each.inputs == 0 then list[#list + 1] = each end
  end
  return list
end

--- Where the pictures come in.
-- @tparam table definition see network.lua
-- @tparam table given the arguments
-- @treturn symbolic what the first layer reads
-- @treturn {symbolic,...} the model's inputs
-- @treturn {integer,...} the shape of a picture
return function(definition, given)
  local tensor = given.input_tensor
  if tensor == nil then
    local shape = shape_of(definition, given)
    tensor = layers.Input { shape = shape }
    return tensor, { tensor }, shape
  end
  if not symbolic.is(tensor) then
    blame("%s: input_tensor: expected what nn.Input or a layer gave, got %s", definition.class, blame.got(tensor))
  end
  check_shape(definition, given, tensor.shape)
  if given.input_shape ~= nil then
    local shape = open_axes.normal(given.input_shape)
    check_shape(definition, given, shape)
    if shape[1] ~= tensor.shape[1] or shape[2] ~= tensor.shape[2] or shape[3] ~= tensor.shape[3] then
      blame("%s: input_shape is %s, but input_tensor has pictures of %s", definition.class, text_of(shape),
        text_of(tensor.shape))
    end
  end
  return tensor, sources_of(tensor), tensor.shape
end
