--- Tiny Shakespeare: a million characters from the plays, for models of text (Karpathy, 2015).
-- @submodule nn.datasets
local arguments = require "nn.support.arguments"
local contents = require "nn.datasets.contents"
local sources = require "nn.datasets.sources"

local signature = arguments.signature("tinyshakespeare.load_data", {})
local tinyshakespeare = {}

tinyshakespeare.set = {
  name = "tinyshakespeare",
  files = {
    {
      name = "input.txt",
      checksum = "ae717de95b0441526572a3fb9fde75d3",
      urls = {
        "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        "https://storage.googleapis.com/download.tensorflow.org/data/shakespeare.txt",
      },
    },
  },
}

--- Loads the text from a folder of data sets, else downloads it. A set that cannot be had, or is damaged, ends the
-- program (status 3).
-- @function tinyshakespeare.load_data
-- @tparam[opt] table options none yet
-- @treturn string 1,115,394 characters of ASCII
-- @usage local text = nn.datasets.tinyshakespeare.load_data()
function tinyshakespeare.load_data(options)
  signature(options)
  local texts, paths = contents.read(tinyshakespeare.set)
  return sources.remember(sources.of_files(tinyshakespeare.set, paths), texts[1])
end

return tinyshakespeare
