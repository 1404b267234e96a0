--- Vectors of many numbers on two axes, such as those that an embedding has learned.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local scatter = require "nn.plot.scatter"
local tensor = require "nn.tensor"

local ROUNDS = 200 -- of the power method: in each, an axis with half the variance loses half of its share

local signature = arguments.signature("plot.projection", {
  { "vectors", arguments.required }, { "labels" }, { "colors" }, { "title" }, { "caption" },
})

local function unit(v) return v / math.max(((v * v):sum()) ^ 0.5, 1e-30) end

-- The direction in which vectors around 0 differ most, by the power method on their covariance (d, d). Of the two
-- opposite directions the one is taken whose largest number is positive.
local function principal_axis(centered)
  local d = centered.shape[2]
  local covariance = centered:transpose():matmul(centered)
  local axis = unit(tensor.arange(d) + 1)
  for _ = 1, ROUNDS do axis = unit(covariance:matmul(axis:reshape { d, 1 }):flatten()) end
  return axis[axis:abs():argmax() + 1] < 0 and -axis or axis
end

--- Draws vectors as points of the plane: along the two directions in which they differ most (principal components).
-- The axes say which part of the variance lies along them. Points that are far apart are far apart in truth, but points
-- that are near each other here may differ in the other directions.
-- @tparam table spec
-- @tparam tensor spec.vectors (n, d), also as the first positional argument: a row for each, of at least two numbers
-- @tparam[opt] {string,...} spec.labels a name for each; those for which there is no room are left out
-- @tparam[opt] {integer,...} spec.colors numbers of colours, such as one for each group
-- @tparam[opt] string spec.title
-- @tparam[opt] string spec.caption
-- @treturn table a figure
-- @raise if vectors are not a tensor with two axes, or the lists differ from it in length
-- @usage
-- local vectors = nn.layers.Embedding{ 3, 8 }(nn.tensor({ 0, 1, 2 }, "int32"))
-- nn.plot.projection{ vectors, labels = { "a", "b", "c" } }
-- @function projection
return function(spec)
  spec = signature(spec)
  local vectors = spec.vectors
  if not tensor.is_tensor(vectors) or vectors.ndim ~= 2 or #vectors < 2 or vectors.shape[2] < 2 then
    blame("plot.projection: vectors: expected a tensor of at least two rows and two columns, got %s",
      tensor.is_tensor(vectors) and table.concat(vectors.shape, "x") or blame.got(vectors))
  end
  local rest = vectors:astype "float32" - vectors:mean(1)
  local total, places, names = math.max((rest * rest):sum(), 1e-30), {}, {}
  for i = 1, 2 do
    local axis = principal_axis(rest)
    local place = rest:matmul(axis:reshape { -1, 1 })
    rest = rest - place * axis
    places[i] = place:flatten()
    names[i] = ("axis %d (%.0f %% of the variance)"):format(i, 100 * (place * place):sum() / total)
  end
  return scatter { places[1], places[2], labels = spec.labels, colors = spec.colors, title = spec.title,
    x_label = names[1], y_label = names[2], caption = spec.caption }
end
