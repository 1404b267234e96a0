--- Windows over signals: numbers that rise and fall.
local ops = require "nn.ops"
local tensor = require "nn.tensor"
local value = require "nn.onnx.value"

local operators = {}

-- The sum of (-1)^k c[k] cos(2 pi k n / N).
local function window(name, coefficients)
  operators[name] = function(call, size)
    local count = math.tointeger(size:item())
    if count < 0 or count > 1 << 30 then value.invalid "its size makes no sense" end
    local period = call.attributes.periodic == 0 and count - 1 or count
    local angle, sum, sign = tensor.arange(count) * (2 * math.pi / period), tensor.zeros { count }, 1
    for k, c in ipairs(coefficients) do
      sum, sign = sum + ops.cos(angle * (k - 1)) * (sign * c), -sign
    end
    return value.new(sum, value.names[call.attributes.output_datatype or 1])
  end
end
window("HannWindow", { 0.5, 0.5 })
window("HammingWindow", { 25 / 46, 21 / 46 })
window("BlackmanWindow", { 0.42, 0.5, 0.08 })

return operators
