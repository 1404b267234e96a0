--- A picture of a model's layers, drawn by Graphviz.
-- @submodule nn.utils
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local files = require "nn.support.files"
local notation = require "nn.support.notation"
local program = require "nn.support.program"

local plot_model = {}

local DIRECTIONS = { TB = true, LR = true, BT = true, RL = true }

local DRAWING = {
  { "show_shapes", false }, { "show_dtype", false }, { "show_layer_names", false }, { "rankdir", "TB" }, { "dpi", 200 },
  { "show_layer_activations", false }, { "show_trainable", false },
}
local PLOTTING = { { "to_file", "model.png" }, table.unpack(DRAWING) }

local dot_signature = arguments.signature("model_to_dot", DRAWING)
local plot_signature = arguments.signature("plot_model", PLOTTING)

-- What Graphviz' HTML-like labels would read as markup.
local function escape(text)
  local line = notation.legible(tostring(text))
  return (line:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }))
end

local function shape_text(shape)
  return ("(None%s)"):format((", %d"):rep(#shape):format(table.unpack(shape)))
end

local function cell(format, ...)
  return '<td border="0">' .. format:format(...) .. "</td>"
end

-- The rows of a layer's box: name and type, then what the options ask for.
local function rows_of(node, given)
  local layer = node.layer
  local title = given.show_layer_names and ("%s (<b>%s</b>)"):format(escape(layer.name), layer.class_name)
    or ("<b>%s</b>"):format(layer.class_name)
  local rows = { cell("%s", title) }
  local activation = layer.activation and layer.activation.name
  if given.show_layer_activations and activation then rows[#rows + 1] = cell("activation: %s", escape(activation)) end
  if given.show_shapes then
    for _, input in ipairs(node.inputs) do rows[#rows + 1] = cell("input: <b>%s</b>", shape_text(input.shape)) end
    rows[#rows + 1] = cell("output: <b>%s</b>", shape_text(node.shape))
  end
  if given.show_dtype then rows[#rows + 1] = cell "dtype: <b>float32</b>" end
  if given.show_trainable and #(layer.weights or {}) > 0 then
    rows[#rows + 1] = cell("trainable: <b>%s</b>", tostring(layer.trainable))
  end
  return rows
end

local function check(what, model, given)
  if type(model) ~= "table" or not model.require_built then
    blame("%s: expected a model, got %s", what, blame.got(model))
  end
  model:require_built(what)
  if not DIRECTIONS[given.rankdir] then
    blame('%s: rankdir: expected "TB", "LR", "BT" or "RL", got %s', what, blame.got(given.rankdir))
  end
end

local function draw(model, given)
  local lines = {
    "digraph model {", ("  graph [rankdir=%s, dpi=%g];"):format(given.rankdir, given.dpi),
    '  node [shape=box, style="rounded,filled", fillcolor="#f2f5fa", color="#4a6fa5", fontname=Helvetica];',
    '  edge [color="#4a6fa5"];',
  }
  local number = {}
  for i, node in ipairs(model.order) do
    number[node] = i
    lines[#lines + 1] = ('  n%d [label=<<table border="0" cellborder="0"><tr>%s</tr></table>>];'):format(i,
      table.concat(rows_of(node, given), "</tr><tr>"))
    for _, input in ipairs(node.inputs) do lines[#lines + 1] = ("  n%d -> n%d;"):format(number[input], i) end
  end
  lines[#lines + 1] = "}\n"
  return table.concat(lines, "\n")
end

--- A model in Graphviz' language.
-- @function model_to_dot
-- @tparam table model one whose input shape is known
-- @tparam[opt] table options show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable (false),
-- rankdir ("TB": from top to bottom; "LR", "BT", "RL"), dpi (200)
-- @treturn string
-- @usage print(nn.utils.model_to_dot(model, { show_shapes = true }))
function plot_model.to_dot(model, options)
  local given = dot_signature(options)
  check("model_to_dot", model, given)
  return draw(model, given)
end

local PATIENCE, LONGEST = 60, 1 << 30 -- seconds and bytes for one picture

-- Has `dot` draw a picture.
-- @treturn ?string what went wrong
-- @treturn ?string "missing" where dot is not installed
local function run_dot(format, from, to)
  local picture, problem, why = program.run({ "dot", "-T" .. format, from }, { seconds = PATIENCE, limit = LONGEST })
  if not picture then return problem, why end
  local ok, message = files.write(to, picture)
  return not ok and message or nil
end

--- Draws a model by Graphviz' program `dot`.
-- @function plot_model
-- @tparam table model one whose input shape is known
-- @tparam[opt] table options to_file ("model.png"; .svg, .pdf, and .dot for Graphviz' language itself, which needs no
-- program), and those of `model_to_dot`
-- @treturn string the path of the picture
-- @raise where `dot` is not installed; the .dot file is written even so
-- @usage nn.utils.plot_model(model, { to_file = "model.svg", show_shapes = true, show_layer_names = true })
function plot_model.plot(model, options)
  local given = plot_signature(options)
  check("plot_model", model, given)
  local path = tostring(given.to_file)
  local base, format = path:match "^(.*[^/])%.(%w+)$"
  if not base then blame("plot_model: to_file: expected a name such as model.svg, got %s", path) end
  local source = base .. ".dot"
  local ok, message = files.write(source, draw(model, given))
  if not ok then blame("plot_model: %s", message) end
  if format == "dot" then return path end
  local problem, why = run_dot(format, source, path)
  if why == "missing" then
    blame("plot_model: Graphviz' program dot is not installed (its package is called graphviz); what it would draw "
      .. "is in %s", source)
  end
  if problem then blame("plot_model: dot cannot draw %s: %s", path, (problem:gsub("%s+$", ""))) end
  os.remove(source)
  return path
end

return plot_model
