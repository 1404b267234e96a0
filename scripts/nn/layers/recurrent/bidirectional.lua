--- A sequence read from both ends.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local composed = require "nn.layers.base.composed"
local layer = require "nn.layers.base"
local masks = require "nn.layers.base.masks"
local recurrent = require "nn.layers.recurrent.base"

local MERGES = { concat = true, sum = true, mul = true, ave = true }

local function merge(mode, y, z)
  if mode == "concat" then return layer.layers.Concatenate {} { y, z } end
  local ops = require "nn.ops"
  if mode == "sum" then return y + z end
  if mode == "mul" then return y * z end
  return ops.divide(y + z, 2)
end

local function check_backward(own, other)
  for _, argument in ipairs { "return_sequences", "return_state", "stateful" } do
    if other[argument] ~= own[argument] then
      blame("Bidirectional: backward_layer: expected %s = %s, as layer has it, got %s", argument,
        tostring(own[argument]), tostring(other[argument]))
    end
  end
  if other.go_backwards == own.go_backwards then
    blame("Bidirectional: backward_layer: expected go_backwards = %s, the opposite of layer's",
      tostring(not own.go_backwards))
  end
end

local function start(a, object)
  local given = composed.layer_of(a.layer)
  if not layer.is(given) or not given.arguments.return_sequences and given.arguments.return_sequences ~= false then
    blame("Bidirectional: layer: expected a recurrent layer, such as LSTM{ 32 }, got %s", blame.got(a.layer))
  end
  local own, other = given.arguments, composed.layer_of(a.backward_layer)
  if other then check_backward(own, other.arguments) end
  -- As Keras: masked steps of sequences give 0, so that both directions have the same ones.
  object.forward_layer = composed.copy(given, { name = "forward_" .. given.name,
    zero_output_for_mask = own.return_sequences })
  object.backward_layer = composed.copy(other or given, { name = not other and "backward_" .. given.name or nil,
    go_backwards = not own.go_backwards, zero_output_for_mask = own.return_sequences })
  if a.merge_mode == "none" then a.merge_mode = false end
  if a.merge_mode and not MERGES[a.merge_mode] then
    blame("Bidirectional: merge_mode: expected concat, sum, mul, ave or none, got %s", blame.got(a.merge_mode))
  end
  composed.adopt(object, { object.forward_layer, object.backward_layer })
end

local function call(self, x, ...)
  local states, half = { ... }, select("#", ...) // 2
  if #states % 2 ~= 0 then
    blame("%s: initial_state: expected as many tensors for each direction, got %d in all", self:title(), #states)
  end
  local function run(each, first)
    local initial = half > 0 and table.move(states, first + 1, first + half, 1, {}) or nil
    return { each(x, { initial_state = initial }) }
  end
  local first, last, flip = self.forward_layer, self.backward_layer, require("nn.ops").flip
  local y, z = run(first, 0), run(last, half)
  if first.arguments.return_sequences then z[1] = flip(z[1], 2) end -- as Keras, also if the first goes backwards
  local results = self.arguments.merge_mode and { merge(self.arguments.merge_mode, y[1], z[1]) } or { y[1], z[1] }
  table.move(y, 2, #y, #results + 1, results)
  table.move(z, 2, #z, #results + 1, results)
  return table.unpack(results)
end

--- A recurrent layer that reads the sequence from the start and a second one that reads it from the end; the outputs
-- are merged. The layer that is given is not used itself: both directions are new layers with its arguments.
-- @function Bidirectional
-- @tparam layer layer a recurrent layer
-- @tparam[opt] string merge_mode "concat" (default), "sum", "mul", "ave", or "none": two results
-- @tparam[opt] layer backward_layer the layer that reads from the end, with `go_backwards = true`
-- With return_state the last states follow, the forward layer's first; `initial_state` has the same order.
-- @usage Bidirectional{ LSTM{ 32, return_sequences = true } }
composed.define {
  class = "Bidirectional",
  merges = true, reads_mask = true, second_inputs = { "mask" },
  arguments = { { "layer", layer.required }, { "merge_mode", "concat" }, { "backward_layer" } },
  check = start,
  call = call,
  methods = {
    takes_mask = true,
    prepare_inputs = recurrent.methods.prepare_inputs,
    reset_state = recurrent.reset_all,
    __call = recurrent.methods.__call,
    compute_mask = function(self, inputs)
      return self.forward_layer.arguments.return_sequences and masks.of_column(inputs[#inputs]) or nil
    end,
    get_config = function(self)
      local a = self.arguments
      return { name = self.name, trainable = self.trainable, merge_mode = a.merge_mode or "none",
        layer = composed.plain(composed.layer_of(a.layer)),
        backward_layer = a.backward_layer and composed.plain(composed.layer_of(a.backward_layer)) }
    end,
  },
  examples = {
    { { layer.layers.LSTM { 2, return_sequences = true } }, { 3, 2 } },
    { { layer.layers.GRU { 2 }, merge_mode = "ave" }, { 3, 2 } },
    { { layer.layers.SimpleRNN { 2 }, merge_mode = "mul", backward_layer = layer.layers.SimpleRNN { 2,
      go_backwards = true } }, { 3, 2 } },
  },
}
