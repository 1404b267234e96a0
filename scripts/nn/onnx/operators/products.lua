--- Products of matrices.
local ops = require "nn.ops"
local value = require "nn.onnx.value"

local operators = {}

local function floats(x) return x.data:astype "float32" end

function operators.MatMul(_, a, b) return a:like(ops.matmul(floats(a), floats(b))) end

function operators.Gemm(call, a, b, c)
  local o = call.attributes
  local x, y = floats(a), floats(b)
  if o.transA == 1 then x = ops.transpose(x) end
  if o.transB == 1 then y = ops.transpose(y) end
  local result = ops.matmul(x, y)
  if (o.alpha or 1) ~= 1 then result = result * o.alpha end
  if c then result = result + floats(c) * (o.beta or 1) end
  return a:like(result)
end

-- Places without a name ("...") get the letters that the equation leaves free.
function operators.Einsum(call, ...)
  local equation, operands = call.attributes.equation:gsub("%s", ""), {}
  for i, each in ipairs { ... } do operands[i] = floats(each) end
  if not equation:find("->", 1, true) then -- the letters that occur once, in order
    local seen, letters, ellipsis = {}, {}, equation:find("...", 1, true) and "..." or ""
    for letter in equation:gmatch "%a" do seen[letter] = (seen[letter] or 0) + 1 end
    for letter, count in pairs(seen) do letters[#letters + 1] = count == 1 and letter or nil end
    table.sort(letters)
    equation = equation .. "->" .. ellipsis .. table.concat(letters)
  end
  return (...):like(ops.einsum(equation, table.unpack(operands)))
end

-- Of matrices in the last two axes.
function operators.Det(_, x)
  if x.data.ndim < 2 then value.invalid "takes matrices" end
  return x:like(ops.det(x.data))
end

return operators
