--- Layers that disturb what they are given, in training only.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
local spatial = require "nn.layers.base.spatial"

local function check_seed(a, object)
  if a.seed ~= nil and (math.type(a.seed) ~= "integer" or a.seed < 0) then
    blame("%s: seed: expected a whole number of at least 0, got %s", object.class_name, blame.got(a.seed))
  end
end

--- In training sets a fraction of the values to 0 and scales the others by 1 / (1 - rate); otherwise changes nothing.
-- @function Dropout
-- @tparam number rate the fraction, from 0 to 1
-- @tparam[opt] {integer,...} noise_shape what is dropped together: the input's shape, the samples' axis first, with 1
-- along axes whose values share their fate; -1 stands for the input's own length
-- @tparam[opt] integer seed (the model's)
-- @usage Dropout{ 0.2 }
layer.define {
  class = "Dropout",
  engine = "dropout",
  passes_mask = true,
  arguments = { { "rate", layer.required }, { "noise_shape" }, { "seed" } },
  check = check_seed,
  examples = { { { 0.4 }, { 6 } }, { { 0 }, { 2, 2 } }, { { 0.5, noise_shape = { -1, 1, 3 }, seed = 4 }, { 2, 3 } } },
}

--- Dropout of whole features: those of `rank` axes of places share one draw.
local function define_spatial(rank, arguments, examples)
  local class = ("SpatialDropout%dD"):format(rank)
  layer.define {
    class = class,
    engine = "dropout",
    passes_mask = true,
    arguments = arguments,
    check = function(a, object)
      check_seed(a, object)
      spatial.format(a, class)
    end,
    methods = {
      config = function(self)
        local shape = { -1, self.arguments.data_format == "channels_first" and -1 or 1 }
        for i = 3, rank + 2 do shape[i] = 1 end
        if shape[2] == 1 then shape[rank + 2] = -1 end
        return { rate = self.arguments.rate, seed = self.arguments.seed, noise_shape = shape }
      end,
    },
    examples = examples,
  }
end

--- Dropout of whole features: of samples (places, features), each feature is dropped at all places or none.
-- @function SpatialDropout1D
-- @tparam number rate the fraction, from 0 to 1
-- @tparam[opt] integer seed (the model's)
-- @usage SpatialDropout1D{ 0.2 }
define_spatial(1, { { "rate", layer.required }, { "seed" } }, { { { 0.5 }, { 4, 3 } } })

--- Dropout of whole channels of pictures.
-- @function SpatialDropout2D
-- @tparam number rate the fraction, from 0 to 1
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, height,
-- width)
-- @tparam[opt] integer seed (the model's)
-- @usage SpatialDropout2D{ 0.2 }
define_spatial(2, { { "rate", layer.required }, { "data_format" }, { "seed" } },
  { { { 0.5 }, { 2, 3, 4 } }, { { 0.5, "channels_first" }, { 4, 2, 3 } } })

--- Dropout of whole channels of volumes.
-- @function SpatialDropout3D
-- @tparam number rate the fraction, from 0 to 1
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, depth,
-- height, width)
-- @tparam[opt] integer seed (the model's)
-- @usage SpatialDropout3D{ 0.2 }
define_spatial(3, { { "rate", layer.required }, { "data_format" }, { "seed" } }, { { { 0.5 }, { 2, 1, 2, 4 } } })

--- In training adds normal numbers of mean 0.
-- @function GaussianNoise
-- @tparam number stddev
-- @tparam[opt] integer seed (the model's)
-- @usage GaussianNoise{ 0.1 }
layer.define {
  class = "GaussianNoise",
  engine = "gaussian_noise",
  passes_mask = true,
  arguments = { { "stddev", layer.required }, { "seed" } },
  check = check_seed,
  examples = { { { 0.3 }, { 6 } } },
}

--- In training multiplies by normal numbers of mean 1 and standard deviation sqrt(rate / (1 - rate)).
-- @function GaussianDropout
-- @tparam number rate from 0 to below 1
-- @tparam[opt] integer seed (the model's)
-- @usage GaussianDropout{ 0.2 }
layer.define {
  class = "GaussianDropout",
  engine = "gaussian_dropout",
  passes_mask = true,
  arguments = { { "rate", layer.required }, { "seed" } },
  check = check_seed,
  examples = { { { 0.3 }, { 6 } } },
}

--- Dropout that keeps mean and variance of what selu gives.
-- @function AlphaDropout
-- @tparam number rate from 0 to below 1
-- @tparam[opt] {integer,...} noise_shape as for Dropout
-- @tparam[opt] integer seed (the model's)
-- @usage AlphaDropout{ 0.1 }
layer.define {
  class = "AlphaDropout",
  engine = "alpha_dropout",
  passes_mask = true,
  arguments = { { "rate", layer.required }, { "noise_shape" }, { "seed" } },
  check = check_seed,
  examples = { { { 0.3 }, { 6 } }, { { 0.3, noise_shape = { -1, 1, 3 }, seed = 4 }, { 2, 3 } } },
}
