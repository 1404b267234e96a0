--- What the 1,000 classes of ImageNet are called.
-- @submodule nn.applications
local align = require "nn.losses.align"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local data = require "engine.data"
local json = require "nn.support.json"
local kinds = require "nn.support.kinds"
local tensor = require "nn.tensor"
local weights = require "nn.applications.weights"

local CLASSES = 1000

local FILE = {
  name = "imagenet_class_index.json",
  url = "https://storage.googleapis.com/download.tensorflow.org/data/",
  md5 = "c2c37ea517e94d9795004a39431a14cb",
  also = { "imagenet_classes.txt" },
}

local read_options = arguments.options("decode_predictions", { { "top", 5, kinds.whole(1) } })

-- Lines of class id, WordNet's number and name, with tabs between them.
local function parse_lines(text)
  local names = {}
  for id, number, name in text:gmatch "(%d+)\t(n%d+)\t([^\r\n]+)" do names[tonumber(id)] = { number, name } end
  return names
end

-- { "0": ["n01440764", "tench"], ... }
local function parse_json(text)
  local names = {}
  for id, entry in pairs(json.decode_plain(text) or {}) do names[tonumber(id)] = entry end
  return names
end

local names_in = {} -- by path

-- By class id, WordNet's number and the name.
local function all_names()
  local path = weights.path(FILE)
  if names_in[path] then return names_in[path] end
  local text, message = data.read_file(path)
  if not text then blame.fatal(3, "%s", message) end
  local names = (path:find "%.json" and parse_json or parse_lines)(text)
  for id = 0, CLASSES - 1 do
    if not names[id] then blame.fatal(3, "%s: it has no name for class %d; remove the file", path, id) end
  end
  names_in[path] = names
  return names
end

local function top_of(row, count, names)
  local ids = {}
  for i = 1, CLASSES do ids[i] = i end
  table.sort(ids, function(a, b) return row[a] > row[b] or row[a] == row[b] and a < b end)
  local list = {}
  for i = 1, math.min(count, CLASSES) do
    local number, name = table.unpack(names[ids[i] - 1])
    list[i] = { number, name, row[ids[i]] }
  end
  return list
end

--- The classes of ImageNet to which a network gives the highest probabilities. Their names come from a file, which is
-- looked for, downloaded and compared as weights are.
-- @function mobilenet.decode_predictions
-- @tparam tensor p (n, 1000)
-- @tparam[opt] table options top (5): how many classes
-- @treturn {{table,...},...} for each picture a list of { WordNet's number, name, probability }, the highest first
-- @usage
-- local function show(p)
--   for _, class in ipairs(nn.applications.mobilenet.decode_predictions(p, { top = 3 })[1]) do
--     print(class[2], class[3]) -- giant_panda 0.86 ...
--   end
-- end
return function(p, options)
  options = read_options(options)
  if not tensor.is_tensor(p) or p.ndim ~= 2 or p.shape[2] ~= CLASSES then
    blame("decode_predictions: expected predictions of shape (n, %d), got %s", CLASSES,
      tensor.is_tensor(p) and align.text(p.shape) or blame.got(p))
  end
  local lists, names = {}, all_names()
  for i, row in ipairs(p:totable()) do lists[i] = top_of(row, options.top, names) end
  return lists
end
