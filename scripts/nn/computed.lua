--- Fields that are computed when they are read, such as a model's `trainable_weights`.
local computed = {}

--- The names of methods, those inherited too.
local function add_names(names, methods)
  while type(methods) == "table" do
    for name in pairs(methods) do names[#names + 1] = name end
    local meta = getmetatable(methods)
    methods = meta and meta.__index
  end
end

--- Gives objects fields that are computed.
-- @tparam table meta the objects' metatable; gets an __index, and __names, which lists all names for the prompt
-- @tparam table methods what the objects can do besides
-- @tparam {[string]=function} fields name -> function of the object
function computed.add(meta, methods, fields)
  function meta.__index(self, name)
    local compute = fields[name]
    if compute then return compute(self) end
    return methods[name]
  end
  function meta.__names()
    local names = {}
    for name in pairs(fields) do names[#names + 1] = name end
    add_names(names, methods)
    return names
  end
end

return computed
