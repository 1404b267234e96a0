--- An activation with its options, to be called with a tensor or given to a layer.
local objects = require "engine.objects"
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local functions = require "nn.support.functions"
local recording = require "nn.tape.recording"

local Activation = {}
Activation.__index = Activation

-- Those that look at a whole row, along an axis that may be named.
local BY_ROW = { softmax = true, log_softmax = true, sparsemax = true, glu = true }
local SEVERAL_AXES = { softmax = true, log_softmax = true }

local function check_axis(name, axis)
  local may_be_several = SEVERAL_AXES[name]
  local list = may_be_several and type(axis) == "table" and axis or { axis }
  for _, each in ipairs(list) do
    if math.type(each) ~= "integer" or each == 0 then list = {} end
  end
  if #list == 0 then
    blame("%s: axis: expected a position such as 2 or -1%s, got %s", name,
      may_be_several and ", or a list of them" or "", blame.got(axis))
  end
end

--- @tparam string name
-- @tparam ?table options as given
-- @tparam table bound all options, with their defaults
-- @tparam table config the engine's
-- @treturn Activation name, options, config; engine: the engine's layer; by_row: whether a value depends on its whole
-- row; axis, if it is not the last one
function Activation.new(name, options, bound, config)
  if bound.axis ~= nil then check_axis(name, bound.axis) end
  return setmetatable({
    name = name, options = options, config = config, by_row = BY_ROW[name],
    engine = name == "glu" and "glu" or "activation", axis = bound.axis ~= -1 and bound.axis or nil,
  }, Activation)
end

--- An activation that is a function of the script: from a tensor to one of its shape.
-- @tparam function f
-- @treturn Activation
function Activation.of_function(f)
  return setmetatable({ name = functions.name(f) or "function", fn = f, by_row = true }, Activation)
end

-- The engine's function; an operation where a tape records it.
local function activate(config, x)
  if recording.is_tracked(x) then return require("nn.ops.base").run("activation", config, { x }) end
  return objects.activate(config, x)
end

-- The engine has glu as a layer only.
local function glu(x)
  local shape, length = x.shape, x.shape[x.ndim]
  if not length or length % 2 ~= 0 then
    blame("glu: it halves an axis, whose length must be even; got a tensor of %s", align.text(shape))
  end
  shape[#shape] = length // 2
  local halves = x:reshape { -1, 2, length // 2 }
  local gate = activate({ activation = "sigmoid" }, align.floats(halves[{ {}, 2 }]))
  return (halves[{ {}, 1 }] * gate):reshape(shape)
end

local function along_last(self, x)
  if self.engine == "glu" then return glu(x) end
  return activate(self.config, x)
end

function Activation:__call(x)
  local t = align.floats(x)
  if self.fn then return self.fn(t) end
  if not self.axis then return along_last(self, t) end
  local order, axes = align.to_end(self.name, self.axis, t.ndim)
  local back, moved = {}, align.floats(t:transpose(order))
  for i, axis in ipairs(order) do back[axis] = i end
  local shape = moved.shape
  local rows = table.move(shape, 1, #shape - axes, 1, {})
  rows[#rows + 1] = -1
  local result = along_last(self, axes > 1 and moved:reshape(rows) or moved)
  return (axes > 1 and result:reshape(shape) or result):transpose(back):contiguous()
end

-- The name, or name and options, that a stored model holds.
function Activation:plain()
  if self.fn then return self.fn end
  if not self.options or next(self.options) == nil then return self.name end
  return { name = self.name, options = self.options }
end

return Activation
