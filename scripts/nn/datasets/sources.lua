--- Remembers where loaded data came from, so that a report can say so.
-- @submodule nn.datasets
local sources = {}

local by_value = setmetatable({}, { __mode = "k" })
local in_order = {}

local function known(source)
  for _, other in ipairs(in_order) do
    if other.name == source.name and other.synthetic == source.synthetic and other.folder == source.folder then
      return true
    end
  end
end

-- Describes files that were read.
-- @tparam table set a data set's description
-- @tparam {string,...} paths of its files, in order
-- @treturn table `{ name =, synthetic = false, folder =, files = { { file =, checksum = }, ... } }`
function sources.of_files(set, paths)
  local source = { name = set.name, synthetic = false, folder = paths[1]:match "(.*)/", files = {} }
  for i, path in ipairs(paths) do
    source.files[i] = { file = path:match "[^/]*$", checksum = set.files[i].checksum }
  end
  return source
end

-- Notes that these values came from that source.
-- @tparam table source its description
-- @param ... tensors, lists or a text
-- @return the values
function sources.remember(source, ...)
  if not known(source) then in_order[#in_order + 1] = source end
  for _, value in ipairs { ... } do by_value[value] = source end
  return ...
end

--- Where a value that a `load_data` returned came from.
-- @function source_of
-- @param value a tensor, list or text, as it was returned; what is computed from it is not known
-- @treturn ?table `{ name =, synthetic =, folder =, files = { { file =, checksum = }, ... } }`; a generated set has no
-- folder and no files, but `reason`, where it stands in for one that could not be had
-- @usage local source = nn.datasets.source_of(x)
function sources.source_of(value)
  return by_value[value]
end

--- What has been loaded, in the order of loading; a set loaded twice from one place is listed once.
-- @function loaded
-- @treturn {table,...} as `source_of` returns
-- @usage print(#nn.datasets.loaded())
function sources.loaded()
  return { table.unpack(in_order) }
end

return sources
