-- nn.plot: the files that figures write, what stands in them, and what happens when something is wrong.
-- How charts look cannot be tested; that labels keep apart can.
local lfs = require "lfs"
local axis = require "nn.plot.axis"
local fakes = require "tests.support.experiment_fakes"
local gnuplot = require "nn.plot.gnuplot"
local image = require "nn.image"
local plot = require "nn.plot"
local program = require "nn.support.program"
local tensor = require "nn.tensor"
local text = require "nn.plot.text"

local NAN, INF = 0 / 0, 1 / 0

local folder -- fresh for each test; its name is a trial for quoting

local function read(name)
  local file <close> = assert(io.open(folder .. "/charts/" .. name, "rb"))
  return file:read "a"
end

local function exists(name)
  return lfs.attributes(folder .. "/charts/" .. name, "mode") == "file"
end

local function write(path, contents)
  local file <close> = assert(io.open(path, "wb"))
  file:write(contents)
end

local function shell_quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

local function draw(figure, name)
  return figure:write(folder .. "/charts", name)
end

local function remove_tree(path)
  for entry in lfs.dir(path) do
    local inner = path .. "/" .. entry
    if entry == "." or entry == ".." then goto continue end
    if lfs.attributes(inner, "mode") == "directory" then remove_tree(inner) else os.remove(inner) end
    ::continue::
  end
  lfs.rmdir(path)
end

-- Every chart that gnuplot draws.
local function all_charts()
  return {
    curves = plot.curves { title = "Loss", y_label = "loss", series = {
      { name = "relu", y = { 3, 2, 1 }, low = { 2.5, 1.5, 0.5 }, high = { 3.5, 2.5, 1.5 } },
      { name = "tanh", y = { 3.5, 2.5, 2 }, dashed = true },
    } },
    history = plot.history { loss = { 2, 1 }, val_loss = { 2.5, 1.5 } },
    factor = plot.factor { points = { { x = 50, y = 0.96, low = 0.95, high = 0.97 }, { x = 100, y = 0.97 } },
      baseline = { 0.965, 0.96, 0.97 } },
    categories = plot.factor { categories = true, points = { { x = "relu", y = 1 }, { x = true, y = 2 } } },
    dots = plot.dots { points = { { label = "a", x = 1, low = 0.5, high = 2 }, { label = "b", x = 3 } }, baseline = 2 },
    heatmap = plot.heatmap { matrix = { { 1, 2, NAN }, { 3, 4, 5 } } },
    confusion = plot.confusion { matrix = { { 9, 1 }, { 0, 5 } }, class_names = { "cat", "dog" } },
    bars = plot.bars { names = { "a", "b" }, values = { 3, -2 } },
    groups = plot.bars { names = { "a", "b" }, series = { { name = "x", values = { 1, 2 } }, { values = { 3, 4 } } } },
    scatter = plot.scatter { { 1, 2, 3 }, { 0.5, 0.4, 0.9 }, labels = { "a", "b", "c" }, pareto = "max" },
    predictions = plot.predictions { { 1, 2, 3 }, { 1.5, 2, 2 } },
    residuals = plot.predictions { { 1, 2, 3 }, { 1.5, 2, 2 }, residuals = true },
  }
end

before_each(function()
  folder = os.tmpname()
  os.remove(folder)
  folder = folder .. " it's $HOME; \"q\" é"
  assert(lfs.mkdir(folder))
end)

after_each(function() remove_tree(folder) end)

describe("a chart", function()
  it("is written as a picture, a script and numbers", function()
    for name, figure in pairs(all_charts()) do
      local written = draw(figure, name)
      local base = "charts/" .. name
      assert.same({ base .. ".svg", base .. ".gp", base .. ".csv" }, written.files)
      local svg = read(name .. ".svg")
      assert.truthy(svg:find("^<%?xml.*</svg>%s*$"), name)
      assert.truthy(svg:find('fill="#ffffff"', 1, true), name .. ": the ground is not white")
      assert.falsy(svg:lower():find("nan[, ]"), name)
      assert.falsy(read(name .. ".gp"):find(folder, 1, true), name .. ": the script knows its folder")
    end
  end)

  it("has the same bytes every time, also when its script is run by hand", function()
    for name, figure in pairs(all_charts()) do
      draw(figure, name)
      local svg, gp, csv = read(name .. ".svg"), read(name .. ".gp"), read(name .. ".csv")
      draw(all_charts()[name], name)
      assert.equal(gp, read(name .. ".gp"))
      assert.equal(csv, read(name .. ".csv"))
      assert.equal(svg, read(name .. ".svg"))
      os.remove(folder .. "/charts/" .. name .. ".svg")
      assert.truthy(os.execute(("cd %s && gnuplot -d %s.gp"):format(shell_quote(folder .. "/charts"), name)))
      assert.equal(svg, read(name .. ".svg"))
    end
  end)

  it("is linked as seen from the folder above, with its caption below", function()
    local caption = "2 * 3 and a_b_c _d_"
    local figure = plot.curves { title = "A [b] <c>", series = { { y = { 1, 2 } } }, caption = caption }
    assert.equal("![A \\[b\\] \\<c>](charts/a%20%28b%29.svg)\n\n*2 \\* 3 and a_b_c \\_d\\_*",
      draw(figure, "a (b)").markdown)
    assert.equal("![y](charts/y.svg)", draw(plot.curves { y_label = "y", series = { { y = { 1 } } } }, "y").markdown)
  end)

  it("makes its folder", function()
    plot.curves { series = { { y = { 1 } } } }:write(folder .. "/deep/below/charts/", "x")
    assert.equal("file", lfs.attributes(folder .. "/deep/below/charts/x.svg", "mode"))
  end)

  it("takes no name that would leave the folder", function()
    local figure = plot.curves { series = { { y = { 1 } } } }
    for _, name in ipairs { "", "a/b", "../x", ".hidden", "a\nb" } do
      assert.error_matches(function() draw(figure, name) end, "file name")
    end
    assert.error_matches(function() figure:write(nil, "x") end, "path of a folder")
  end)

  it("ends the program with status 4 where it cannot be written", function()
    write(folder .. "/charts", "a file in the way")
    local ok, problem = pcall(draw, plot.curves { series = { { y = { 1 } } } }, "x")
    assert.is_false(ok)
    assert.equal(4, problem.status)
    assert.matches("cannot write", tostring(problem))
  end)
end)

describe("a legend", function()
  it("shows all names inside the picture and beside the plot, however many and long they are", function()
    for _, count in ipairs { 1, 5, 24, 40 } do
      for _, letters in ipairs { 1, 12, 20, 28, 60 } do
        local series = {}
        for i = 1, count do series[i] = { name = ("%02d"):format(i) .. ("k"):rep(letters), y = { 1, 2 } } end
        draw(plot.curves { series = series }, "x")
        local svg, gp = read "x.svg", read "x.gp"
        local width, height = svg:match('viewBox="0 0 (%d+) (%d+)"')
        local right = tonumber(width) * gp:match("rmargin at screen ([%d.]+)")
        local bottom = tonumber(height) * (1 - gp:match("bmargin at screen ([%d.]+)"))
        local found, places = 0, {}
        for x, y, name in svg:gmatch("translate%((%d[%d.]*),(%d[%d.]*)%)[^\n]*\n%s*<text>(%d%dk+)</text>") do
          x, y, found = tonumber(x), tonumber(y), found + 1
          assert.truthy(x + text.width(name) < tonumber(width) and y < tonumber(height) - 4, name)
          assert.truthy(x > right or y > bottom + 20, name .. " covers data")
          assert.falsy(places[x .. " " .. y])
          places[x .. " " .. y] = true
        end
        assert.equal(count, found)
      end
    end
  end)
end)

describe("numbers", function()
  it("stand in the CSV file, series after series, without those that are not finite", function()
    draw(plot.curves { y_label = "loss, in nats", series = {
      { name = 'a "b", c', y = { 0.1, NAN, 1e-7, INF }, low = { 0, 0, 0, 0 }, high = { 1, 1, NAN, 1 } },
      { name = "d", x = { 10, 20 }, y = { 123456789, -2.5 } },
    } }, "x")
    assert.equal(table.concat({
      'epoch,"loss, in nats",low,high,series', '1,0.1,0,1,"a ""b"", c"', '3,1e-7,0,,"a ""b"", c"',
      "10,123456789,,,d", "20,-2.5,,,d", "" }, "\n"), read "x.csv")
  end)

  it("of a matrix have their names beside them", function()
    draw(plot.confusion { matrix = { { 3, 1 }, { 0, 0 } }, class_names = { "cat", "dog" } }, "x")
    assert.equal(table.concat({
      "predicted_position,true_position,count,fraction_of_true,true,predicted",
      "1,1,3,0.75,cat,cat", "2,1,1,0.25,cat,dog", "1,2,0,0,dog,cat", "2,2,0,0,dog,dog", "" }, "\n"), read "x.csv")
  end)

  it("keep their decimal point in every locale", function()
    local comma = os.setlocale("de_DE.UTF-8", "numeric") or os.setlocale("fr_FR.UTF-8", "numeric")
    if not comma then return pending("no locale with a decimal comma is installed") end
    finally(function() os.setlocale("C", "numeric") end)
    local function files()
      local contents = {}
      for name, figure in pairs(all_charts()) do
        draw(figure, name)
        contents[name] = read(name .. ".csv") .. read(name .. ".gp") .. read(name .. ".svg")
      end
      local layer = { get_weights = function() return tensor.tensor { { 0.125 } } end }
      contents.weights = draw(plot.weights(layer), "weights").markdown
      return contents
    end
    local with_commas = files()
    os.setlocale("C", "numeric")
    assert.same(files(), with_commas)
  end)

  it("may come as tensors", function()
    local series = { { name = "a", x = tensor.tensor { 1, 2 }, y = tensor.tensor { 0.5, 0.25 } } }
    draw(plot.curves { series = series }, "x")
    assert.matches("1,0.5,,,a\n2,0.25,,,a\n", read "x.csv", 1, true)
    assert.same(plot.heatmap { matrix = { { 1, 2 } } }, plot.heatmap { matrix = tensor.tensor { { 1, 2 } } })
  end)

  it("that are all not finite leave an empty chart that says so", function()
    local figures = {
      plot.curves { series = { { y = { NAN, INF } } } }, plot.factor { points = { { x = 1, y = NAN } } },
      plot.factor { points = { { x = "a", y = NAN } }, categories = true },
      plot.dots { points = { { label = "a", x = -INF } } }, plot.heatmap { matrix = { { NAN } } },
      plot.scatter { { NAN }, { 1 }, pareto = "min" },
    }
    for i, figure in ipairs(figures) do
      draw(figure, "x" .. i)
      assert.matches("no finite values to draw", read("x" .. i .. ".svg"))
    end
  end)

  it("of any size are drawn", function()
    for i, y in ipairs { { 0 }, { 1e-300, 2e-300 }, { 1e299, -1e299 }, { 1, 1 + 1e-15 }, { -5, -5 }, { 0, 1e-12 } } do
      draw(plot.curves { series = { { y = y } } }, "x" .. i)
      assert.truthy(exists("x" .. i .. ".svg"), table.concat(y, " "))
    end
    draw(plot.curves { log_y = true, log_x = true, series = { { x = { 1e-9, 1e9 }, y = { 1e-200, 1e200 } } } }, "log")
    assert.truthy(exists "log.svg")
  end)

  it("of an interval may reach below a logarithmic axis", function()
    local point = { x = 1, y = 0.1, low = -1, high = 1 }
    draw(plot.factor { log_y = true, baseline = { 1, -1, 2 }, points = { point } }, "a")
    draw(plot.factor { log_y = true, baseline = { -1, -2, 0 }, points = { { x = 1, y = 0.1 } } }, "b")
    assert.truthy(exists "a.svg" and exists "b.svg")
    local function bands(low)
      draw(plot.curves { log_y = true, series = { { y = { 1, 1 }, low = { low, 0.5 }, high = { 3, 3 } } } }, "c")
      return select(2, read("c.svg"):gsub("<polygon", ""))
    end
    assert.equal(1, bands(0.5))
    assert.equal(1, bands(-1))
  end)

  it("of one bar are drawn, on either side of zero", function()
    for i, value in ipairs { 120, -120, 0, 0.5, NAN } do
      draw(plot.bars { names = { "cat" }, values = { value } }, "bar_" .. i)
      assert.truthy(exists("bar_" .. i .. ".svg"), tostring(value))
    end
  end)
end)

describe("text", function()
  local nasty = "it's `touch pwned` \"q\" \\n 100%d {/Bold x}_2^3 @m $x #c <b>&amp; |\n\r\0\27[1m \xff\xfe 日本 é"

  it("means nothing to gnuplot, the shell or XML", function()
    local series = { { name = nasty, y = { 1, 2 } } }
    draw(plot.curves { title = nasty, x_label = nasty, y_label = nasty, series = series }, "a")
    draw(plot.factor { categories = true, x_label = "# " .. nasty, points = { { x = nasty, y = 1 } } }, "b")
    draw(plot.dots { points = { { label = nasty, x = 1 } }, baseline = 1 }, "c")
    local groups = { { name = nasty, values = { 1, 2 } }, { values = { 2, 1 } } }
    draw(plot.bars { names = { nasty, "" }, series = groups }, "d")
    draw(plot.confusion { matrix = { { 1, 0 }, { 0, 1 } }, class_names = { nasty, "%%d" } }, "e")
    draw(plot.scatter { { 1 }, { 1 }, labels = { nasty }, title = nasty }, "f")
    for name in ("abcdef"):gmatch "." do
      local svg = read(name .. ".svg")
      assert.truthy(utf8.len(svg), name)
      assert.falsy(svg:find("[\0-\8\11-\31]"), name)
      assert.truthy(svg:find("`touch", 1, true) or svg:find("日本", 1, true), name)
    end
    assert.falsy(exists "pwned")
    assert.matches("%%d</text>", read "e.svg", 1, true)
    assert.matches("{/Bold", read "a.svg", 1, true)
    assert.matches("# it's", read "b.csv", 1, true)
    assert.equal(2, select(2, read("b.csv"):gsub("\n", "")))
  end)

  it("is drawn whatever it begins with", function()
    for _, name in ipairs { "'good'", '"good"', "\\good", "`date`", "$(date)", "@x", "%d", "{a}", "#a" } do
      draw(plot.bars { title = name, x_label = name, y_label = name, names = { name, "b" }, values = { 1, 2 } }, "x")
      draw(plot.confusion { matrix = { { 1, 2 }, { 3, 4 } }, class_names = { name, "b" } }, "y")
      draw(plot.curves { y_label = name, series = { { name = name, y = { 1, 2 } }, { y = { 2, 1 } } } }, "z")
      for file, count in pairs { x = 4, y = 2, z = 2 } do
        local _, found = read(file .. ".svg"):gsub("&quot;", '"'):gsub(">" .. name:gsub("%p", "%%%0") .. "<", "")
        assert.equal(count, found, name)
      end
    end
  end)

  it("that is cut differs from others still", function()
    local long = ("a long name that goes on "):rep(8)
    local names = { long .. "A" .. long, long .. "B" .. long, long .. "B" .. long, "c" }
    local short = text.shorten_all(names, 150)
    assert.not_equal(short[1], short[2])
    assert.equal("c", short[4])
    for _, name in ipairs(short) do assert.is_true(text.width(name) <= 150) end
    local beside = axis.new({ categories = names, vertical = true }, 150)
    local seen = {}
    for i, tick in ipairs(beside.ticks) do
      assert.is_true(#tick.lines <= 2)
      seen[i] = table.concat(tick.lines, " ")
    end
    assert.not_equal(seen[1], seen[2])
  end)

  it("in the first line of the numbers is no comment", function()
    local points = { { x = 1, y = 1 }, { x = 2, y = 3 } }
    local function drawn(x_label)
      draw(plot.factor { x_label = x_label, points = points }, "x")
      return select(2, read("x.svg"):gsub("gpPt6' transform", ""))
    end
    assert.equal(2, drawn "runs")
    assert.equal(2, drawn "# of runs")
  end)

  it("that is too long is broken or shortened, keeping both ends", function()
    assert.equal("short", text.shorten("short", 100))
    local short = text.shorten("optimizer=adam, learning_rate=0.001, batch_size=100", 150)
    assert.matches("^opt.*….*100$", short)
    assert.truthy(text.width(short) <= 150)
    assert.same({ "learning_rate = 0.00245742,", "epochs = 9" },
      text.wrap("learning_rate = 0.00245742, epochs = 9", 230))
    for _, line in ipairs(text.wrap(("word "):rep(50), 200)) do assert.truthy(text.width(line) <= 200) end
    assert.equal(50, select(2, table.concat(text.wrap(("word "):rep(50), 200), " "):gsub("word", "")))
  end)

  it("makes file names", function()
    assert.equal("width_depth_50", plot.slug "Width & depth (50 %)")
    assert.equal("chart", plot.slug "日本")
    assert.truthy(#plot.slug(("long "):rep(100)) <= 60)
  end)
end)

describe("ticks", function()
  -- The places and widths of an axis' labels in pixels.
  local function extents(spec, pixels)
    local new, all = axis.new(spec, pixels), {}
    for _, tick in ipairs(new.ticks) do
      local width = text.widest(tick.lines)
      if not tick.minor then all[#all + 1] = { new:share(tick.at) * pixels - width / 2, width, tick.lines[1] } end
    end
    return all
  end

  it("are whole numbers for epochs", function()
    for epochs, expected in pairs { [1] = "1", [5] = "1 2 3 4 5", [200] = "50 100 150 200" } do
      local labels, new = {}, axis.new({ low = 1, high = epochs, integers = true }, 500)
      for i, tick in ipairs(new.ticks) do labels[i] = tick.lines[1] end
      assert.equal(expected, table.concat(labels, " "))
    end
  end)

  it("stand at the values tried, while there is room", function()
    draw(plot.factor { points = { { x = 50, y = 1 }, { x = 200, y = 2 }, { x = 500, y = 2 } } }, "x")
    assert.matches('set xtics ("50" 50, "200" 200, "500" 500)', read "x.gp", 1, true)
  end)

  it("of a logarithmic axis leave room for 0", function()
    local points = {}
    for i, x in ipairs { 0, 1e-5, 1e-4, 1e-3 } do points[i] = { x = x, y = i } end
    draw(plot.factor { log_x = true, points = points }, "x")
    local script = read "x.gp"
    assert.matches("set logscale x", script)
    assert.matches('"0" 1%.58%d+e%-06, "1e%-5" 1e%-05, "0.0001" 0.0001, "0.001" 0.001', script)
    assert.is_nil(script:find '"" 2e%-06')
    assert.equal("x,y,low,high,label,position\n0,1,,,,", read "x.csv":match "^.-\n.-,.-,.-,.-,.-,")
    assert.has_no.errors(function() plot.factor { log_x = true, points = { { x = 0, y = 1 } } } end)
    assert.error_matches(function() plot.factor { log_x = true, points = { { x = -1, y = 1 } } } end, "above 0")
  end)

  it("differ from each other and do not touch", function()
    math.randomseed(7)
    for round = 1, 2000 do
      local size, width = 10 ^ math.random(-12, 12), 10 ^ (-6 * math.random())
      local low = size * (round % 3 == 0 and 0 or math.random())
      local spec = { low = low, high = low + size * width, log = round % 2 == 0 and low > 0 }
      local last, seen = -INF, {}
      local all = extents(spec, math.random(150, 700))
      assert.truthy(#all > 0)
      for _, label in ipairs(all) do
        assert.truthy(label[1] > last, ("labels touch from %g to %g"):format(spec.low, spec.high))
        assert.falsy(seen[label[3]])
        last, seen[label[3]] = label[1] + label[2], true
      end
    end
  end)

  it("are thinned out where there are too many names", function()
    local names = {}
    for i = 1, 100 do names[i] = "n" .. i end
    assert.truthy(#axis.new({ categories = names }, 600).ticks < 40)
    assert.truthy(#axis.new({ categories = names, vertical = true }, 600).ticks < 40)
    assert.equal(10, #axis.new({ categories = table.move(names, 1, 10, 1, {}) }, 600).ticks)
  end)
end)

describe("a single epoch", function()
  it("has filled marks for validation and open ones for training", function()
    draw(plot.curves { styles = { solid = "validation", dashed = "training" }, series = {
      { name = "a", y = { 1 } }, { name = "a", y = { 2 }, dashed = true, color = 1 } } }, "x")
    local script = read "x.gp"
    local _, filled = script:gsub("with points pointtype 7 ", "")
    local _, open = script:gsub("with points pointtype 6 ", "")
    assert.same({ 3, 2 }, { filled, open }) -- and each in the legend, the filled one twice
    assert.is_nil(script:find "with lines")
  end)
end)

describe("categories", function()
  it("are apart where they print alike", function()
    draw(plot.factor { categories = true, points = { { x = 1, y = 1 }, { x = "1", y = 2 }, { x = true, y = 3 },
      { x = "true", y = 4 } } }, "x")
    assert.matches([[set xtics ("1" 1, "\"1\"" 2, "true" 3, "\"true\"" 4)]], read "x.gp", 1, true)
  end)
end)

describe("plot.history", function()
  local history = { history = { loss = { 3, 2, 1, 0.5 }, val_loss = { 2, 1 }, accuracy = { 0.5, 0.6, 0.7, 0.8 } } }

  it("draws training beside validation", function()
    draw(plot.history({ loss = { 2, 1 }, val_loss = { 3, 2 } }), "x")
    assert.equal("epoch,loss,low,high,series\n1,3,,,validation\n2,2,,,validation\n1,2,,,training\n2,1,,,training\n",
      read "x.csv")
  end)

  it("draws several histories, each in its colour", function()
    draw(plot.history({ { name = "a", history = history.history }, history }, { metric = "accuracy" }), "x")
    assert.matches("4,0.8,,,a\n1,0.5,,,run 2", read "x.csv", 1, true)
    local _, colors = read("x.gp"):gsub("linewidth 2 linecolor rgb '#0072B2'", "")
    assert.equal(2, colors) -- the line and its entry in the legend
  end)

  it("places validation at the epochs at which it was measured", function()
    draw(plot.history(history, { validation_freq = 2 }), "x")
    assert.matches("2,2,,,validation\n4,1,,,validation\n", read "x.csv", 1, true)
    assert.error_matches(function() plot.history(history) end, "validation_freq")
  end)

  it("names the metrics there are where one is missing", function()
    assert.error_matches(function() plot.history(history, { metric = "acc" }) end, '"acc".*accuracy, loss, val_loss')
  end)
end)

describe("a chart of predictions", function()
  it("has the line on which both are equal; of residuals that of 0, which lies within", function()
    draw(plot.predictions { { 1, 2, NAN }, { 1.5, 2, 2 } }, "x")
    assert.equal("true,predicted\n1,1.5\n2,2\n", read "x.csv")
    assert.truthy(read("x.gp"):find("x with lines", 1, true))
    draw(plot.predictions { { 1, 2 }, { 0.5, 0 }, residuals = true }, "y")
    assert.equal("predicted,residual\n0.5,0.5\n0,2\n", read "y.csv")
    assert.truthy(read("y.gp"):find("0 with lines", 1, true))
  end)

  it("draws no more points than can be seen, and says so", function()
    local many = {}
    for i = 1, 5000 do many[i] = i end
    local written = draw(plot.predictions { many, many }, "x")
    assert.truthy(written.markdown:find("2000 of the points are drawn", 1, true))
    assert.equal(2001, select(2, read("x.csv"):gsub("\n", "")))
  end)
end)

describe("a decision boundary", function()
  local nn = require "nn"
  local x, y = nn.tensor { { 0, 0 }, { 1, 0 }, { 0, 1 } }, { 0, 1, 0 }

  local function fails(pattern, spec)
    assert.error_matches(function() plot.decision_boundary(spec) end, pattern)
  end

  it("asks the model about a grid, and draws the samples by class", function()
    local asked
    local function model(points)
      asked = points
      return points[{ {}, 1 }]:gt(0.5):astype "float32"
    end
    draw(plot.decision_boundary { model, x, y, resolution = 4, margin = 0 }, "x")
    assert.are.same({ 0.125, 0.125 }, asked[1]:totable())
    local lines = {}
    for line in read("x.csv"):gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.are.equal(1 + 16 + 3, #lines)
    assert.truthy(lines[2]:find "^0.125,0.125,0,%d+,%d+,%d+$" and lines[4]:find "^0.625,0.125,1,")
    assert.are.same({ "0,0,0,,,", "0,1,0,,,", "1,0,1,,," }, { lines[18], lines[19], lines[20] })
  end)

  it("refuses other samples than points, and other answers than one a point", function()
    fails("expected a tensor %(n, 2%), the plane, got 2x3", { print, nn.zeros { 2, 3 }, { 0, 1 } })
    fails("x has 3 samples, y has 1", { print, x, { 0 } })
    fails("expected class ids from 0, got 0.5", { print, x, { 0, 0.5, 1 } })
    fails("expected one prediction for each point, got a tensor of 1",
      { function() return nn.zeros { 1 } end, x, y })
  end)
end)

describe("a scatter plot", function()
  it("marks the points that no cheaper one beats", function()
    draw(plot.scatter { { 3, 1, 2, 2 }, { 0.9, 0.5, 0.4, 0.7 }, labels = { "a", "b", "c", "d" }, pareto = "max" }, "x")
    assert.equal("x,y,on_front,label\n1,0.5,1,b\n2,0.7,1,d\n3,0.9,1,a\n2,0.4,0,c\n", read "x.csv")
    draw(plot.scatter { { 3, 1, 2 }, { 0.9, 0.5, 0.4 }, pareto = "min" }, "y")
    assert.equal("x,y,on_front,label\n1,0.5,1,\n2,0.4,1,\n3,0.9,0,\n", read "y.csv")
    draw(plot.scatter { { 1, 1 }, { 0.5, 0.6 }, pareto = "max" }, "z")
    assert.equal("x,y,on_front,label\n1,0.6,1,\n1,0.5,0,\n", read "z.csv")
  end)
end)

describe("without a working gnuplot", function()
  -- Runs a program of two charts with another PATH; what it prints on either stream.
  local function run_with_path(path)
    write(folder .. "/program", [[
      local plot = require "nn.plot"
      for i = 1, 2 do
        local written = plot.curves { title = "Loss", series = { { y = { 1, 2 } } } }:write(arg[1], "c" .. i)
        print(written.markdown)
        print(table.concat(written.files, " "))
      end]])
    local self = lfs.symlinkattributes("/proc/self/exe", "target")
    local command = ("PATH=%s %s %s %s >%s 2>%s"):format(shell_quote(path), shell_quote(self),
      shell_quote(folder .. "/program"), shell_quote(folder .. "/charts"), shell_quote(folder .. "/out"),
      shell_quote(folder .. "/err"))
    os.execute(command)
    local function contents(name)
      local file <close> = assert(io.open(folder .. "/" .. name))
      return file:read "a"
    end
    return contents "out", contents "err"
  end

  it("the numbers are written, the text says where, and one warning is enough", function()
    local out, err = run_with_path("/nowhere")
    assert.equal(("*Loss: the chart could not be drawn (gnuplot is not installed). Its numbers are in [charts/c1.csv]"
      .. "(charts/c1.csv).*\ncharts/c1.gp charts/c1.csv\n"), out:match("^[^\n]*\n[^\n]*\n"))
    assert.truthy(exists "c1.csv" and exists "c1.gp" and exists "c2.csv" and exists "c2.gp")
    assert.falsy(exists "c1.svg")
    assert.equal(1, select(2, err:gsub("\n", "")))
    assert.matches("warning: charts are not drawn: gnuplot is not installed", err, 1, true)
  end)

  it("a crash is called one", function()
    assert(lfs.mkdir(folder .. "/bin"))
    write(folder .. "/bin/gnuplot", "#!/bin/sh\necho 'warning: of little weight' >&2\nkill -SEGV $$\n")
    assert(os.execute("chmod +x " .. shell_quote(folder .. "/bin/gnuplot")))
    assert.matches("gnuplot failed: it crashed (signal 11)", run_with_path(folder .. "/bin"), 1, true)
  end)

  it("its complaint is shown, and no half of a picture is left", function()
    assert(lfs.mkdir(folder .. "/bin"))
    write(folder .. "/bin/gnuplot",
      "#!/bin/sh\necho half > c1.svg; echo half > c2.svg\necho 'line 3: no such *terminal*' >&2\nexit 1\n")
    assert(os.execute("chmod +x " .. shell_quote(folder .. "/bin/gnuplot")))
    local out, err = run_with_path(folder .. "/bin")
    assert.matches("(gnuplot failed: line 3: no such \\*terminal\\*)", out, 1, true)
    assert.equal("nnrun: warning: charts are not drawn: gnuplot failed: line 3: no such *terminal*\n", err)
    assert.falsy(exists "c2.svg")
    for name in lfs.dir(folder .. "/charts") do assert.falsy(name:find("new")) end
  end)

  describe("that says it worked", function()
    local run, patience = program.run, gnuplot.patience

    before_each(function() assert(lfs.mkdir(folder .. "/bin")) end)

    after_each(function()
      program.run, gnuplot.patience, gnuplot.trouble = run, patience, {}
    end)

    -- Draws two charts by a shell script in gnuplot's place; what is said of them, and how often it ran.
    local function draw_by(script)
      write(folder .. "/bin/gnuplot", "#!/bin/sh\necho >>" .. shell_quote(folder .. "/runs") .. "\n" .. script)
      assert(os.execute("chmod +x " .. shell_quote(folder .. "/bin/gnuplot")))
      program.run = function(words, options)
        options.environment.PATH = folder .. "/bin:" .. os.getenv "PATH"
        return run(words, options)
      end
      gnuplot.trouble = { warned = true }
      local said = {}
      for i = 1, 2 do
        local chart = plot.curves { title = "Loss", series = { { y = { 1, 2 } } } }
        said[i] = chart:write(folder .. "/charts", "c" .. i).markdown
      end
      for name in lfs.dir(folder .. "/charts") do assert.falsy(name:find "%.svg") end
      return said[1], said[2], select(2, assert(io.open(folder .. "/runs")):read("a"):gsub("\n", ""))
    end

    it("but gave half a picture has drawn none", function()
      local first = draw_by "echo '<svg>' '</svg'\n"
      assert.matches("(gnuplot failed: the picture is not complete)", first, 1, true)
    end)

    it("but gave no picture has drawn none", function()
      assert.matches("the picture is not complete", draw_by "exit 0\n", 1, true)
    end)

    it("is ended with all it began where it hangs, and not asked again", function()
      gnuplot.patience = 0.5
      local first, second, count = draw_by("sleep 600 & echo $! >" .. shell_quote(folder .. "/pid") .. "; wait\n")
      assert.matches("gnuplot failed: it did not end within", first, 1, true)
      assert.matches("gnuplot failed: it did not end within", second, 1, true)
      assert.equal(1, count)
      local pid = tonumber(assert(io.open(folder .. "/pid")):read "a")
      assert.is_true(fakes.wait_for(function() return not fakes.is_alive(pid) end))
    end)

    it("may complain as long as it likes, in any bytes", function()
      local first = draw_by "yes \"$(printf '\\377\\033\\376')\" | head -c 3000000 >&2; exit 1\n"
      assert.matches("gnuplot failed: ", first, 1, true)
      assert.is_truthy(utf8.len(first) and not first:find "[%c]")
      assert.is_true(#first < 2000)
    end)
  end)
end)

describe("pictures", function()
  local two = tensor.tensor({ { { 0, 255 }, { 128, 64 } }, { { 1, 2 }, { 3, 4 } } }, "uint8")

  -- The bytes of a picture's first channel, row by row.
  local function pixels(name)
    return image.load(folder .. "/charts/" .. name, { color_mode = "grayscale" }):flatten():totable()
  end

  it("stand side by side in one sheet, enlarged, with lines between them", function()
    local written = draw(plot.images(two, { columns = 2, scale = 1, caption = "Two" }), "x")
    assert.same({ markdown = "![Two](charts/x.png)\n\n*Two*", files = { "charts/x.png" } }, written)
    local all, line = pixels "x.png", 170
    assert.equal(4 * 7, #all)
    assert.same({ line, 0, 255, line, 1, 2, line }, table.move(all, 8, 14, 1, {}))
    assert.same({ line, 128, 64, line, 3, 4, line }, table.move(all, 15, 21, 1, {}))
    draw(plot.images(two, { columns = 1, scale = 2 }), "y")
    assert.same({ line, 0, 0, 255, 255, line }, table.move(pixels "y.png", 7, 12, 1, {}))
    assert.equal(11 * 6, #pixels "y.png")
  end)

  it("with captions stand in a table above their words", function()
    local written = draw(plot.images(two, { captions = { "true 4 | 5", "b" }, columns = 1, caption = "All" }), "x")
    assert.equal(table.concat({
      "| ![true 4 \\| 5](charts/x_001.png) |", "|:-:|", "| true 4 \\| 5 |", "| ![b](charts/x_002.png) |", "| b |",
      "", "*All*" }, "\n"), written.markdown)
    assert.same({ "charts/x_001.png", "charts/x_002.png", "charts/x.csv" }, written.files)
    assert.equal("picture,caption\nx_001.png,true 4 | 5\nx_002.png,b\n", read "x.csv")
    assert.truthy(exists "x_002.png")
  end)

  it("may be floats from 0 to 1, with a channel or three", function()
    draw(plot.images(two, { scale = 1 }), "bytes")
    draw(plot.images(two / 255, { scale = 1 }), "floats")
    draw(plot.images(two:reshape { 2, 2, 2, 1 }, { scale = 1 }), "channel")
    assert.same(pixels "bytes.png", pixels "floats.png")
    assert.same(pixels "bytes.png", pixels "channel.png")
    draw(plot.images(tensor.tensor({ { { { 255, 0, 0 }, { 0, 255, 0 } } } }, "uint8"), { scale = 1 }), "rgb")
    local loaded = image.load(folder .. "/charts/rgb.png"):totable()
    assert.same({ { 170, 170, 170 }, { 255, 0, 0 }, { 0, 255, 0 }, { 170, 170, 170 } }, loaded[2])
  end)

  it("that are none are refused", function()
    local function fails(pattern, ...)
      local given = table.pack(...)
      assert.error_matches(function() plot.images(table.unpack(given)) end, pattern)
    end
    fails("expected a tensor, got table", { 1 })
    fails("got shape 2x2", tensor.tensor { { 1, 2 }, { 3, 4 } })
    fails("got shape 1x1x1x2", tensor.tensor { { { { 1, 2 } } } })
    fails("values from 0 to 1, got values from 1 to 2", tensor.tensor { { { 1, 2 } } })
    fails("values from 0 to 1, got", tensor.tensor { { { NAN, 0 } } })
    fails("expected 2 texts, got 1", two, { captions = { "a" } })
    fails("columns: expected a whole number above 0", two, { columns = 0 })
    fails("did you mean caption", two, { captoin = "x" })
  end)
end)

describe("weights", function()
  -- A layer whose kernel holds these rows.
  local function layer(rows)
    return { name = "dense_1", get_weights = function() return tensor.tensor(rows), tensor.tensor { 0 } end }
  end

  it("are blue below zero, white at zero and red above, unit by unit", function()
    local figure = plot.weights(layer { { -2, 0 }, { 0, 0 }, { 2, 0 }, { 1, -1 } }, { scale = 1 })
    local written = draw(figure, "x")
    assert.matches("2 units of dense_1", written.markdown, 1, true)
    assert.matches("±2%.", written.markdown)
    local rows = image.load(folder .. "/charts/x.png"):totable()
    assert.same({ 33, 102, 172 }, rows[2][2])
    assert.same({ 255, 255, 255 }, rows[2][3])
    assert.same({ 178, 24, 43 }, rows[3][2])
    assert.same({ 244, 165, 130 }, rows[3][3])
    assert.same({ 255, 255, 255 }, rows[2][5])
    assert.same({ 146, 197, 222 }, rows[3][6])
  end)

  it("take the shape of a picture that is no square", function()
    local rows = { { 1 }, { 2 }, { 3 }, { 4 }, { 5 }, { 6 } }
    assert.error_matches(function() plot.weights(layer(rows)) end, "give image_shape = { height, width }.* = 6")
    assert.error_matches(function() plot.weights(layer(rows), { image_shape = { 2, 2 } }) end, "= 6")
    draw(plot.weights(layer(rows), { image_shape = { 2, 3 }, scale = 1 }), "x")
    assert.same({ 4, 5, 3 }, image.load(folder .. "/charts/x.png").shape)
  end)

  it("of nothing are refused", function()
    assert.error_matches(function() plot.weights {} end, "a layer that has weights")
    assert.error_matches(function() plot.weights { get_weights = function() end } end, "a layer that has weights")
    assert.error_matches(function() plot.weights() end, "a layer that has weights")
  end)

  it("that are all zero, or not finite, are drawn", function()
    draw(plot.weights(layer { { 0, NAN } }), "x")
    assert.truthy(exists "x.png")
  end)
end)

describe("mistakes", function()
  local function fails(pattern, name, spec)
    assert.error_matches(function() plot[name](spec) end, pattern)
  end

  it("are reported in words", function()
    fails("plot.curves: series: expected a list, got nil", "curves", {})
    fails("plot.curves: series: the list is empty", "curves", { series = {} })
    fails("series%[1%].y: the list is empty", "curves", { series = { { y = {} } } })
    fails('series%[1%].y%[2%]: expected a number, got "x"', "curves", { series = { { y = { 1, "x" } } } })
    fails("y has 2 values, but x has 1", "curves", { series = { { x = { 1 }, y = { 1, 2 } } } })
    fails("unknown argument titel; did you mean title", "curves", { titel = 1, series = { { y = { 1 } } } })
    fails("numbers above 0 only, got %-1", "curves", { log_y = true, series = { { y = { -1 } } } })
    fails("points%[1%].y: expected a number, got nil", "factor", { points = { { x = 1 } } })
    fails("points%[1%].x .*: expected a number, got", "factor", { points = { { x = "a", y = 1 } } })
    fails("points%[1%]: expected x", "factor", { points = { { y = 1 } }, categories = true })
    fails("baseline: expected a number", "factor", { points = { { x = 1, y = 1 } }, baseline = "x" })
    fails("points%[1%].x: expected a number", "dots", { points = { { label = "a" } } })
    fails("row 1 has 2 numbers, this row has 1", "heatmap", { matrix = { { 1, 2 }, { 3 } } })
    fails("x_names: expected 2 texts, got 1", "heatmap", { matrix = { { 1, 2 } }, x_names = { "a" } })
    fails("1 rows and 2 columns", "confusion", { matrix = { { 1, 2 } } })
    fails("expected a count, got %-1", "confusion", { matrix = { { -1 } } })
    fails("names: expected 2 texts, got 1", "bars", { names = { "a" }, values = { 1, 2 } })
    fails("plot.scatter: x has 1 numbers, y has 2", "scatter", { { 1 }, { 1, 2 } })
    fails('pareto: expected "max" or "min"', "scatter", { { 1 }, { 1 }, pareto = true })
    fails("plot.predictions: y_true has 1 numbers, y_pred has 2", "predictions", { { 1 }, { 1, 2 } })
    fails("expected a table", "curves", nil)
    fails("expected a table", "bars", 5)
  end)

  it("never reach the inside", function()
    math.randomseed(11)
    local functions = { "curves", "factor", "dots", "heatmap", "confusion", "bars", "scatter" }
    local keys = { "series", "points", "matrix", "names", "values", "x", "y", "labels", "low", "high", "name", "label",
      "baseline", "class_names", "log_x", "log_y", "categories", "pareto", "color", "colors", 1, 2 }
    local atoms = { 0, 1, -1, 0.5, NAN, INF, -INF, 1e308, 1e-320, math.mininteger, "x", "", true, false, "max" }
    local function garbage(depth)
      local kind = math.random(4)
      if depth == 0 or kind == 1 then return atoms[math.random(#atoms)] end
      local made = {}
      for i = 1, math.random(0, 3) do
        if kind == 2 then made[keys[math.random(#keys)]] = garbage(depth - 1) else made[i] = garbage(depth - 1) end
      end
      return made
    end
    for _ = 1, 4000 do
      local name = functions[math.random(#functions)]
      local spec = garbage(4)
      if type(spec) == "table" then
        spec[({ curves = "series", factor = "points", dots = "points", heatmap = "matrix", confusion = "matrix",
          bars = "values", scatter = "x" })[name]] = { garbage(2), garbage(2) }
      end
      local ok, problem = pcall(plot[name], spec)
      if not ok then assert.matches("plot%.", tostring(problem)) assert.falsy(tostring(problem):find("attempt to")) end
    end
  end)
end)
