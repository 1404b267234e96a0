--- Tensors in the files of other programs (`nn.load`, `nn.save`).
-- @submodule nn
local blame = require "nn.support.blame"
local engine = require "engine.tensor"
local files = require "nn.support.files"
local npy = require "nn.tensor.npy"
local zip = require "engine.zip"

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
  blame("%s: %s: expected a name that ends in .npy or .npz%s", what, path,
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

-- The tensors of an archive of .npy files, by their names without the ending.
local function read_archive(path)
  local text, message = files.read(path)
  if not text then return nil, message end
  if text == "" then return nil, path .. " is empty" end
  local entries, problem = zip.read(text)
  if not entries then return nil, ("%s %s"):format(path, problem) end
  local tensors = {}
  for name, contents in pairs(entries) do
    local key = name:match "^(.*)%.npy$"
    if not key then return nil, ("%s holds %s, which is no .npy file"):format(path, name) end
    local values, why = npy.decode(contents)
    if not values then return nil, ("%s: %s %s"):format(path, name, why) end
    tensors[key] = values
  end
  return tensors
end

-- NumPy names what has no name arr_0, arr_1, ...
local function key_of(key) return type(key) == "string" and key or ("arr_%d"):format(key - 1) end

local function check_archive(value)
  if type(value) ~= "table" or getmetatable(value) or next(value) == nil then
    blame("nn.save: expected tensors by name for a .npz file, got %s", blame.got(value))
  end
  for key, each in pairs(value) do
    if type(key) ~= "string" and math.type(key) ~= "integer" or key == "" then
      blame("nn.save: expected tensors by name, got the name %s", blame.got(key))
    end
    check_tensor(each)
  end
end

FORMATS.npz = {
  read = read_archive,
  check = check_archive,
  write = function(path, value)
    local names, by_name, list = {}, {}, {}
    for key, each in pairs(value) do by_name[key_of(key)] = each end
    for name in pairs(by_name) do names[#names + 1] = name end
    table.sort(names)
    for i, name in ipairs(names) do
      list[i] = { name .. ".npy", npy.header(by_name[name]) .. by_name[name]:bytes() }
    end
    return files.write(path, zip.make(list))
  end,
}

--- Reads a tensor from a `.npy` file, as NumPy's `np.save` writes it, or several from a `.npz` file, as `np.savez` and
-- `np.savez_compressed` write them.
--
-- Fractions become float32 (rounded if they are float64), uint8 and bool uint8, other whole numbers int32. A number
-- that does not fit is an error. Both byte orders and both orders of axes in memory are read.
-- @function load
-- @tparam string path
-- @treturn tensor|table a tensor; of a .npz file tensors by name
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

--- Writes a tensor to a `.npy` file, or several to a `.npz` file, which NumPy's `np.load` reads. A file of that
-- name is replaced in one go.
-- @function save
-- @tparam string path
-- @tparam tensor|table value a tensor; for a .npz file tensors by name, or a list: arr_0, arr_1, ...
-- @raise if the file cannot be written
-- @usage
-- nn.save("predictions.npy", model:predict(x))
-- nn.save("data.npz", { x = x, y = y })
-- assert(nn.load "data.npz".x:eq(x):min() == 1)
function module.save(path, value)
  if engine.is_tensor(path) then blame "nn.save: the path comes first: nn.save(\"x.npy\", x)" end
  check_path("nn.save", path)
  local format = format_of("nn.save", path)
  format.check(value)
  local ok, message = format.write(path, value)
  if not ok then blame("nn.save: %s", message) end
end

return module
