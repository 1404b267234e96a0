-- Writes a C file that holds Lua sources: lua embed.lua ROOT FILE... > embedded.c
-- scripts/nn/layers/dense.lua becomes module nn.layers.dense; x/init.lua becomes module x.
local root = arg[1]

local function module_name(path)
  return (path:sub(#root + 2):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

-- Compilers limit the length of a string literal, not of an array.
local function bytes(text)
  return (text:gsub(".", function(c) return c:byte() .. "," end):gsub(("[^,]*,"):rep(32), "%0\n"))
end

print('#include "binding/binding.h"\n')
table.sort(arg)
for i = 2, #arg do
  local file <close> = assert(io.open(arg[i], "rb"))
  print(("static const char source_%d[] = {\n%s0};"):format(i, bytes(file:read "a")))
end
print("\nconst nn_embedded nn_embedded_sources[] = {")
for i = 2, #arg do
  print(('  {"%s", "=%s", source_%d, sizeof source_%d - 1},'):format(module_name(arg[i]), arg[i], i, i))
end
print("  {0, 0, 0, 0}};")
