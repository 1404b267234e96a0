--- One axis for each sample, row-major: (n, 28, 28) becomes (n, 784).
-- @function Flatten
-- @usage Flatten{ input_shape = { 28, 28 } }
local layer = require "nn.layer"

return layer.define { class = "Flatten", engine = "flatten", arguments = {}, examples = { { {}, { 2, 3 } }, { {}, { 4 } } } }
