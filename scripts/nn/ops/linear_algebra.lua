--- Linear algebra. The last two axes are a matrix, those before a batch of them; computed in double precision.
-- @submodule nn.ops
local blame = require "nn.support.blame"
local base = require "nn.ops.base"

local ops = base.ops

local function side_of(x, what)
  local shape = base.shape_of(x)
  if #shape < 2 then blame("%s: expected a matrix, got a tensor of %d axes", what, #shape) end
  return shape[#shape - 1], shape[#shape]
end

--- The solution x of a x = b.
-- @function solve
-- @tparam tensor a square matrices (..., n, n)
-- @tparam tensor b (..., n, k), or (..., n) for one right-hand side each
-- @treturn tensor of b's shape
-- @raise if a matrix is singular
-- @usage nn.ops.solve({ { 2, 0 }, { 0, 4 } }, { 2, 2 }) --> [1. 0.5]
base.compose { "solve", operands = { "a", "b" }, compute = function(a, b)
  local is_vector = #base.shape_of(b) == #base.shape_of(a) - 1
  local x = base.run("solve", {}, { a, is_vector and ops.expand_dims(b, -1) or b })
  return is_vector and ops.squeeze(x, -1) or x
end }

--- The inverse of square matrices.
-- @function inv
-- @tparam tensor x (..., n, n)
-- @treturn tensor of the same shape
-- @raise if a matrix is singular
-- @usage nn.ops.inv{ { 2, 0 }, { 0, 4 } }
base.compose { "inv", compute = function(x)
  local n = side_of(x, "inv")
  return base.run("solve", {}, { x, ops.eye(n) })
end }

--- The determinant of square matrices.
-- @function det
-- @tparam tensor x (..., n, n)
-- @treturn tensor (...)
-- @usage nn.ops.det{ { 1, 2 }, { 3, 4 } }:item() --> -2.0
base.define { "det" }

--- The sign of the determinant and the logarithm of its size.
-- @function slogdet
-- @tparam tensor x (..., n, n)
-- @treturn tensor sign: 1, -1 or 0
-- @treturn tensor
-- @usage local sign, log = nn.ops.slogdet{ { 1, 2 }, { 3, 4 } }
base.compose { "slogdet", compute = function(x)
  local both = base.run("slogdet", {}, { x })
  return ops.squeeze(ops.take(both, { 0 }, -1), -1), ops.squeeze(ops.take(both, { 1 }, -1), -1)
end }

--- The logarithm of the determinant of positive definite matrices.
-- @function logdet
-- @tparam tensor x (..., n, n)
-- @treturn tensor (...)
-- @usage nn.ops.logdet{ { 2, 0 }, { 0, 4 } }
base.compose { "logdet", compute = function(x)
  return ops.multiply(2, ops.sum(ops.log(ops.diagonal(ops.cholesky(x), { axis1 = -2, axis2 = -1 })), -1))
end }

--- The lower triangular factor l of positive definite matrices, l l^T. Only the lower triangle of x is read.
-- @function cholesky
-- @tparam tensor x (..., n, n)
-- @tparam[opt=false] boolean upper gives l^T
-- @treturn tensor of the same shape
-- @raise if a matrix is not positive definite
-- @usage nn.ops.cholesky{ { 4, 2 }, { 2, 5 } }
base.compose { "cholesky", options = { { "upper", false } }, compute = function(x, options)
  local l = base.run("cholesky", {}, { x })
  return options.upper and ops.swapaxes(l, -1, -2) or l
end }

-- Parts that stand one after the other in the last axis, each with its own two last axes.
local function parts_of(packed, batch, shapes)
  local results, first = {}, 1
  for i, shape in ipairs(shapes) do
    local size, start, length = 1, {}, {}
    for _, side in ipairs(shape) do size = size * side end
    for axis in ipairs(batch) do start[axis], length[axis] = 1, -1 end
    start[#start + 1], length[#length + 1] = first, size
    local part = ops.slice(packed, start, length)
    local full = table.move(batch, 1, #batch, 1, {})
    table.move(shape, 1, #shape, #full + 1, full)
    results[i], first = ops.reshape(part, full), first + size
  end
  return table.unpack(results)
end

local function batch_of(x)
  local shape = base.shape_of(x)
  return table.move(shape, 1, #shape - 2, 1, {})
end

--- Eigenvalues and eigenvectors of symmetric matrices. Only the lower triangle is read. No gradient passes.
-- @function eigh
-- @tparam tensor x (..., n, n)
-- @treturn tensor the eigenvalues (..., n), ascending
-- @treturn tensor the eigenvectors (..., n, n), as columns, whose number of greatest size is positive
-- @usage local values, vectors = nn.ops.eigh{ { 2, 1 }, { 1, 2 } }
base.compose { "eigh", compute = function(x)
  local n = side_of(x, "eigh")
  return parts_of(base.run("eigh", {}, { x }), batch_of(x), { { n }, { n, n } })
end }

--- The singular value decomposition x = u diag(s) vt. No gradient passes.
-- @function svd
-- @tparam tensor x (..., m, n)
-- @tparam[opt=true] boolean full_matrices whether u is (m, m) and vt (n, n), and not only as large as s
-- @tparam[opt=true] boolean compute_uv whether u and vt are given, too
-- @treturn tensor u, in whose columns the number of greatest size is positive; without compute_uv s
-- @treturn tensor s, descending
-- @treturn tensor vt
-- @usage local u, s, vt = nn.ops.svd(nn.ones{ 3, 2 }, { full_matrices = false })
base.compose { "svd", options = { { "full_matrices", true }, { "compute_uv", true } }, compute = function(x, options)
  local m, n = side_of(x, "svd")
  local k, full = math.min(m, n), options.full_matrices
  local u, s, vt = parts_of(base.run("svd", { full = full }, { x }), batch_of(x),
    { { m, full and m or k }, { k }, { full and n or k, n } })
  if not options.compute_uv then return s end
  return u, s, vt
end }

--- The decomposition x = q r, q with orthonormal columns and r upper triangular. No gradient passes.
-- @function qr
-- @tparam tensor x (..., m, n)
-- @tparam[opt="reduced"] string mode the only one: q is (m, k) and r (k, n) with k the lesser of m and n
-- @treturn tensor q
-- @treturn tensor r
-- @usage local q, r = nn.ops.qr(nn.ones{ 3, 2 })
base.compose { "qr", options = { { "mode", "reduced" } }, compute = function(x, options)
  if options.mode ~= "reduced" then blame('qr: mode: expected "reduced", got %s', blame.got(options.mode)) end
  local m, n = side_of(x, "qr")
  local k = math.min(m, n)
  return parts_of(base.run("qr", {}, { x }), batch_of(x), { { m, k }, { k, n } })
end }
