--- What changes the colors of pictures (n, height, width, channels) also in inference.
local blame = require "nn.support.blame"
local tensor = require "nn.tensor"

local layers = {}

local by_kind = {}

-- Of each channel of a picture the least number becomes low, the greatest high.
function by_kind.auto_contrast(g, n)
  local x, c = n.inputs[1], n.config
  local least = g:reduce("ReduceMin", x, { 1, 2 }, true)
  local range = g:binary("Sub", g:reduce("ReduceMax", x, { 1, 2 }, true), least)
  local share = g:binary("Div", g:binary("Sub", x, least), g:binary("Max", range, 1e-30))
  local wide = g:binary("Add", g:binary("Mul", share, c.high - c.low), c.low)
  local limited = g:binary("Min", g:binary("Max", wide, c.low), c.high)
  return g:add("Where", { g:binary("Greater", range, 0), limited, x })
end

local MANY = 1e30

-- Each number becomes the share of numbers of its channel that lie in its bin or below it.
function by_kind.equalization(g, n)
  local c, shape = n.config, n.shapes[1]
  local pixels, bins = shape[1] * shape[2], c.bins or 256
  local x = g:reshape(g:transpose(n.inputs[1], { 0, 3, 1, 2 }), { shape[3], pixels })
  local place = g:binary("Mul", g:binary("Div", g:binary("Sub", x, c.low), c.high - c.low), bins - 1)
  local bin = g:map("Floor", g:binary("Min", g:binary("Max", place, 0), bins - 1))
  local numbers = g:constant(tensor.arange(bins))
  local found = g:as_floats(g:binary("Equal", g:add("Unsqueeze", { bin, g:integers { -1 } }), numbers))
  local below = g:add("CumSum", { g:reduce("ReduceSum", found, { 2 }), g:number(2, "int64") })
  local filled = g:add("Where", { g:binary("Greater", below, 0), below, g:number(MANY) })
  local lowest = g:reduce("ReduceMin", filled, { 2 }, true)
  local rest = g:binary("Sub", pixels, lowest)
  local share = g:binary("Div", g:binary("Mul", g:binary("Sub", below, lowest), 255), g:binary("Max", rest, 1))
  local stands = g:binary("Min", g:binary("Max", g:map("Round", share), 0), 255)
  local picked = g:add("GatherElements", { stands, g:as_integers(bin) }, { axis = 2 })
  local new = g:binary("Add", g:binary("Mul", g:binary("Div", picked, 255), c.high - c.low), c.low)
  local y = g:add("Where", { g:binary("Greater", rest, 0), new, x })
  return g:transpose(g:reshape(y, { shape[3], shape[1], shape[2] }), { 0, 2, 3, 1 })
end

function layers.image_color(g, n)
  if not n.config.is_always then return n.inputs[1] end
  local f = by_kind[n.config.kind] or blame("export: %s: ONNX has no operator for %s", n.title, n.config.kind)
  return f(g, n)
end

return { layers = layers, operations = {} }
