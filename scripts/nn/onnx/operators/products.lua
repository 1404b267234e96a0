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

-- ---- Einsum --------------------------------------------------------------------------------------------------------

-- Letters that the equation does not use, one for each axis that "..." may stand for.
local function free_letters(equation)
  local list = {}
  for code = ("A"):byte(), ("z"):byte() do
    local letter = string.char(code)
    if letter:find "%a" and not equation:find(letter, 1, true) then list[#list + 1] = letter end
  end
  return table.concat(list)
end

-- A tensor of which each letter names one axis: where one names two, their diagonal.
local function without_repeats(numbers, letters)
  for letter in letters:gmatch "%a" do
    local first = letters:find(letter, 1, true)
    local second = letters:find(letter, first + 1, true)
    while second do
      numbers = ops.diagonal(numbers, 0, first, second)
      letters = letters:sub(1, first - 1) .. letters:sub(first + 1, second - 1) .. letters:sub(second + 1) .. letter
      first = letters:find(letter, 1, true)
      second = letters:find(letter, first + 1, true)
    end
  end
  return numbers, letters
end

-- What is given without "->": the letters that occur once, in order.
local function implicit_output(inputs, dots)
  local seen, letters = {}, {}
  for letter in inputs:gsub("%.%.%.", ""):gmatch "%a" do seen[letter] = (seen[letter] or 0) + 1 end
  for letter, count in pairs(seen) do letters[#letters + 1] = count == 1 and letter or nil end
  table.sort(letters)
  return (inputs:find("...", 1, true) and dots or "") .. table.concat(letters)
end

function operators.Einsum(call, ...)
  local equation = (call.attributes.equation or ""):gsub("%s", "")
  local inputs, output = equation:match "^(.-)%->(.*)$"
  inputs = inputs or equation
  local free, terms, operands, most = free_letters(equation), {}, {}, 0
  local given = { ... }
  for term in (inputs .. ","):gmatch "([^,]*)," do
    local operand = given[#terms + 1] or value.invalid("has more terms than inputs: %s", equation)
    local count = operand.data.ndim - #term:gsub("%.%.%.", "")
    most = term:find("...", 1, true) and math.max(most, count) or most
    terms[#terms + 1] = { term, count, floats(operand) }
  end
  for i, term in ipairs(terms) do -- the last axes of "..." are the same ones
    local letters = term[1]:gsub("%.%.%.", free:sub(most - term[2] + 1, most))
    operands[i], term[1] = without_repeats(term[3], letters)
    terms[i] = term[1]
  end
  local dots = free:sub(1, most)
  output = output and output:gsub("%.%.%.", dots) or implicit_output(inputs, dots)
  return (...):like(ops.einsum(table.concat(terms, ",") .. "->" .. output, table.unpack(operands)))
end

-- Of matrices in the last two axes.
function operators.Det(_, x)
  if x.data.ndim < 2 then value.invalid "takes matrices" end
  return x:like(ops.det(x.data))
end

return operators
