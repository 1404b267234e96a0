--- Changes of pictures as operations of the engine's table, one after the other. Layers add them to a graph, nn.ops
-- computes them at once: both pass a function run(operation, config, input) -> result.
--
-- Axes count from 1, the samples' axis included.
local proportions = require "nn.image.proportions"

local steps = {}

--- Another length along axes.
-- @tparam function run
-- @param input
-- @tparam {integer,...} axes
-- @tparam {integer,...} sizes the new length of each
-- @tparam string interpolation
-- @tparam[opt] boolean antialias
function steps.resample(run, input, axes, sizes, interpolation, antialias)
  for i, axis in ipairs(axes) do
    input = run("resample",
      { axis = axis, size = sizes[i], interpolation = interpolation, antialias = antialias }, input)
  end
  return input
end

--- The mean or greatest of each of so many equal parts of axes, the last axis first: so the gradient of a greatest
-- number that is there twice goes to the first in row-major order.
-- @tparam {integer,...} sizes how many parts along each of the axes
-- @tparam string kind "mean" or "max"
function steps.pool(run, input, axes, sizes, kind)
  for i = #axes, 1, -1 do
    local config = { axis = axes[i], size = sizes[i] }
    if kind == "mean" then config.interpolation = "adaptive" end
    input = run(kind == "mean" and "resample" or "resample_max", config, input)
  end
  return input
end

--- Elements more before and behind those along axes.
-- @tparam integer ndim how many axes there are
-- @tparam {{integer,integer},...} pairs how many before and behind, for each of the axes
-- @tparam[opt=0] number value
function steps.pad(run, input, ndim, axes, pairs, value)
  local before, after = {}, {}
  for i = 1, ndim do before[i], after[i] = 0, 0 end
  for i, axis in ipairs(axes) do before[axis], after[axis] = pairs[i][1], pairs[i][2] end
  return run("pad", { before = before, after = after, value = value or 0 }, input)
end

--- A part of the elements along axes.
-- @tparam {integer,...} first the first of each, from 1
-- @tparam {integer,...} sizes how many
function steps.slice(run, input, ndim, axes, first, sizes)
  local start, shape = {}, {}
  for i = 1, ndim do start[i], shape[i] = 1, -1 end
  for i, axis in ipairs(axes) do start[axis], shape[axis] = first[i], sizes[i] end
  return run("slice", { start = start, shape = shape }, input)
end

--- Pictures in another size.
-- @tparam {integer,...} shape with the samples' axis
-- @tparam {integer,integer} axes of the height and the width
-- @tparam {integer,integer} size
-- @tparam table options interpolation, antialias, crop_to_aspect_ratio, pad_to_aspect_ratio, fill_value
function steps.resize(run, input, shape, axes, size, options)
  local height, width = shape[axes[1]], shape[axes[2]]
  if options.crop_to_aspect_ratio then
    input = steps.slice(run, input, #shape, axes, proportions.middle(height, width, size))
  elseif options.pad_to_aspect_ratio then
    local above, left = proportions.margins(height, width, size)
    input = steps.pad(run, input, #shape, axes, { { above, above }, { left, left } }, options.fill_value)
  end
  return steps.resample(run, input, axes, size, options.interpolation, options.antialias)
end

return steps
