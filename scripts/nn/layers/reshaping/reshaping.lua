--- Layers that change the shape of samples and no values.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"

local FORMATS = { channels_last = true, channels_first = true }

local function check_format(a, object)
  if a.data_format ~= nil and not FORMATS[a.data_format] then
    blame("%s: data_format: expected channels_last or channels_first, got %s", object.class_name,
      blame.got(a.data_format))
  end
end

--- One axis for each sample, row-major: (n, 28, 28) becomes (n, 784).
-- @function Flatten
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first": the first axis of a sample goes last
-- before
-- @usage Flatten{ input_shape = { 28, 28 } }
layer.define {
  class = "Flatten",
  engine = "flatten",
  arguments = { { "data_format" } },
  check = check_format,
  methods = {
    nodes = function(self, emit, inputs, shapes)
      local ndim, dims = #shapes[1], {}
      if self.arguments.data_format ~= "channels_first" or ndim < 2 then return self:emit(emit, inputs) end
      for i = 1, ndim do dims[i] = i % ndim + 1 end
      return self:emit(emit, { self:emit_plain(emit, "permute", { dims = dims }, inputs) })
    end,
  },
  examples = { { {}, { 2, 3 } }, { {}, { 4 } }, { { "channels_first" }, { 2, 3, 2 } } },
}

--- The same values of each sample under another shape.
-- @function Reshape
-- @tparam {integer,...} target_shape without the samples' axis; one -1 is inferred
-- @usage Reshape{ { 28, 28 } }
layer.define {
  class = "Reshape",
  engine = "reshape",
  arguments = { { "target_shape", layer.required } },
  examples = { { { { 3, -1 } }, { 2, 6 } }, { { { 6 } }, { 2, 3 } } },
}

--- The axes of each sample in another order.
-- @function Permute
-- @tparam {integer,...} dims the output's axes by their places in the input, from 1; the samples' axis is not counted
-- @usage Permute{ { 2, 1 } }
layer.define {
  class = "Permute",
  engine = "permute",
  arguments = { { "dims", layer.required } },
  examples = { { { { 2, 1 } }, { 2, 3 } }, { { { 3, 1, 2 } }, { 2, 3, 4 } } },
}

--- A vector several times over: (n, width) becomes (n, times, width).
-- @function RepeatVector
-- @tparam integer n how many times
-- @usage RepeatVector{ 3 }
layer.define {
  class = "RepeatVector",
  engine = "repeat_vector",
  arguments = { { "n", layer.required } },
  examples = { { { 3 }, { 4 } } },
}

--- What it is given.
-- @function Identity
-- @usage Identity{}
layer.define {
  class = "Identity",
  passes_mask = true,
  arguments = {},
  methods = {
    lower_into = function(self, emit, inputs) return self:emit_plain(emit, "activation", {}, inputs) end,
  },
  examples = { { {}, { 4 } } },
}
