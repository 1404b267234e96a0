--- The table of a model's layers, as Keras prints it.
-- @submodule nn.models
local arguments = require "nn.support.arguments"
local kinds = require "nn.support.kinds"

local summary = {}

local function grouped(number)
  local text = tostring(number):reverse():gsub("(%d%d%d)", "%1,"):reverse()
  return (text:gsub("^,", ""))
end

local function shape_text(shape)
  if type(shape[1]) == "table" then -- of several outputs
    local texts = {}
    for i, each in ipairs(shape) do texts[i] = shape_text(each) end
    return "[" .. table.concat(texts, ", ") .. "]"
  end
  return (("(None%s)"):format((", %d"):rep(#shape):format(table.unpack(shape))):gsub("%-1", "None"))
end

local function size_text(count)
  local bytes, units = count * 4, { "B", "KB", "MB", "GB" }
  local unit = 1
  while bytes >= 1024 and unit < #units do bytes, unit = bytes / 1024, unit + 1 end
  return ("%.2f %s"):format(bytes, units[unit])
end

--- Characters of a text; bytes where it is not UTF-8.
local function width_of(text)
  return utf8.len(text) or #text
end

--- Whether each layer reads only the one before: then there is nothing to say about connections.
local function is_chain(model)
  for i, node in ipairs(model.class_name == "Functional" and model.order or {}) do
    if not node.layer.is_hidden and i > 1 and (#(node.read or {}) ~= 1 or node.read[1] ~= model.order[i - 1]) then
      return false
    end
  end
  return true
end

--- By layer, what it reads as Keras writes it: name[which call][which output], from 0.
local function connections(model)
  local call_number, count, texts = {}, {}, {}
  for _, node in ipairs(model.order) do
    local layer = node.layer
    if not call_number[node.call] then
      call_number[node.call], count[layer] = count[layer] or 0, (count[layer] or 0) + 1
      texts[layer] = texts[layer] or {}
      for _, input in ipairs(node.read or {}) do
        table.insert(texts[layer], ("%s[%d][%d]"):format(input.layer.name, call_number[input.call], input.index - 1))
      end
    end
  end
  return texts
end

local function rows_of(model, with_connections)
  local rows, texts = {}, with_connections and connections(model)
  for _, layer in ipairs(model.layers) do
    local reads = texts and texts[layer] or {}
    rows[#rows + 1] = {
      ("%s (%s)"):format(layer.name, layer.class_name),
      layer.output_shape and shape_text(layer.output_shape) or "?",
      layer.output_shape and grouped((layer:count_params())) or "0 (unbuilt)",
      texts and (#reads > 0 and table.concat(reads, ", ") or "-") or nil,
    }
  end
  return rows
end

local function line(cells, widths, right)
  local texts = {}
  for i, cell in ipairs(cells) do
    local gap = (" "):rep(widths[i] - width_of(cell))
    texts[i] = i == right and gap .. cell or cell .. gap
  end
  return "│ " .. table.concat(texts, " │ ") .. " │"
end

local function rule(widths, left, middle, right, dash)
  local parts = {}
  for i, width in ipairs(widths) do parts[i] = dash:rep(width + 2) end
  return left .. table.concat(parts, middle) .. right
end

-- What stands between and around the columns of a line, beside their texts.
local function frame_width(columns) return 3 * columns + 1 end

--- The widths of the columns: as their texts need, and where a line's length is asked for, shared out as Keras does.
local function widths_of(rows, columns, line_length)
  local widths, ends = { 31, 24, 15, columns == 4 and 24 or nil },
    columns == 4 and { 0.3, 0.6, 0.7, 1 } or { 0.45, 0.8, 1 }
  if line_length then
    local room, before = line_length - frame_width(columns), 0
    for i, share in ipairs(ends) do
      local last = math.floor(room * share)
      widths[i], before = last - before, last
    end
  end
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i], width_of(cell)) end
  end
  return widths
end

-- The table as text.
-- @tparam table model
-- @tparam[opt] integer line_length
function summary.text(model, line_length)
  local with_connections = not is_chain(model)
  local head = { "Layer (type)", "Output Shape", "Param #", with_connections and "Connected to" or nil }
  local rows = rows_of(model, with_connections)
  local widths = widths_of({ head, table.unpack(rows) }, #head, line_length)
  local lines = { ('Model: "%s"'):format(model.name), rule(widths, "┌", "┬", "┐", "─"), line(head, widths, 3) }
  for _, row in ipairs(rows) do
    lines[#lines + 1] = rule(widths, "├", "┼", "┤", "─")
    lines[#lines + 1] = line(row, widths, 3)
  end
  lines[#lines + 1] = rule(widths, "└", "┴", "┘", "─")
  if model.outputs then
    local total, trainable = model:count_params()
    for _, entry in ipairs { { "Total", total }, { "Trainable", trainable }, { "Non-trainable", total - trainable } } do
      lines[#lines + 1] = (" %s params: %s (%s)"):format(entry[1], grouped(entry[2]), size_text(entry[2]))
    end
  end
  for i, density in pairs(model.history and model.history.input_densities or {}) do
    lines[#lines + 1] = (" fit read input %d as compressed rows: %.1f %% of its numbers are not zero"):format(i,
      100 * density)
  end
  return table.concat(lines, "\n")
end

local read_options = arguments.options("summary", {
  { "line_length", nil, kinds.whole(1) }, { "print_fn", nil, kinds.func },
})

--- Prints the table to standard output.
-- @function model:summary
-- @tparam[opt] table options line_length: how many characters a line has, or more where its texts need them; print_fn:
-- is called with the text instead
-- @usage local text = tostring(model) -- what model:summary() prints
function summary.print(model, options)
  options = read_options(options)
  local show = options.print_fn or print
  show(summary.text(model, options.line_length))
end

return summary
