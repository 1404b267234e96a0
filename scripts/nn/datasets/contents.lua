--- From the description of a data set to the contents of its files, found or downloaded, and checked.
--
-- A description is a table: `name`; `folder_name`, if the folder has another name; `files`, a list of
-- `{ name =, checksum =, urls =, member =, variant = }`; `mirrors`, a list of public addresses that end with "/" and
-- have all files under their names. `checksum` is XXH3-128 of the unpacked contents (the digits of `xxhsum -H128`);
-- `variant` is another right one; `urls` are further public addresses of that file, or of tar.gz archives that hold it
-- as `member`.
local data = require "engine.data"
local blame = require "nn.support.blame"
local fetch = require "nn.datasets.fetch"
local locate = require "nn.datasets.locate"
local notice = require "nn.support.notice"
local shell = require "nn.support.shell"

local contents = {}

--- The paths of a set's files; those that are nowhere are downloaded.
-- @tparam table set its description
-- @treturn ?{string,...} in the order of `set.files`; nil where one cannot be had
-- @treturn ?string then why
function contents.paths(set)
  local paths = {}
  notice.say("reading " .. set.name)
  for i, file in ipairs(set.files) do
    local path, message = locate.find(set, file)
    if not path then path, message = fetch.file(set, file) end
    if not path then return nil, message end
    paths[i] = path
  end
  return paths
end

--- Ends the program (status 3) because a file of a set is not as it must be.
-- @tparam table set its description
-- @tparam string message "path: what is wrong"
function contents.damaged(set, message)
  blame.fatal(3, "%s; fetch it again with: %s", message, shell.nnrun("data", "fetch", set.name))
end

--- Compares a checksum with the one a file must have.
-- @tparam table file one of `set.files`
-- @tparam string found 32 hexadecimal digits
-- @tparam string path for the message
-- @treturn ?string what is wrong, nil if nothing is
function contents.mismatch(file, found, path)
  if found ~= file.checksum and found ~= file.variant then
    return ("%s: expected checksum %s (XXH3-128 of the unpacked contents), found %s"):format(path, file.checksum, found)
  end
end

--- The contents of one file, checked.
-- @tparam table file one of `set.files`
-- @tparam string path where it was found
-- @treturn ?string unpacked contents; nil where they are not what they must be
-- @treturn ?string then "path: what is wrong"
function contents.of_file(file, path)
  local text, message = data.read_file(path)
  message = message or contents.mismatch(file, data.hash(text), path)
  if message then return nil, message end
  return text
end

--- The contents of a set's files, checked. Ends the program (status 3) where one is missing or wrong.
-- @tparam table set its description
-- @treturn {string,...} contents, in the order of `set.files`
-- @treturn {string,...} paths
function contents.read(set)
  local paths, missing = contents.paths(set)
  if not paths then blame.fatal(3, "%s", missing) end
  local texts = {}
  for i, path in ipairs(paths) do
    local text, message = contents.of_file(set.files[i], path)
    if not text then contents.damaged(set, message) end
    texts[i] = text
  end
  return texts, paths
end

return contents
