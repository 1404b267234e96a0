--- Don Quijote: both parts of the novel in Spanish (Cervantes, 1605 and 1615), for models of text.
-- @submodule nn.datasets
local arguments = require "nn.support.arguments"
local contents = require "nn.datasets.contents"
local sources = require "nn.datasets.sources"

local signature = arguments.signature("don_quijote.load_data", {})
local don_quijote = {}

don_quijote.set = {
  name = "don_quijote",
  folder_name = "text_es",
  files = { { name = "quijote.txt", checksum = "3d60991fdc70437c34367901a3b59065" } },
}

--- Loads the text from a folder of data sets (`text_es/quijote.txt`). A set that is missing or damaged ends the program
-- (status 3).
-- @function don_quijote.load_data
-- @tparam[opt] table options none yet
-- @treturn string 2,045,106 characters in UTF-8, in which accented letters take two bytes: see Lua's `utf8.codes`
-- @usage local text = nn.datasets.don_quijote.load_data()
function don_quijote.load_data(options)
  signature(options)
  local texts, paths = contents.read(don_quijote.set)
  return sources.remember(sources.of_files(don_quijote.set, paths), texts[1])
end

return don_quijote
