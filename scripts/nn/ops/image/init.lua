--- Operations on pictures (`nn.ops.image`), with the names and arguments of keras.ops.image.
--
--     local half = nn.ops.image.resize(images, { 14, 14 })
--
-- Pictures are (height, width, channels), or a batch (n, height, width, channels) of them; with { data_format =
-- "channels_first" } the channels come before the height.
-- @module nn.ops.image
require "nn.ops.image.colors"
require "nn.ops.image.coordinates"
require "nn.ops.image.filters"
require "nn.ops.image.resizing"
require "nn.ops.image.transforms"

return require("nn.ops.base").ops.image
