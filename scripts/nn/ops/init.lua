--- Operations on tensors (`nn.ops`), with the names and arguments of keras.ops.
--
--     local y = nn.ops.matmul(x, w) + b
--     nn.ops.sum(x, 2)                                  --> the sum over the second axis
--     nn.ops.sum(x, { axis = 2, keepdims = true })      --> options have names, too
--
-- Where an operation takes a tensor, it takes a number or a nested table as well. Results are tensors, also those
-- without axes: `nn.ops.sum(x):item()` is the number. Everything is computed in float32, but tensors of integers stay
-- such where Keras keeps them (sums, products, the greatest ...).
--
-- Axes are positions from 1, or from the end if negative. Positions that are data (`argmax`, the indices of `take`
-- and `top_k`, `argsort`, `one_hot`) count from 0, as class ids do.
-- @module nn.ops
local base = require "nn.ops.base"

-- One line for each family, sorted.
require "nn.ops.activations"
require "nn.ops.adaptive_pooling"
require "nn.ops.attention"
require "nn.ops.binary"
require "nn.ops.convolution"
require "nn.ops.crossentropy"
require "nn.ops.ctc"
require "nn.ops.einsum"
require "nn.ops.image"
require "nn.ops.indexing"
require "nn.ops.joining"
require "nn.ops.linear_algebra"
require "nn.ops.making"
require "nn.ops.pooling"
require "nn.ops.products"
require "nn.ops.reductions"
require "nn.ops.segments"
require "nn.ops.shapes"
require "nn.ops.slicing"
require "nn.ops.sorting"
require "nn.ops.statistics"
require "nn.ops.triangles"
require "nn.ops.unary"

return base.ops
