--- Layers of nnrun's own that are made of other layers, as those of a script are (extend.lua): what their `call` does
-- with layers and operations becomes part of the graph.
local extend = require "nn.layers.base.extend"
local layer = require "nn.layers.base"
local symbolic = require "nn.layers.base.symbolic"

local composed = {}

local METHODS = { "build", "gather_weights", "lower_into", "named_weights", "weight_shapes" }

--- Declares such a layer.
-- @tparam table definition as of layer.define, and: call: function(self, x, ...) of symbolic tensors, the sequence with
-- its mask and what else the layer reads; call_with: in its place function(self, list, use), with what this use of the
-- layer is (base/init.lua); build: function(self, shapes) that makes weights of its own; check: function(a, object)
-- that makes the layers in it (`adopt` puts them in)
-- @treturn function the constructor
function composed.define(definition)
  local methods = definition.methods or {}
  for _, name in ipairs(METHODS) do methods[name] = methods[name] or extend.methods[name] end
  definition.methods = methods
  local check, call, call_with = definition.check, definition.call, definition.call_with
  function definition.check(a, object)
    object.definition = { build = definition.build, call = function(self, inputs, _, use)
      local list = symbolic.is(inputs) and { inputs } or table.move(inputs, 1, #inputs, 1, {})
      if call_with then return call_with(self, list, use or { count = #list, second = {} }) end
      if self.takes_mask and #list > 1 and list[#list].shape[2] == 1 and #list[#list].shape == 2 then
        list[1].mask = table.remove(list)
      end
      return call(self, table.unpack(list))
    end }
    object.all_layers, object.is_part, object.own_weights = {}, {}, extend.new_weights()
    object.weight_names, object.weight_is_state = object.own_weights.names, object.own_weights.is_state
    object.weight_regularizers, object.weight_constraints = object.own_weights.regularizers,
      object.own_weights.constraints
    check(a, object)
  end
  return layer.define(definition)
end

composed.adopt, composed.add_weight = extend.adopt, extend.methods.add_weight

--- A layer as plain values, and back.
function composed.plain(each) return { class_name = each.class_name, config = each:get_config() } end

--- A new layer from another one, or from plain values.
-- @param given a layer, or { class_name =, config = }
-- @tparam table changes of its arguments
function composed.copy(given, changes)
  local config, copy = {}, {}
  for name, value in pairs(layer.is(given) and given:get_config() or given.config or {}) do config[name] = value end
  for name, value in pairs(changes) do config[name] = value end
  copy.class_name, copy.config = given.class_name, config
  return require("nn.models.architecture").from_entry(copy)
end

--- The layer that an argument stands for: a layer, or plain values.
function composed.layer_of(given)
  if type(given) == "table" and not getmetatable(given) and given.class_name then
    return require("nn.models.architecture").from_entry { class_name = given.class_name, config = given.config or {} }
  end
  return given
end

return composed
