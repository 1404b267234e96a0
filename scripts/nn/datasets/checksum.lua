--- Whether a file is what its description says.
--
-- `checksum` is XXH3-128 of the unpacked contents (the digits of `xxhsum -H128`), `variant` another right one; `md5` is
-- the MD5 of the file itself, for files whose authors publish that. A file without any is taken as it is.
local data = require "engine.data"
local md5 = require "nn.support.md5"

local checksum = {}

--- Whether contents are compared, and have to be read for that.
function checksum.is_of_contents(file) return file.checksum ~= nil end

--- What is wrong with unpacked contents.
-- @tparam table file one of a set's `files`
-- @tparam string contents
-- @treturn ?string nil if nothing is
function checksum.of_contents(file, contents)
  local found = data.hash(contents)
  if found ~= file.checksum and found ~= file.variant then
    return ("expected checksum %s, found %s"):format(file.checksum, found)
  end
end

--- What is wrong with a file on disk, of those that have an MD5.
-- @tparam table file one of a set's `files`
-- @tparam string path
-- @treturn ?string nil if nothing is
function checksum.of_file(file, path)
  if not file.md5 then return nil end
  local found, message = md5(path)
  if not found then return message end
  if found ~= file.md5 then return ("expected MD5 %s, found %s"):format(file.md5, found) end
end

return checksum
