--- What layers that read words and categories share. They change data before a model computes with them, so they are no
-- nodes of the engine: called on data they give a tensor at once, and called on a model's input they become the way in
-- which that model reads its data.
--
-- For the model such an input has the shape of what the layer gives. `nn.models.feed` calls the layer.
local arguments = require "nn.support.arguments"
local as_list = require "nn.support.list"
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
local symbolic = require "nn.layers.base.symbolic"

local base = { classes = {} }

-- Makes the layer the reader of an input.
local function attach(self, input)
  local source = symbolic.is(input) and input.layer
  if not source or source.class_name ~= "InputLayer" then
    blame("%s reads data, not what layers compute: give it a model's input, as in %s{ ... }(nn.Input{ shape = { 1 } "
      .. "}), or apply it to the data before", self:title(), self.class_name)
  end
  if source.output == input then -- else it is called again for another length
    if source.reader and source.reader ~= self then
      blame("%s: the input %s is read by %s already; make a second nn.Input", self:title(), source.name,
        source.reader:title())
    end
    source.reader, source.data_shape = self, source.data_shape or input.shape
    input.shape = self:shape_for(source.data_shape)
  end
  self.weights, self.weight_names, self.weight_is_state = as_list({}, "weights"), {}, {}
  self.output_shape, self.input_shapes = input.shape, { source.data_shape }
  local output = symbolic.new(self, { input }, input.shape)
  output.read, output.options = { input }, {}
  if not self.output then self.input, self.output = input, output end
  return output
end

local function call(self, inputs, options)
  layer.check_options(self, options)
  local is_symbolic = symbolic.is(inputs) or type(inputs) == "table" and symbolic.is(inputs[1])
  if is_symbolic then return attach(self, inputs) end
  if inputs == nil then blame("%s: expected data, got nil", self:title()) end
  return self:encode(inputs)
end

--- Declares such a layer.
-- @tparam table definition as of layer.define; its methods have encode(self, data) -> tensor, and shape_for(self,
-- shape of a sample) -> shape of what is given for it, and may have is_ready(self): whether that shape is known
function base.define(definition)
  local methods = definition.methods
  methods.__call = call
  methods.reads_data, methods.is_ready = true, methods.is_ready or function() return true end
  function methods:build(shapes)
    self.weights, self.weight_names, self.weight_is_state = as_list({}, "weights"), {}, {}
    return self:shape_for(shapes[1])
  end
  function methods.lower_into(_, _, inputs) return inputs[1] end
  base.classes[definition.class] = true
  definition.examples = {}
  return layer.define(definition)
end

base.required = arguments.required

return base
