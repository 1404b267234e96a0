--- Downloads a file of a data set: whole and right, or not at all.
-- A download is written beside its target under a temporary name, compared with its checksum and only then renamed, so
-- that whatever happens in between leaves nothing that could be taken for the file.
local checksum = require "nn.datasets.checksum"
local data = require "engine.data"
local files = require "nn.support.files"
local locate = require "nn.datasets.locate"
local program = require "nn.support.program"
local stop = require "nn.support.stop"

local CURL = { "curl", "--fail", "--location", "--silent", "--show-error", "--connect-timeout", "10", "--retry", "1",
  "--retry-delay", "1", "--speed-limit", "1000", "--speed-time", "30", "--output" }

-- Something that removes the file at path when it goes out of scope, for whatever reason.
local function removed_at_end(path)
  return setmetatable({}, { __close = function() os.remove(path) end })
end

-- true, or nil and a reason
local function download(path, url)
  local words = table.move(CURL, 1, #CURL, 1, {})
  table.move({ path, url }, 1, 2, #words + 1, words)
  local ok, problem, why = program.run(words, { on_tick = stop.check }) -- slow lines take their time
  if ok then return true end
  if why == "missing" then return nil, "the program curl is not installed (on Debian: apt-get install curl)" end
  return nil, problem:match "curl: %(%d+%) ([^\n]+)" or "curl: " .. problem
end

-- A tar archive is a row of entries: a header of 512 bytes (name first, size as octal digits at byte 124), then the
-- contents, filled up to a multiple of 512.
local function tar_member(archive, name)
  local at = 1
  while true do
    local size = tonumber(archive:match("^[0-7]+", at + 124) or "", 8)
    if not size then return nil, "the archive has no " .. name end
    if archive:match("^%Z*", at) == name then return archive:sub(at + 512, at + 511 + size) end
    at = at + 512 + (size + 511) // 512 * 512
  end
end

-- The contents of a downloaded file where they are compared or come out of an archive, and what is wrong with it.
local function checked_contents(part, file, source)
  if not checksum.is_of_contents(file) then return nil, checksum.of_file(file, part) end
  local contents, message = data.read_file(part)
  if contents and source.member then contents, message = tar_member(contents, source.member) end
  return contents, message or checksum.of_contents(file, contents)
end

-- Brings the file from one address to its place: true, or nil and a reason.
local function bring(target, file, source)
  local part = files.unfinished(target)
  local _ <close> = removed_at_end(part)
  local ok, message = download(part, source.url)
  if not ok then return nil, message end
  local contents
  contents, message = checked_contents(part, file, source)
  if message then return nil, message end
  if source.member then return files.write(target, contents) end
  return os.rename(part, target)
end

-- The addresses to try, in order: on mirrors laid out like a folder of data sets if any are given, else the public
-- ones.
local function sources(set, file, mirrors)
  local list = {}
  for _, base in ipairs(mirrors or {}) do
    for _, name in ipairs(locate.names(file.name)) do
      list[#list + 1] = { url = ("%s/%s/%s"):format(base:gsub("/$", ""), locate.folder_name(set), name) }
    end
  end
  if mirrors then return list end
  for _, base in ipairs(set.mirrors or {}) do list[#list + 1] = { url = base .. file.name } end
  for _, url in ipairs(file.urls or {}) do list[#list + 1] = { url = url, member = file.member } end
  return list
end

local fetch = {}

--- Downloads one file and puts it into its place, replacing what is there.
-- @tparam table set a data set's description
-- @tparam table file one of `set.files`
-- @tparam[opt] table options `mirrors`: a list of addresses to use instead of the public ones, each laid out like a
-- folder of data sets (ADDRESS/NAME/FILE or FILE.gz); `folder`: where to put NAME/FILE (default: the last of
-- `locate.folders()`)
-- @treturn ?string the path; nil where no mirror served the right file
-- @treturn ?string then why, one line a mirror
function fetch.file(set, file, options)
  local folder = ("%s/%s"):format(options and options.folder or locate.folders()[#locate.folders()],
    locate.folder_name(set))
  local made, message = files.make_folder(folder)
  if not made then return nil, ("%s: no folder to download to: %s"):format(set.name, message) end
  files.clear_unfinished(folder)
  local failures = {}
  for _, source in ipairs(sources(set, file, options and options.mirrors)) do
    io.stderr:write(("%s: downloading %s\n"):format(set.name, source.url))
    local packed = not source.member and source.url:find "%.gz$"
    local names = locate.names(file.name)
    local target, other = folder .. "/" .. names[packed and 1 or 2], folder .. "/" .. names[packed and 2 or 1]
    local ok, reason = bring(target, file, source)
    if ok then
      os.remove(other)
      return target
    end
    failures[#failures + 1] = ("\n  %s: %s"):format(source.url, reason)
  end
  if #failures == 0 then failures[1] = ": no public address is known" end
  return nil, ("%s: %s could not be downloaded%s\n  put it into %s, or set NNRUN_DATA to a folder that has %s/%s")
    :format(set.name, file.name, table.concat(failures), folder, locate.folder_name(set), file.name)
end

return fetch
