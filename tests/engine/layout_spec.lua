-- The layout of the engine: which folder may include which. engine/README.md draws it.

local lfs = require "lfs"

-- What the files of a folder may include besides their own folder and the standard library.
local ALLOWED = {
  base = {}, tensor = { "base", "products" }, products = { "base", "tensor" }, data = { "base", "tensor" },
  losses = { "base", "tensor", "products", "graph" }, metrics = { "base", "tensor", "products" },
  optimizers = { "base", "tensor", "products" }, operations = { "base", "tensor", "products" },
  graph = { "base", "tensor", "products", "operations", "losses", "metrics", "optimizers" },
  layers = { "base", "tensor", "products", "graph" },
  run = { "base", "tensor", "products", "graph", "losses", "metrics", "optimizers" },
}

local function files_of(folder, list)
  for name in lfs.dir(folder) do
    local path = folder .. "/" .. name
    if name:find "^%." then goto continue end
    if lfs.attributes(path, "mode") == "directory" then files_of(path, list)
    elseif name:find "%.[ch]$" then list[#list + 1] = path end
    ::continue::
  end
  return list
end

local function includes_of(path)
  local list = {}
  for line in io.lines(path) do list[#list + 1] = line:match '^#include ["<]([^">]+)[">]' end
  return list
end

describe("the engine's folders", function()
  local FOLDERS = { "base", "tensor", "products", "data", "losses", "metrics", "optimizers", "operations", "graph",
    "layers", "run" }

  it("know no Lua, except binding", function()
    for _, folder in ipairs(FOLDERS) do
      for _, path in ipairs(files_of("engine/" .. folder, {})) do
        for _, name in ipairs(includes_of(path)) do
          local is_lua = name:match "^lua" or name:match "^lauxlib" or name:match "binding"
          assert.is_nil(is_lua, path .. " includes " .. name)
        end
      end
    end
  end)

  it("include only what stands below them", function()
    for _, folder in ipairs(FOLDERS) do
      local is_allowed = { [folder] = true }
      for _, name in ipairs(ALLOWED[folder]) do is_allowed[name] = true end
      for _, path in ipairs(files_of("engine/" .. folder, {})) do
        for _, name in ipairs(includes_of(path)) do
          local target = name:match "^(%w+)/.*%.h$"
          if target and ALLOWED[target] then
            assert.is_true(is_allowed[target] or false, path .. " includes " .. name)
          end
        end
      end
    end
  end)

  it("have headers of under 200 lines", function()
    for _, path in ipairs(files_of("engine", {})) do
      if path:find "%.h$" then
        local count = 0
        for _ in io.lines(path) do count = count + 1 end
        assert.is_true(count < 200, path .. ": " .. count)
      end
    end
  end)
end)
