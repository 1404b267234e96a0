-- Numbers of layers on images by hand, where Keras' own do not say them: class -> { { arguments, input, expected },
-- ... }.
local nn = require "nn"

local STEPS = nn.tensor { { { 1, -1 }, { 5, 2 }, { 3, 7 }, { 2, 4 }, { 6, 0 } } } -- (1, 5, 2)
local VOLUME = nn.tensor { { { { { 1 }, { 2 } }, { { 3 }, { 4 } }, { { 5 }, { 6 } } } } } -- (1, 1, 3, 2, 1)

return {
  Pipeline = {
    { { { nn.layers.Rescaling { 2 }, nn.layers.UpSampling1D { 2 } } }, nn.tensor { { { 1, 2 } } },
      { { { 2, 4 }, { 2, 4 } } } },
  },
  UpSampling1D = {
    { { 2 }, nn.tensor { { { 1, 2 }, { 3, 4 } } }, { { { 1, 2 }, { 1, 2 }, { 3, 4 }, { 3, 4 } } } },
  },
  ZeroPadding1D = {
    { { { 2, 0 } }, nn.tensor { { { 1, 2 } } }, { { { 0, 0 }, { 0, 0 }, { 1, 2 } } } },
    { { 1, "channels_first" }, nn.tensor { { { 1, 2 } } }, { { { 0, 1, 2, 0 } } } },
  },
  AdaptiveAveragePooling2D = { { { { 2, 1 } }, VOLUME:reshape { 1, 3, 2, 1 }, { { { { 2.5 } }, { { 4.5 } } } } } },
  AdaptiveAveragePooling3D = { { { { 1, 1, 2 } }, VOLUME, { { { { { 3 }, { 4 } } } } } } },
  AdaptiveMaxPooling1D = {
    { { 2 }, STEPS, { { { 5, 7 }, { 6, 7 } } } },
    { { 3 }, STEPS, { { { 5, 2 }, { 5, 7 }, { 6, 4 } } } },
  },
  AdaptiveMaxPooling3D = { { { { 1, 3, 1 } }, VOLUME, { { { { { 2 } }, { { 4 } }, { { 6 } } } } } } },
  SpatialDropout2D = { { { 0.5 }, VOLUME:reshape { 1, 3, 2, 1 }, VOLUME:reshape({ 1, 3, 2, 1 }):totable() } },
  SpatialDropout3D = { { { 0.5 }, VOLUME, VOLUME:totable() } },
}
