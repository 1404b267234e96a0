--- Lists of files that datasets read. For a digest such a list stands for the contents of the files, wherever they are.
local files = require "nn.support.files"
local hash = require("engine.data").hash
local stop = require "nn.support.stop"

local FileList = { __digest = function(self)
  if not self.digest then
    local list = {}
    for i, path in ipairs(self.paths) do
      stop.check()
      list[i] = hash(files.read(path) or "")
    end
    self.digest = hash(table.concat(list))
  end
  return self.digest
end }

--- @tparam {string,...} paths
-- @treturn table with the field paths
return function(paths)
  return setmetatable({ paths = paths }, FileList)
end
