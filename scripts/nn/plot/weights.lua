--- The weights into each unit of a layer as a picture.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local check = require "nn.plot.check"
local gallery = require "nn.plot.gallery"
local sheet = require "nn.plot.sheet"
local tensor = require "nn.tensor"
local text = require "nn.plot.text"

local OPTIONS = { "columns", "scale", "image_shape", "caption", "title" }
-- From blue over white to red, told apart by colour-blind readers too (ColorBrewer's RdBu).
local STOPS = { { 33, 102, 172 }, { 146, 197, 222 }, { 255, 255, 255 }, { 244, 165, 130 }, { 178, 24, 43 } }
local STEPS = 256

-- The bytes of each of the colours 0 .. STEPS.
local function palette()
  local colors = {}
  for i = 0, STEPS do
    local place = i / STEPS * (#STOPS - 1)
    local stop = math.min(math.floor(place), #STOPS - 2)
    local share, color = place - stop, {}
    for c = 1, 3 do
      color[c] = math.floor(STOPS[stop + 1][c] + share * (STOPS[stop + 2][c] - STOPS[stop + 1][c]) + 0.5)
    end
    colors[i] = string.char(table.unpack(color))
  end
  return colors
end

local function kernel_of(layer)
  local has_weights = type(layer) == "table" and layer.get_weights
  local kernel = has_weights and layer:get_weights()
  if not tensor.is_tensor(kernel) then
    blame("plot.weights: expected a layer that has weights, got %s", blame.got(layer))
  end
  local shape = kernel.shape
  if #shape == 4 then return kernel:reshape { shape[1] * shape[2], shape[3] * shape[4] }, { shape[1], shape[2] } end
  if #shape == 2 then return kernel end
  blame("plot.weights: expected weights of shape (in, units), got %s", table.concat(shape, "x"))
end

local function image_shape(given, inputs)
  local side = math.floor(inputs ^ 0.5 + 0.5)
  if given == nil and side * side == inputs then return side, side end
  local height, width = (given or {})[1], (given or {})[2]
  if given == nil or math.type(height) ~= "integer" or math.type(width) ~= "integer" or height * width ~= inputs then
    blame("plot.weights: the %d weights of a unit make no picture; give image_shape = { height, width } "
      .. "with height * width = %d", inputs, inputs)
  end
  return height, width
end

local function largest_of(units)
  local largest = 0
  for _, unit in ipairs(units) do
    for _, weight in ipairs(unit) do
      if check.finite(weight) then largest = math.max(largest, math.abs(weight)) end
    end
  end
  return largest
end

local function draw(units, largest)
  local colors, parts = palette(), {}
  local half, grey = STEPS / 2, string.char(120, 120, 120)
  local factor = largest > 0 and half / largest or 0
  for _, unit in ipairs(units) do
    for _, weight in ipairs(unit) do
      parts[#parts + 1] = check.finite(weight) and colors[math.floor(weight * factor + half + 0.5)] or grey
    end
  end
  return table.concat(parts)
end

local function caption_of(layer, count, largest)
  local name = type(layer.name) == "string" and " of " .. layer.name or ""
  local limit = ("%.3g"):format(largest):gsub(",", ".")
  return ("The weights into each of the %d units%s. Blue is negative, white zero, red positive; full colour at ±%s.")
    :format(count, name, limit)
end

--- Shows the weights that lead into each unit of a layer as a small picture, blue for negative and red for positive
-- ones. The scale of colours is the same for all units, and is stated in the caption.
-- @tparam layer layer whose first weight tensor is a kernel (in, units), or (height, width, in, units)
-- @tparam[opt] table options
-- @tparam[opt] {integer,integer} options.image_shape height and width, whose product is `in` (a square if left out)
-- @tparam[opt] integer options.columns (as many as fit a page)
-- @tparam[opt] integer options.scale how often each pixel is repeated
-- @tparam[opt] string options.caption instead of the sentence about the scale
-- @tparam[opt] string options.title words for those who do not see the picture
-- @treturn table a figure
-- @raise where the layer has no weights, or their number makes no picture: the message says what to give
-- @usage lab:figure("First-layer weights", nn.plot.weights(model.layers[1]))
-- @function weights
return function(layer, options)
  options = options or {}
  arguments.check(options, OPTIONS, "plot.weights")
  local kernel, own_shape = kernel_of(layer)
  local inputs, count = kernel.shape[1], kernel.shape[2]
  local height, width = image_shape(options.image_shape or own_shape, inputs)
  local units = kernel:transpose():totable()
  local largest = largest_of(units)
  local columns = check.count(options.columns, sheet.columns(count, width), "plot.weights: columns")
  return gallery.new {
    bytes = draw(units, largest), count = count, height = height, width = width, channels = 3, columns = columns,
    scale = check.count(options.scale, sheet.scale(columns, width), "plot.weights: scale"),
    caption = text.clean(options.caption or caption_of(layer, count, largest)), alt = options.title or "weights",
  }
end
