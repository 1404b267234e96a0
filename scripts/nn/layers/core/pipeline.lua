--- Layers one after the other as one layer.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local inner = require "nn.layers.base.inner"
local layer = require "nn.layers.base"

--- Layers that prepare data, one after the other. Unlike a Sequential it is no model, and takes no layers with weights.
-- @function Pipeline
-- @tparam {layer,...} layers in their order
-- @usage Pipeline{ { Rescaling{ 1 / 255 }, RandomFlip{ "horizontal" }, RandomZoom{ 0.2 } } }
layer.define {
  class = "Pipeline",
  arguments = { { "layers", layer.required } },
  check = function(a, object)
    if type(a.layers) ~= "table" or layer.is(a.layers) or #a.layers == 0 then
      blame("Pipeline: layers: expected a list of layers, got %s", blame.got(a.layers))
    end
    local entries = {}
    object.layers = {}
    for i, each in ipairs(a.layers) do
      object.layers[i], entries[i] = inner.read(each, ("Pipeline: layers: %d"):format(i))
    end
    a.layers = entries
  end,
  methods = {
    lower_into = function(self, emit, inputs, shapes)
      local nodes, given = inputs, shapes
      for _, each in ipairs(self.layers) do
        local outputs = table.pack(each:build(given))
        if #each.weights > 0 then
          blame.at(self.where, "%s: the layer %s has weights; put the layers into an nn.Sequential, which can be "
            .. "called as a layer, too", self:title(), each.name)
        end
        nodes, given = { each:lower_into(emit, nodes, given) }, outputs
      end
      return table.unpack(nodes)
    end,
  },
  examples = {
    { { { { class_name = "Rescaling", config = { scale = 0.5 } },
      { class_name = "RandomZoom", config = { height_factor = 0.3, seed = 1 } },
      { class_name = "Resizing", config = { height = 2, width = 3 } } } }, { 4, 4, 2 } },
  },
}
