--- Charts and pictures for reports.
-- Each function makes a *figure*: a value that remembers what to draw. Its one method `figure:write(folder, name)`
-- writes `NAME.svg` with the gnuplot script and the numbers it was drawn from (`NAME.gp`, `NAME.csv`; pictures are
-- `NAME.png`) and returns `{ markdown =, files = }`, with links as seen from the folder above: a report lies above
-- its folder of charts. Without gnuplot the numbers are written all the same, and the Markdown says where they are.
--
--     local figure = nn.plot.history(model:fit(x, y, { epochs = 5 }))
--     print(figure:write("reports/lab/charts", "loss").markdown)
--
-- All charts share one look: colours that colour-blind readers tell apart, the same `color` number for the same
-- variant in every chart, a white ground that holds on dark pages, and a legend that never covers data. Numbers that
-- are not finite are left out; a list without numbers is an error. The same figure gives the same bytes.
-- @module nn.plot
local text = require "nn.plot.text"

return {
  curves = require "nn.plot.curves",
  history = require "nn.plot.history",
  factor = require "nn.plot.factor",
  decision_boundary = require "nn.plot.decision_boundary",
  dots = require "nn.plot.dots",
  heatmap = require "nn.plot.heatmap",
  confusion = require "nn.plot.confusion",
  bars = require "nn.plot.bars",
  scatter = require "nn.plot.scatter",
  predictions = require "nn.plot.predictions",
  images = require "nn.plot.images",
  weights = require "nn.plot.weights",
  filters = require "nn.plot.filters",
  feature_maps = require "nn.plot.feature_maps",
  grad_cam = require "nn.plot.grad_cam",
  attention = require "nn.plot.attention",
  word_weights = require "nn.plot.word_weights",
  projection = require "nn.plot.projection",
  forecast = require "nn.plot.forecast",
  --- A name for files: small letters, digits and underscores.
  -- @function slug
  -- @tparam string text
  -- @treturn string
  -- @usage nn.plot.slug "First-layer weights"
  slug = text.slug,
}
