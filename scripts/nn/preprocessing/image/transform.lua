--- Random changes of pictures, as Keras' ImageDataGenerator draws and applies them.
local data = require "engine.data"
local tensor = require "nn.tensor"

local transform = {}

--- How many numbers from 0 to 1 a picture's changes are made of.
transform.DRAWS = 13

local function between(share, low, high) return low + share * (high - low) end

-- A shift: a share of the length if it is below 1, else pixels; or one of a list of pixels, in either direction.
local function shift(range, share, sign, length)
  if type(range) == "table" then
    local pick = range[math.min(#range, math.floor(share * #range) + 1)]
    local pixels = sign < 0.5 and -pick or pick
    return math.abs(pick) < 1 and pixels * length or pixels
  end
  return between(share, -range, range) * (range < 1 and length or 1)
end

--- What is done to a picture.
-- @tparam table settings of the generator
-- @tparam {number,...} draws `transform.DRAWS` numbers from 0 to 1
-- @tparam integer height
-- @tparam integer width
-- @treturn table with Keras' names: theta (degrees), tx (rows), ty (columns), shear, zx, zy, flip_horizontal,
-- flip_vertical, channel_shift_intensity, brightness
function transform.parameters(settings, draws, height, width)
  local zoom, brightness = settings.zoom_range, settings.brightness_range
  return {
    theta = between(draws[1], -settings.rotation_range, settings.rotation_range),
    tx = shift(settings.height_shift_range, draws[2], draws[3], height),
    ty = shift(settings.width_shift_range, draws[4], draws[5], width),
    shear = between(draws[6], -settings.shear_range, settings.shear_range),
    zx = between(draws[7], zoom[1], zoom[2]), zy = between(draws[8], zoom[1], zoom[2]),
    flip_horizontal = settings.horizontal_flip and draws[9] < 0.5,
    flip_vertical = settings.vertical_flip and draws[10] < 0.5,
    channel_shift_intensity = settings.channel_shift_range ~= 0
      and between(draws[11], -settings.channel_shift_range, settings.channel_shift_range) or nil,
    brightness = brightness and between(draws[12], brightness[1], brightness[2]) or nil,
  }
end

local function product(a, b)
  local c = {}
  for i = 1, 3 do
    c[i] = {}
    for j = 1, 3 do c[i][j] = a[i][1] * b[1][j] + a[i][2] * b[2][j] + a[i][3] * b[3][j] end
  end
  return c
end

--- The map from places (row, column) of the result to places of the picture, both from 0: rotation, shift, shear and
-- zoom about the centre, after the flips.
local function matrix_of(p, height, width)
  local angle, slant = math.rad(p.theta or 0), math.rad(p.shear or 0)
  local cos, sin = math.cos(angle), math.sin(angle)
  local row, column = height / 2 - 0.5, width / 2 - 0.5
  local m = { { 1, 0, row }, { 0, 1, column }, { 0, 0, 1 } }
  for _, each in ipairs {
    { { cos, -sin, 0 }, { sin, cos, 0 }, { 0, 0, 1 } },
    { { 1, 0, p.tx or 0 }, { 0, 1, p.ty or 0 }, { 0, 0, 1 } },
    { { 1, -math.sin(slant), 0 }, { 0, math.cos(slant), 0 }, { 0, 0, 1 } },
    { { p.zx or 1, 0, 0 }, { 0, p.zy or 1, 0 }, { 0, 0, 1 } },
    { { 1, 0, -row }, { 0, 1, -column }, { 0, 0, 1 } },
    { { p.flip_vertical and -1 or 1, 0, p.flip_vertical and height - 1 or 0 },
      { 0, p.flip_horizontal and -1 or 1, p.flip_horizontal and width - 1 or 0 }, { 0, 0, 1 } },
  } do m = product(m, each) end
  return m
end

local function is_identity(m)
  for i = 1, 3 do
    for j = 1, 3 do
      if m[i][j] ~= (i == j and 1 or 0) then return false end
    end
  end
  return true
end

-- Moves the pixels of pictures (n, height, width, channels).
local function warp(x, list, settings)
  local maps, are_all_identity = {}, true
  for i, p in ipairs(list) do
    local m = matrix_of(p, x.shape[2], x.shape[3])
    are_all_identity = are_all_identity and is_identity(m)
    maps[i] = { m[2][2], m[2][1], m[2][3], m[1][2], m[1][1], m[1][3], 0, 0 } -- by (column, row), as the engine counts
  end
  if are_all_identity then return x:copy() end
  return data.warp(x, tensor.tensor(maps), settings.fill_mode, settings.cval, settings.interpolation_order == 0)
end

-- As Pillow does it to bytes.
local function brighten(x, factor) return (x:floor() * factor):floor():clip(0, 255) end

--- Applies changes to pictures.
-- @tparam tensor x float32 (n, height, width, channels)
-- @tparam {table,...} list of parameters, one a picture
-- @tparam table settings fill_mode, cval, interpolation_order
-- @treturn tensor
function transform.apply(x, list, settings)
  x = warp(x, list, settings)
  for i, p in ipairs(list) do
    if p.channel_shift_intensity or p.brightness then
      local one = x[i]
      if p.channel_shift_intensity then one = (one + p.channel_shift_intensity):clip(one:min(), one:max()) end
      if p.brightness then one = brighten(one, p.brightness) end
      x[i] = one
    end
  end
  return x
end

return transform
