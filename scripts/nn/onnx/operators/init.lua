--- The table of ONNX' operators: name -> function(call, input1, input2, ...) that returns the outputs.
--
-- Inputs and outputs are values (`nn.onnx.value`); an input that is left out is nil. `call` has attributes (by name),
-- version (of the set of operators that the file names), outputs (how many are wanted), inputs, count and run(graph,
-- inputs), which computes a graph within the node.
-- Source: https://onnx.ai/onnx/operators/
local value = require "nn.onnx.value"

local operators = { by_name = {} }

-- One line for each kind, sorted.
for _, kind in ipairs {
  "control", "convolution", "elementwise", "images", "indexing", "losses", "making", "normalization", "pooling",
  "products", "recurrent", "reduction", "regions", "selection", "shape", "signals", "training", "windows",
} do
  for name, run in pairs(require("nn.onnx.operators." .. kind)) do operators.by_name[name] = run end
end

--- The function of a node's operator.
-- @tparam table node op_type, domain
-- @raise a table with problem if there is none
function operators.find(node)
  local is_standard = node.domain == "" or node.domain == "ai.onnx"
  local run = operators.by_name[is_standard and node.op_type or node.domain .. "." .. node.op_type]
  return run or value.invalid("nnrun has no operator %s%s", node.op_type,
    is_standard and "" or (" of the domain %s"):format(node.domain))
end

return operators
