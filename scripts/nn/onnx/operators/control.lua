--- Operators that compute graphs within them.
local ops = require "nn.ops"
local tensor = require "nn.tensor"
local value = require "nn.onnx.value"

local operators = {}

function operators.If(call, condition)
  local chosen = condition:item() ~= 0 and call.attributes.then_branch or call.attributes.else_branch
  return table.unpack(call.run(chosen, {}))
end

-- Tensors of each step, along a new axis.
local function stacked(list, axis)
  local parts = {}
  for i, each in ipairs(list) do parts[i] = each.data end
  return list[1]:like(tensor.stack { parts, axis = axis or 1 })
end

-- What a loop of no steps gives: no rows of the type that the graph announces.
local function no_steps(info)
  local shape = { 0 }
  for i, length in ipairs(info.shape or {}) do shape[i + 1] = math.type(length) == "integer" and length or 0 end
  local type = info.type or "float32"
  return value.new(tensor.zeros(shape, value.held_as(type)), type)
end

function operators.Loop(call, trips, condition, ...)
  local body, states = call.attributes.body, { ... }
  local most, goes_on = trips and trips:item() or math.huge, not condition or condition:item() ~= 0
  local count, scans, step = call.count - 2, {}, 0
  for i = count + 2, #body.outputs do scans[i - count - 1] = {} end
  while goes_on and step < most do
    local given = { value.scalar(step, "int64"), value.scalar(1, "bool") }
    table.move(states, 1, count, 3, given)
    local results = call.run(body, given)
    goes_on = results[1]:item() ~= 0
    for i = 1, count do states[i] = results[i + 1] end
    for i, list in ipairs(scans) do list[#list + 1] = results[count + 1 + i] end
    step = step + 1
  end
  for i, list in ipairs(scans) do
    states[count + i] = #list > 0 and stacked(list) or no_steps(body.outputs[count + 1 + i])
  end
  return table.unpack(states, 1, count + #scans)
end

local function place(axis, ndim) return axis < 0 and axis + ndim + 1 or axis + 1 end

-- One step of an input that is read along an axis.
local function at_step(x, axis, step)
  local part = ops.take(x.data, tensor.tensor { step - 1 }, axis)
  return x:like(ops.squeeze(part, axis))
end

local function scan(call, states, inputs, count)
  local a, body = call.attributes, call.attributes.body
  local axes, scans, steps = {}, {}, nil
  for i, x in ipairs(inputs) do
    axes[i] = place(a.scan_input_axes and a.scan_input_axes[i] or 0, x.data.ndim)
    steps = x.data.shape[axes[i]]
  end
  for i = #states + 1, #body.outputs do scans[i - #states] = {} end
  for step = 1, steps do
    local given = table.move(states, 1, #states, 1, {})
    for i, x in ipairs(inputs) do
      local is_back = (a.scan_input_directions or a.directions or {})[i] == 1
      given[#given + 1] = at_step(x, axes[i], is_back and steps - step + 1 or step)
    end
    local results = call.run(body, given)
    for i = 1, #states do states[i] = results[i] end
    for i, list in ipairs(scans) do
      local is_back = (a.scan_output_directions or {})[i] == 1
      table.insert(list, is_back and 1 or #list + 1, results[count + i])
    end
  end
  for i, list in ipairs(scans) do
    local axis = (a.scan_output_axes or {})[i] or 0
    states[count + i] = #list > 0 and stacked(list, place(axis, list[1].data.ndim + 1))
      or no_steps(body.outputs[count + i])
  end
  return states
end

function operators.Scan(call, ...)
  local all, inputs = { ... }, call.attributes.num_scan_inputs
  if call.version >= 9 then
    local states = table.move(all, 1, #all - inputs, 1, {})
    return table.unpack(scan(call, states, table.move(all, #states + 1, #all, 1, {}), #states))
  end
  -- Version 8: the first input may hold lengths, and every other one has a batch in front.
  all = table.move({ ... }, 2, call.count, 1, {})
  local batch, by_row = all[1].data.shape[1], {}
  for row = 1, batch do
    local own = {}
    for i, each in ipairs(all) do own[i] = at_step(each, 1, row) end
    local states = table.move(own, 1, #own - inputs, 1, {})
    by_row[row] = scan(call, states, table.move(own, #states + 1, #own, 1, {}), #states)
  end
  local results = {}
  for i in ipairs(by_row[1]) do
    local list = {}
    for row = 1, batch do list[row] = by_row[row][i] end
    results[i] = stacked(list)
  end
  return table.unpack(results)
end

return operators
