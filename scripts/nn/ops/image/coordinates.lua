--- Numbers at places between pixels.
-- @submodule nn.ops.image
local arguments = require "nn.support.arguments"
local base = require "nn.ops.base"
local blame = require "nn.support.blame"
local pictures = require "nn.ops.image.pictures"
local random = require "nn.random"
local spatial = require "nn.layers.base.spatial"

local ops = base.ops

-- Positions are numbers in float32, which holds whole numbers up to here.
local MOST_CELLS = 2 ^ 24

-- For each fill_mode the position within an axis of n elements that stands at any position i.
local INSIDE = {
  constant = function(i, n) return ops.clip(i, 0, n - 1) end, -- what is outside is replaced afterwards
  nearest = function(i, n) return ops.clip(i, 0, n - 1) end,
  wrap = function(i, n) return ops.mod(i, n) end,
  reflect = function(i, n)
    local turn = ops.mod(i, 2 * n)
    return ops.minimum(turn, 2 * n - 1 - turn)
  end,
  mirror = function(i, n)
    if n == 1 then return i * 0 end
    local turn = ops.mod(i, 2 * n - 2)
    return ops.minimum(turn, 2 * n - 2 - turn)
  end,
}

-- What stands at whole positions: rows of `cells`, or o.fill_value outside.
local function at(cells, sizes, positions, first, o)
  local flat, is_inside = first, nil
  for axis, i in ipairs(positions) do
    local n = sizes[axis]
    flat = flat * n + INSIDE[o.fill_mode](i, n)
    local inside = ops.logical_and(ops.greater_equal(i, 0), ops.less(i, n))
    is_inside = is_inside and ops.logical_and(is_inside, inside) or inside
  end
  local found = ops.take(cells, flat, 1)
  if o.fill_mode ~= "constant" then return found end
  return ops.where(ops.expand_dims(is_inside, -1), found, o.fill_value)
end

-- Rows of `cells` at positions that need not be whole.
-- @tparam tensor cells (places, width)
-- @tparam {integer,...} sizes of the axes whose product, for each picture, is the number of places
-- @tparam {tensor,...} coordinates one for each axis, all of one shape
-- @tparam tensor|number first the number of the picture in which they are, from 0
-- @tparam table o order 0 or 1, fill_mode, fill_value
-- @treturn tensor (the coordinates' shape, width)
local function interpolate(cells, sizes, coordinates, first, o)
  local floors, parts, sum = {}, {}, nil
  for axis, c in ipairs(coordinates) do
    floors[axis] = ops.floor(o.order == 0 and c + 0.5 or c)
    parts[axis] = c - floors[axis]
  end
  if o.order == 0 then return at(cells, sizes, floors, first, o) end
  for corner = 0, 2 ^ #sizes - 1 do
    local positions, weight = {}, 1
    for axis in ipairs(sizes) do
      local is_upper = corner // (1 << axis - 1) % 2 == 1
      positions[axis] = is_upper and floors[axis] + 1 or floors[axis]
      weight = weight * (is_upper and parts[axis] or 1 - parts[axis])
    end
    local term = at(cells, sizes, positions, first, o) * ops.expand_dims(weight, -1)
    sum = sum and sum + term or term
  end
  return sum
end

local function check_options(o, name)
  if o.order ~= 0 and o.order ~= 1 then blame("%s: order: expected 0 or 1, got %s", name, blame.got(o.order)) end
  spatial.choice(o, name, "fill_mode", { "constant", "nearest", "reflect", "mirror", "wrap" })
end

local function check_size(x, name)
  if x.size > MOST_CELLS then
    blame("%s: expected at most %d numbers, got %d; take parts of them", name, MOST_CELLS, x.size)
  end
end

--- Numbers of a tensor at coordinates that need not be whole. Gradients pass to both.
-- @function map_coordinates
-- @tparam tensor inputs of any number of axes, at most 2^24 numbers
-- @tparam tensor coordinates (axes of inputs, ...): for each axis positions from 0
-- @tparam integer order 1: linear interpolation; 0: the nearest number
-- @tparam[opt] string fill_mode beyond the edges of abcd: "constant" (default): fill_value; "nearest": the number at
-- the edge; "reflect": dcba; "mirror": cb, without the edge; "wrap": abcd again
-- @tparam[opt=0] number fill_value
-- @treturn tensor of the shape of coordinates without its first axis
-- @usage nn.ops.image.map_coordinates({ { 1, 2 }, { 3, 4 } }, { { 0, 0.5 }, { 1, 0.5 } }, 1) --> 2 2.5
base.compose { "image.map_coordinates", operands = { "inputs", "coordinates" },
  options = { { "order", arguments.required }, { "fill_mode", "constant" }, { "fill_value", 0 } },
  compute = function(x, coordinates, o)
    local name = "image.map_coordinates"
    x, coordinates = base.known(x, name), base.known(coordinates, name)
    check_options(o, name)
    check_size(x, name)
    if coordinates.ndim < 2 or coordinates.shape[1] ~= x.ndim then
      blame("%s: coordinates: expected a first axis of %d, one for each axis of inputs, and more axes, got shape %s",
        name, x.ndim, table.concat(base.shape_of(coordinates), "x"))
    end
    local list = ops.unstack(coordinates, coordinates.shape[1], 1)
    return ops.squeeze(interpolate(ops.reshape(x, { -1, 1 }), base.shape_of(x), list, 0, o), -1)
  end }

-- Random shifts (n, height, width), smooth over about sigma pixels.
local function smooth_noise(shape, sigma, seed)
  local noise = random.normal { shape = { shape[1], shape[2], shape[3], 1 }, stddev = sigma, seed = seed }
  local size = math.floor(6 * sigma) | 1
  return ops.squeeze(ops.image.gaussian_blur(noise, size, sigma), -1)
end

-- Each place of the axes as a tensor (1, height, width).
local function places(height, width)
  local rows = ops.reshape(ops.arange(height), { 1, height, 1 })
  local columns = ops.reshape(ops.arange(width), { 1, 1, width })
  return rows + 0 * columns, columns + 0 * rows
end

-- images (n, height, width, channels)
local function elastic(images, o)
  local shape = base.shape_of(images)
  local n, height, width, channels = table.unpack(shape)
  local seed = o.seed or random.next_seed()
  local rows, columns = places(height, width)
  local down = rows + o.alpha * smooth_noise(shape, o.sigma, seed)
  local right = columns + o.alpha * smooth_noise(shape, o.sigma, seed + 1)
  local first = ops.reshape(ops.arange(n), { n, 1, 1 }) + 0 * down
  local cells = ops.reshape(images, { n * height * width, channels })
  return interpolate(cells, { height, width }, { down, right }, first, o)
end

local function check_number(o, name, key, is_right, expected)
  if type(o[key]) ~= "number" or not is_right(o[key]) then
    blame("%s: %s: expected %s, got %s", name, key, expected, blame.got(o[key]))
  end
end

--- Pictures distorted as if they were drawn on rubber: each pixel is moved by a random shift that is much like its
-- neighbours' (Simard, Steinkraus, Platt 2003).
-- @function elastic_transform
-- @tparam tensor images (height, width, channels) or (n, height, width, channels)
-- @tparam[opt=20] number alpha by what the shifts are multiplied
-- @tparam[opt=5] number sigma over how many pixels shifts are alike, and the standard deviation before they are blurred
-- @tparam[opt] string interpolation "bilinear" (default), or "nearest"
-- @tparam[opt] string fill_mode ("reflect") beyond the edges, as for map_coordinates
-- @tparam[opt=0] number fill_value
-- @tparam[opt] integer seed (the next one)
-- @tparam[opt] string data_format "channels_last" (default) or "channels_first"
-- @treturn tensor of images' type
-- @usage nn.ops.image.elastic_transform(photos, 10, 3, { seed = 1 })
base.compose { "image.elastic_transform", operands = { "images" },
  options = { { "alpha", 20 }, { "sigma", 5 }, { "interpolation", "bilinear" }, { "fill_mode", "reflect" },
    { "fill_value", 0 }, { "seed" }, { "data_format" } },
  compute = function(x, o)
    local name = "image.elastic_transform"
    spatial.choice(o, name, "interpolation", { "bilinear", "nearest" })
    o.order = o.interpolation == "bilinear" and 1 or 0
    check_options(o, name)
    check_number(o, name, "alpha", function(a) return a == a end, "a number")
    check_number(o, name, "sigma", function(s) return s > 0 and s < math.huge end, "a number above 0")
    check_size(base.known(x, name), name)
    return pictures.apply(name, x, o, function(images, axes)
      return pictures.channels_last(images, axes[1] == 3, function(last) return elastic(last, o) end)
    end)
  end }
