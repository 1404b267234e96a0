--- Utilities (`nn.utils`).
local arguments = require "nn.arguments"
local blame = require "nn.blame"
local random = require "nn.random"
local tensor = require "nn.tensor"

local utils = {}

--- Makes everything random after it repeatable to the bit.
-- @function set_random_seed
-- @tparam integer seed
utils.set_random_seed = random.set_seed

local categorical = arguments.signature("to_categorical", { { "x", arguments.required }, { "num_classes" } })

--- One-hot labels of class ids.
-- @tparam tensor x class ids (n, ...); a last axis of 1 is dropped
-- @tparam[opt] integer num_classes (largest + 1)
-- @treturn tensor float32 (n, ..., num_classes)
-- @usage nn.utils.to_categorical(y_train, 10)
function utils.to_categorical(x, num_classes)
  local given = categorical { x, num_classes }
  local ids = tensor.is_tensor(given.x) and given.x or tensor.tensor(given.x, "int32")
  local shape = ids.shape
  if #shape > 1 and shape[#shape] == 1 then shape[#shape] = nil end
  local classes = given.num_classes or ids:max() + 1
  local flat = ids:flatten()
  if #flat > 0 and (flat:min() < 0 or flat:max() >= classes) then
    blame("to_categorical: class ids run from %d to %d, but num_classes is %d", flat:min(), flat:max(), classes)
  end
  local one_hot = flat:reshape { -1, 1 }:eq(tensor.arange(classes)):astype "float32"
  shape[#shape + 1] = classes
  return one_hot:reshape(shape)
end

return utils
