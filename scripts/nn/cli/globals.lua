--- What a script sees beside its own names: Lua's, and errors for names that nobody knows.
local blame = require "nn.support.blame"
local nearest = require "nn.support.nearest"

-- Names of Python, and of its libraries: how the same is written in Lua.
local PYTHON = {
  False = "false", True = "true", None = "nil", null = "nil", len = "#x", f = 'string.format("acc %.3f", x)',
  str = "tostring", int = "math.floor or math.tointeger", float = "tonumber", bool = "x ~= 0",
  range = "for i = 1, n do", enumerate = "for i, value in ipairs(list) do", zip = "for i in ipairs(list) do",
  list = "a table, { 1, 2, 3 }", dict = "a table, { name = value }", tuple = "a table, { 1, 2 }",
  isinstance = "type(x)",
  append = "table.insert(list, value)", sorted = "table.sort(list)", sum = "x:sum() of a tensor", abs = "math.abs",
  min = "math.min", max = "math.max", round = "math.floor(x + 0.5)", sqrt = "math.sqrt", exp = "math.exp",
  log = "math.log", open = "io.open", input = "io.read()", exit = "os.exit()", time = "os.time() or os.clock()",
  np = "nn, whose tensors do what NumPy's arrays do", numpy = "nn, whose tensors do what NumPy's arrays do",
  tf = "nn", keras = "nn", torch = "nn", plt = "nn.plot, or lab:figure", pd = "nn.read_csv",
}

--- The full name of what nn has under this one, as after Python's `from keras.layers import Dense`; nil for none.
local function full_name(name)
  local nn = require "nn"
  for _, own in ipairs(getmetatable(nn).__names()) do
    if own == name then return "nn." .. name end
  end
  local modules = name:match "^%u" and { "layers", "optimizers", "losses", "metrics", "callbacks", "initializers",
    "regularizers", "constraints" } or { "datasets", "activations" }
  for _, module in ipairs(modules) do
    if rawget(nn[module], name) ~= nil then return ("nn.%s.%s"):format(module, name) end
  end
end

-- What may have been meant, to follow the message.
local function meant(name, known)
  if name == "nn" then return '; begin with: local nn = require "nn"' end
  if PYTHON[name] then return "; in Lua it is " .. PYTHON[name] end
  local guess = name:match "^%u" and full_name(name) or nearest(name, known) or full_name(name)
  return guess and ("; did you mean %s?"):format(guess) or ""
end

--- Makes a table the environment of a script, in which a name that nobody knows is an error. It is the script's `_G`,
-- and what the script loads by `load` and `dofile` sees it too.
-- @tparam table own names that the script sees before Lua's
-- @treturn table the same
return function(own)
  own._G = own
  function own.load(chunk, name, mode, ...)
    return load(chunk, name, mode, select("#", ...) > 0 and (...) or own)
  end
  function own.loadfile(path, mode, ...)
    return loadfile(path, mode, select("#", ...) > 0 and (...) or own)
  end
  function own.dofile(path)
    local chunk, problem = own.loadfile(path)
    if not chunk then blame("%s", problem) end
    return chunk()
  end
  local function known_names()
    local known = {}
    for _, names in ipairs { own, _G } do
      for name in pairs(names) do known[#known + 1] = tostring(name) end
    end
    table.sort(known)
    return known
  end
  return setmetatable(own, {
    __names = known_names, __is_of_script = true,
    __index = function(_, name)
      local value = _G[name]
      if value ~= nil then return value end
      blame("unknown name %s%s", tostring(name), meant(tostring(name), known_names()))
    end,
  })
end
