--- nnrun data: the data sets, where each was found, and how to get them.
local lfs = require "lfs"
local datasets = require "nn.datasets"
local format = require "nn.report.format"
local fetch = require "nn.datasets.fetch"
local contents = require "nn.datasets.contents"
local locate = require "nn.datasets.locate"
local shell = require "nn.support.shell"

local EXIT_OK, EXIT_DATA = 0, 3

local sets = {}
for _, name in ipairs { "mnist", "fashion_mnist", "california_housing", "iris", "imdb", "glove", "tinyshakespeare",
  "don_quijote", "airline_passengers", "daily_min_temperatures", "monthly_sunspots", "etth1" } do
  sets[#sets + 1] = datasets[name].set
  sets[name] = datasets[name].set
end

-- One line of the list: name, size, state of the checksums, folder; and whether a file is damaged.
local function describe(set)
  local bytes, where, state = 0, nil, "ok"
  for _, file in ipairs(set.files) do
    local path = locate.find(set, file)
    if not path then
      return { set.name, "", "", "not found; fetch with: " .. shell.nnrun("data", "fetch", set.name) }
    end
    if not contents.of_file(file, path) then state = "wrong: " .. path:match "[^/]*$" end
    bytes = bytes + lfs.attributes(path, "size")
    where = where or path:match "(.*)/"
  end
  return { set.name, format.memory(bytes), state, where }, state ~= "ok"
end

local function print_columns(rows)
  local widths = { 0, 0, 0 }
  for _, row in ipairs(rows) do
    for i in ipairs(widths) do widths[i] = math.max(widths[i], #row[i]) end
  end
  local line = ("%%-%ds  %%%ds  %%-%ds  %%s\n"):format(table.unpack(widths))
  for _, row in ipairs(rows) do io.write(line:format(table.unpack(row))) end
end

local function list()
  local rows, status = { { "data set", "size", "checksum", "where" } }, EXIT_OK
  for _, set in ipairs(sets) do
    local row, damaged = describe(set)
    rows[#rows + 1] = row
    if damaged then status = EXIT_DATA end
  end
  print_columns(rows)
  return status
end

-- A damaged file is replaced where it is.
local function fetch_file(set, file, mirrors)
  local path, folder = locate.find(set, file), nil
  if path then
    local good, message = contents.of_file(file, path)
    if good then return path end
    io.stderr:write(message, "\n")
    folder = path:match "^(.*)/[^/]*/[^/]*$"
  end
  return fetch.file(set, file, { mirrors = mirrors, folder = folder })
end

local function fetch_sets(names, mirrors)
  local status = EXIT_OK
  for _, name in ipairs(names) do
    for _, file in ipairs(sets[name].files) do
      local path, message = fetch_file(sets[name], file, mirrors)
      if path then
        io.write(path, "\n")
      else
        io.stderr:write(message, "\n")
        status = EXIT_DATA
        break
      end
    end
  end
  return status
end

local function names_of_sets()
  local names = {}
  for i, set in ipairs(sets) do names[i] = set.name end
  return names
end

return {
  summary = "the data sets: where each was found; downloads",

  --- Declares the words of the command.
  -- @param parser of argparse
  configure = function(parser)
    parser:require_command(false)
    parser:command_target "action"
    parser:command("list", "Show each data set: where it was found, its size, whether its checksum is right (default).")
    local get = parser:command("fetch", "Download data sets that are missing or damaged, and print where they are.")
    local names = names_of_sets()
    get:argument("name", "Which: " .. table.concat(names, ", ") .. "."):args "+":choices(names):argname "NAME"
    parser:epilog(
      "Data sets are looked for in $NNRUN_DATA, ./data and $XDG_DATA_HOME/nnrun (~/.local/share/nnrun), each as\n"
        .. "NAME/FILE or NAME/FILE.gz; downloads go to the last. Don Quijote is in text_es, series are in timeseries.\n"
        .. "NNRUN_MIRROR=URL downloads from URL/NAME/FILE instead of the public addresses.")
  end,

  --- Runs the command.
  -- @tparam table args as parsed
  -- @treturn integer exit status: 3 where a data set could not be had or is damaged
  run = function(args)
    if args.action ~= "fetch" then return list() end
    local mirror = os.getenv "NNRUN_MIRROR"
    return fetch_sets(args.name, mirror and mirror ~= "" and { mirror } or nil)
  end,
}
