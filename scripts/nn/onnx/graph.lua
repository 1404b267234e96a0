--- A graph of an ONNX file as plain tables, and its computation, one node after the other.
--
-- A graph has nodes, inputs, outputs and constants (values by name). A graph within a node (If, Loop, Scan) also sees
-- the values of those around it.
local blame = require "nn.support.blame"
local operators = require "nn.onnx.operators"
local stop = require "nn.support.stop"
local value = require "nn.onnx.value"

local graph = {}

local MAX_DEPTH = 16 -- graphs within graphs

local invalid = value.invalid

-- ---- from the file -------------------------------------------------------------------------------------------------

local function floats_of(bytes)
  local list = {}
  for i = 1, #bytes // 4 do list[i] = ("<f"):unpack(bytes, 4 * i - 3) end
  return list
end

-- By ONNX' number of an attribute's type, its value.
local ATTRIBUTES = {
  [1] = function(a) return a.f or 0.0 end,
  [2] = function(a) return a.i or 0 end,
  [3] = function(a) return a.s or "" end,
  [4] = function(a) return a.t and value.read(a.t) end,
  [5] = function(a, depth) return a.g and graph.read(a.g, depth + 1) end,
  [6] = function(a) return floats_of(a.floats) end,
  [7] = function(a) return a.ints end,
  [8] = function(a) return a.strings end,
}

-- Files before ONNX 1.0 leave the type out.
local function type_of(a)
  if a.type and a.type ~= 0 then return a.type end
  return a.f and 1 or a.i and 2 or a.s and 3 or a.t and 4 or a.g and 5 or #a.floats > 0 and 6 or #a.ints > 0 and 7 or 8
end

local function attributes_of(node, depth)
  local attributes = {}
  for _, each in ipairs(node.attribute) do
    local read = ATTRIBUTES[type_of(each)]
    if each.name and read then attributes[each.name] = read(each, depth) end
  end
  return attributes
end

local function title_of(node)
  return node.name and node.name ~= "" and ("node %s (%s)"):format(node.name, node.op_type)
    or ("node %s"):format(node.op_type)
end

-- Runs f; what is wrong gets the node or tensor in front.
local function with_title(title, f, ...)
  local ok, result = pcall(f, ...)
  if ok then return result end
  if type(result) == "table" and result.problem then invalid("%s: %s", title, result.problem) end
  error(result, 0)
end

local function read_node(node, depth)
  local op_type = node.op_type or ""
  node.op_type = op_type
  return { name = node.name or "", op_type = op_type, domain = node.domain or "", inputs = node.input,
    outputs = node.output, title = title_of(node), attributes = attributes_of(node, depth) }
end

local function read_info(info)
  local type_of_value = info.type and info.type.tensor_type
  local shape
  for i, dimension in ipairs(type_of_value and type_of_value.shape and type_of_value.shape.dim or {}) do
    shape = shape or {}
    shape[i] = dimension.dim_value or dimension.dim_param or "?"
  end
  return { name = info.name or "", type = type_of_value and value.names[type_of_value.elem_type or 0],
    shape = shape or type_of_value and type_of_value.shape and {} or nil }
end

-- By name the last node that reads a value, unless a graph within a node may read it too: then it is kept.
local function last_uses(read)
  local last, has_graphs = {}, false
  for _, node in ipairs(read.nodes) do
    for _, name in ipairs(node.inputs) do last[name] = node end
    for _, each in pairs(node.attributes) do has_graphs = has_graphs or type(each) == "table" and each.nodes ~= nil end
  end
  for _, output in ipairs(read.outputs) do last[output.name] = nil end
  return has_graphs and {} or last
end

--- A graph from its message.
-- @tparam table proto
-- @tparam[opt=1] integer depth
-- @treturn table name, nodes, inputs and outputs ({ name, type, shape }), constants, last_use
-- @raise a table with problem
function graph.read(proto, depth)
  depth = depth or 1
  if depth > MAX_DEPTH then invalid("more than %d graphs lie within each other", MAX_DEPTH) end
  local read = { name = proto.name or "", nodes = {}, inputs = {}, outputs = {}, constants = {} }
  for _, each in ipairs(proto.initializer) do
    read.constants[each.name or ""] = with_title("the constant " .. (each.name or "without a name"), value.read, each)
  end
  for i, node in ipairs(proto.node) do
    read.nodes[i] = with_title(title_of { name = node.name, op_type = node.op_type or "" }, read_node, node, depth)
  end
  for _, info in ipairs(proto.input) do
    if not read.constants[info.name or ""] then read.inputs[#read.inputs + 1] = read_info(info) end
  end
  for i, info in ipairs(proto.output) do read.outputs[i] = read_info(info) end
  read.last_use = last_uses(read)
  return read
end

-- ---- computing -----------------------------------------------------------------------------------------------------

-- Mistakes of a file that only show when an operator computes, such as an input that is missing, are errors of Lua's.
-- --trace tells them too, as such an error may also be a mistake of ours.
local LUA_ERRORS = { "attempt to ", "bad argument", "'for' ", "number has no integer representation", "stack overflow" }

local function problem_of(raised)
  if type(raised) == "table" and raised.problem then return raised.problem end
  local text = tostring(raised):gsub("^[^\n]-:%d+: ", "")
  for _, pattern in ipairs(LUA_ERRORS) do
    if text:find(pattern, 1, true) then
      return "its inputs or attributes are not what the operator takes"
        .. (blame.shows_trace and ("\n" .. tostring(raised)) or "")
    end
  end
  return text
end

local function compute(context, node, scope)
  local run = operators.find(node)
  local inputs = {}
  for i, name in ipairs(node.inputs) do
    if name ~= "" then
      inputs[i] = scope[name] or invalid("reads the value %s, which nothing gives", name)
    end
  end
  local call = { attributes = node.attributes, version = context.version, outputs = #node.outputs, inputs = inputs,
    count = #node.inputs, names = node.outputs }
  function call.run(inner, given)
    return graph.run(inner, given, context, scope)
  end
  return table.pack(run(call, table.unpack(inputs, 1, #node.inputs)))
end

--- The values of a graph's outputs.
-- @tparam table read the graph
-- @tparam {Value,...} given for its inputs, in order
-- @tparam table context version: that of the operators
-- @tparam[opt] table outer the values of the graph around it
-- @treturn {Value,...}
-- @raise a table with problem
function graph.run(read, given, context, outer)
  local scope = setmetatable({}, { __index = function(_, name)
    return read.constants[name] or outer and outer[name]
  end })
  for i, input in ipairs(read.inputs) do scope[input.name] = given[i] end
  for _, node in ipairs(read.nodes) do
    stop.check()
    local ok, results = pcall(compute, context, node, scope)
    if not ok then
      if type(results) == "table" and not results.problem then error(results, 0) end -- a request to stop
      invalid("%s: %s", node.title, problem_of(results))
    end
    for i, name in ipairs(node.outputs) do
      if name ~= "" then scope[name] = results[i] end
    end
    for _, name in ipairs(node.inputs) do
      if read.last_use[name] == node then rawset(scope, name, nil) end
    end
  end
  local outputs = {}
  for i, output in ipairs(read.outputs) do
    outputs[i] = scope[output.name] or invalid("nothing gives the output %s", output.name)
  end
  return outputs
end

return graph
