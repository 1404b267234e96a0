--- Open axes: lengths of a sample that may differ from batch to batch, as in `nn.Input{ shape = { nil, 8 } }`. In
-- shapes they are -1, and messages print them as None.
--
-- The engine computes with lengths that are known. So what a layer makes of an open axis is found by inferring its
-- shapes twice, with two lengths: what is the same both times is fixed, what differs is open as well. When there are
-- data, the graph is made for their lengths (nn.models.concrete).
local blame = require "nn.support.blame"

local open_axes = {}

local OPEN = -1

-- Prime, so that hardly any layer makes the same length of both, and far apart, so that pooling does not either; no
-- larger, as pictures of that height and width with thousands of channels must not be too large.
local FIRST, SECOND = 5003, 10007

--- Whether a length only stands for an open one: shapes are inferred with it, but nothing is computed.
function open_axes.is_trial(length) return length == FIRST or length == SECOND end

--- Whether a shape has open axes.
function open_axes.any(shape)
  if shape.is_whole then return false end -- -1 is the number of samples there
  for _, length in ipairs(shape) do
    if length == OPEN then return true end
  end
  return false
end

local function any_of(shapes)
  for _, shape in ipairs(shapes) do
    if open_axes.any(shape) then return true end
  end
  return false
end
open_axes.any_of = any_of

--- A shape as a script writes it, where nil or -1 is an open axis. Lua does not keep a nil at the end: -1 is for that.
-- @param given
-- @treturn table|any the shape; what is no list, as it is
function open_axes.normal(given)
  if type(given) ~= "table" or getmetatable(given) then return given end
  local last, shape = given.n or 0, {}
  for key in pairs(given) do
    if math.type(key) == "integer" then last = math.max(last, key) end
  end
  for key, value in pairs(given) do
    if key ~= "n" then shape[key] = value end
  end
  for axis = 1, last do
    if shape[axis] == nil then shape[axis] = OPEN end
  end
  return shape
end

--- A shape with another's lengths, or one length, at its open axes.
-- @tparam {integer,...} shape
-- @tparam integer|{integer,...} lengths
function open_axes.fill(shape, lengths)
  if not open_axes.any(shape) then return shape end
  local filled = {}
  for axis, length in ipairs(shape) do
    filled[axis] = length ~= OPEN and length or type(lengths) == "table" and (lengths[axis] or 1) or lengths
  end
  return filled
end

local function fill_all(shapes, length)
  local list = {}
  for i, shape in ipairs(shapes) do list[i] = open_axes.fill(shape, length) end
  return list
end

--- Whether samples of a shape suit another with open axes.
function open_axes.fits(sample, shape)
  if #sample ~= #shape then return false end
  for axis, length in ipairs(shape) do
    if length ~= OPEN and length ~= sample[axis] then return false end
  end
  return true
end

-- What two inferences have in common.
local function common(first, second, layer)
  if #first ~= #second then
    blame("%s: how many axes it gives would depend on an open axis of its input", layer:title())
  end
  local shape = {}
  for axis, length in ipairs(first) do shape[axis] = length == second[axis] and length or OPEN end
  return shape
end

local function first_open(shapes)
  for _, shape in ipairs(shapes) do
    for axis, length in ipairs(shape) do
      if length == OPEN then return axis end
    end
  end
end

local function blame_weights(layer, shapes)
  blame("%s: its weights would depend on the open axis %d of its input; give that axis a length, or put a layer before "
    .. "that takes it away, such as GlobalAveragePooling1D{}", layer:title(), first_open(shapes))
end

-- Raises an error if the shapes of a layer's weights differ for two lengths.
local function check_weights(layer, shapes, use)
  local is_of_script = rawget(layer, "own_weights") ~= nil -- they are known when its `build` has made them
  if layer.weights or is_of_script then return end
  local first = layer:weight_shapes(fill_all(shapes, FIRST), use)
  local second = layer:weight_shapes(fill_all(shapes, SECOND), use)
  if first ~= second then blame_weights(layer, shapes) end
end

local is_inferring = false

--- Whether shapes are being inferred with lengths that stand for open axes.
function open_axes.is_inferring() return is_inferring end

-- A message without the lengths that stand for open axes.
local function in_users_terms(message)
  if type(message) ~= "string" then return message end
  local found = false
  local text = message:gsub("%f[%d]%d+%f[%D]", function(digits)
    if tonumber(digits) ~= FIRST and tonumber(digits) ~= SECOND then return nil end
    found = true
    return "None"
  end)
  if not found then return message end
  return text:gsub(" %(%d+ elements%)", "") .. "; None is an open axis, whose length may differ from batch to batch"
end

-- A layer of the script's own has its weights after the first length: if they do not suit the second, they depend on
-- it.
local function build_again(layer, shapes, use)
  local results = table.pack(pcall(layer.build, layer, fill_all(shapes, SECOND), use))
  if results[1] then return { table.unpack(results, 2, results.n) } end
  if layer.weights and #layer.weights > 0 then blame_weights(layer, shapes) end
  error(results[2], 0)
end

-- The shape of each output of a layer for shapes with open axes.
local function infer(layer, shapes, use)
  check_weights(layer, shapes, use)
  local first = { layer:build(fill_all(shapes, FIRST), use) }
  local second = build_again(layer, shapes, use)
  for i, shape in ipairs(first) do first[i] = common(shape, second[i], layer) end
  return first
end

--- Gives a layer its weights, as `layer:build` does, for shapes that may have open axes.
-- @tparam table layer
-- @tparam {{integer,...},...} shapes of its inputs
-- @tparam[opt] table use of the layer (base/init.lua)
-- @treturn {integer,...} ... the shape of each of its outputs
function open_axes.build(layer, shapes, use)
  if not any_of(shapes) then return layer:build(shapes, use) end
  local outer <const> = is_inferring
  is_inferring = true
  local ok, outputs = pcall(infer, layer, shapes, use)
  is_inferring = outer
  if not ok then error(in_users_terms(outputs), 0) end
  layer.output_shape, layer.input_shapes = #outputs == 1 and outputs[1] or outputs, shapes
  return table.unpack(outputs)
end

return open_axes
