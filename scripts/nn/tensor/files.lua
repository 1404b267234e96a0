--- Tensors in the files of other programs (`nn.load`, `nn.save`).
-- @submodule nn
local blame = require "nn.support.blame"
local engine = require "engine.tensor"
local files = require "nn.support.files"
local npy = require "nn.tensor.npy"

local module = {}

local function check_path(what, path)
  if type(path) ~= "string" then blame("%s: expected the path of a file, got %s", what, blame.got(path)) end
end

-- By ending: read(path) -> value, or nil and a message; check(value), which blames; write(path, value).
local FORMATS = {}

local function format_of(what, path)
  local ending = path:match "%.([^./]+)$"
  local format = FORMATS[(ending or ""):lower()]
  if format then return format end
  blame("%s: %s: expected a name that ends in .npy%s", what, path,
    ending == "safetensors" and "; nn.models.load_model and model:load_weights read .safetensors" or "")
end

local function check_tensor(value)
  if not engine.is_tensor(value) then
    blame("nn.save: expected a tensor, got %s%s", blame.got(value),
      type(value) == "table" and "; nn.tensor makes one of numbers" or "")
  end
end

FORMATS.npy = {
  read = function(path)
    local text, message = files.read(path)
    if not text then return nil, message end
    local values, problem = npy.decode(text)
    return values, problem and ("%s %s"):format(path, problem)
  end,
  check = check_tensor,
  write = function(path, value) return files.write(path, npy.header(value), value:bytes()) end,
}

--- Reads a tensor from a `.npy` file, as NumPy's `np.save` writes it.
--
-- Fractions become float32 (rounded if they are float64), uint8 and bool uint8, other whole numbers int32. A number
-- that does not fit is an error. Both byte orders and both orders of axes in memory are read.
-- @function load
-- @tparam string path
-- @treturn tensor
-- @raise if the file cannot be read, is damaged, or holds no numbers
-- @usage
-- nn.save("x.npy", x)
-- local again = nn.load "x.npy"
function module.load(path)
  check_path("nn.load", path)
  local value, message = format_of("nn.load", path).read(path)
  if value == nil then blame("nn.load: %s", message) end
  return value
end

--- Writes a tensor to a `.npy` file, which NumPy's `np.load` reads. A file of that name is replaced in one go.
-- @function save
-- @tparam string path
-- @tparam tensor value
-- @raise if the file cannot be written
-- @usage nn.save("predictions.npy", model:predict(x))
function module.save(path, value)
  if engine.is_tensor(path) then blame "nn.save: the path comes first: nn.save(\"x.npy\", x)" end
  check_path("nn.save", path)
  local format = format_of("nn.save", path)
  format.check(value)
  local ok, message = format.write(path, value)
  if not ok then blame("nn.save: %s", message) end
end

return module
