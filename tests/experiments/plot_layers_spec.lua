-- nn.plot.filters, feature_maps and grad_cam: what they show of layers whose weights are known.
local class_activation = require "nn.plot.class_activation"
local files = require "nn.support.files"
local image = require "nn.image"
local nn = require "nn"
local plot = require "nn.plot"

local layers = nn.layers
local folder

before_each(function()
  folder = os.tmpname()
  os.remove(folder)
end)

after_each(function() files.remove(folder) end)

local function draw(figure)
  return figure:write(folder .. "/charts", "x").markdown
end

local function pixels(name)
  return image.load(folder .. "/charts/" .. name, { color_mode = "rgb" }):totable()
end

-- A layer with this kernel (height, width, in, filters).
local function convolution(kernel)
  return { name = "conv", get_weights = function() return nn.tensor(kernel), nn.zeros { #kernel[1][1][1] } end }
end

-- Two maps, the red and the green channel; class 0 is as red as the picture is in the mean, class 1 as green.
local function red_or_green(last)
  local model = nn.Sequential {
    name = "colors",
    layers.Conv2D { 2, 1, activation = "relu", input_shape = { 4, 4, 3 }, name = "channels" },
    layers.MaxPooling2D { 2, name = "pool" },
    layers.Dropout { 0.5 },
    layers.GlobalAveragePooling2D {},
    table.unpack(last),
  }
  model.layers[1]:set_weights { nn.tensor { { { { 1, 0 }, { 0, 1 }, { 0, 0 } } } }, nn.zeros { 2 } }
  return model
end

local function classifier()
  local model = red_or_green { layers.Dense { 2, activation = "softmax" } }
  model.layers[5]:set_weights { nn.tensor { { 1, 0 }, { 0, 1 } }, nn.zeros { 2 } }
  return model
end

-- Red at the top left, half as red beside it, green at the bottom right.
local function photo()
  local picture = nn.zeros { 1, 4, 4, 3 }
  picture[{ 1, 1, 1, 1 }], picture[{ 1, 1, 2, 1 }], picture[{ 1, 4, 4, 2 }] = 1, 0.5, 1
  return picture
end

describe("filters", function()
  it("over three channels are shown in colour, grey at zero", function()
    local said = draw(plot.filters(convolution { { { { 2, 0 }, { -2, 0 }, { 0, 1 } } } }, { scale = 1 }))
    assert.matches("The 2 filters of conv over red, green and blue", said, 1, true)
    local row = pixels("x.png")[2]
    assert.same({ 255, 0, 128 }, row[2])
    assert.same({ 128, 128, 191 }, row[4])
  end)

  it("over other channels are blue, white and red, channel by channel", function()
    local layer = convolution { { { { -1 }, { 4 } }, { { 1 }, { 0 } } } }
    assert.matches("over channel 1 of 2", draw(plot.filters(layer, { scale = 1 })), 1, true)
    local row = pixels("x.png")[2]
    assert.same({ 33, 102, 172 }, row[2])
    assert.same({ 178, 24, 43 }, row[3])
    draw(plot.filters(layer, { scale = 1, input = 2 }))
    assert.same({ 255, 255, 255 }, pixels("x.png")[2][3])
  end)

  it("of something else are refused", function()
    local function fails(pattern, ...)
      local given = table.pack(...)
      assert.error_matches(function() plot.filters(table.unpack(given)) end, pattern)
    end
    fails("expected a two%-dimensional convolution", nil)
    fails("nn.plot.weights shows those of a Dense layer", classifier().layers[5])
    fails("expected a channel from 1 to 3, got 4", classifier().layers[1], { input = 4 })
    fails("did you mean scale", classifier().layers[1], { scal = 1 })
  end)
end)

describe("feature maps", function()
  it("show what each layer gives, on one scale within a layer", function()
    local said = draw(plot.feature_maps(classifier(), photo()[1], { maps = 2 }))
    assert.matches("channels: 4 x 4, 2 maps", said, 1, true)
    assert.matches("pool: 2 x 2, 2 maps", said, 1, true)
    local first = pixels "x_001.png" -- two maps of 359 pixels, a line around each
    assert.same({ 255, 128, 0 }, { first[10][10][1], first[10][100][1], first[10][300][1] })
    assert.same({ 0, 255 }, { first[10][380][1], first[350][715][1] })
    assert.equal(255, pixels("x_002.png")[100][100][1])
  end)

  it("of chosen layers, by name or themselves", function()
    local model = classifier()
    local said = draw(plot.feature_maps(model, photo(), { layers = { "pool" } }))
    assert.falsy(said:find("channels", 1, true))
    assert.equal(said, draw(plot.feature_maps(model, photo(), { layers = { model.layers[2] } })))
  end)

  it("need a picture and layers that give pictures", function()
    local function fails(pattern, ...)
      local given = table.pack(...)
      assert.error_matches(function() plot.feature_maps(table.unpack(given)) end, pattern)
    end
    fails("expected a model, got 1", 1, photo())
    fails("expected one picture of shape 4x4x3, as in x%[1%], got shape 4x4", classifier(), nn.zeros { 4, 4 })
    fails("its name %(channels, pool", classifier(), photo(), { layers = { "pol" } })
    local dense = nn.Sequential { layers.Dense { 2, input_shape = { 3 } } }
    fails("no layer of .* gives pictures", dense, nn.zeros { 3 })
    fails("no input_shape", nn.Sequential { layers.Dense { 2 } }, nn.zeros { 3 })
  end)
end)

describe("class activation maps", function()
  local function maps(model, classes)
    return class_activation.maps(model, photo(), classes, class_activation.place(model))
  end

  it("are the maps that the class's score grows with", function()
    local picture = photo()
    assert.same(picture[{ {}, {}, {}, 1 }]:totable(), maps(classifier(), { 0 }):totable())
    assert.same(picture[{ {}, {}, {}, 2 }]:totable(), maps(classifier(), { 1 }):totable())
  end)

  it("are looked for before a mean that is written as a picture of one place", function()
    local model = nn.Sequential {
      layers.Conv2D { 2, 1, activation = "relu", input_shape = { 4, 4, 3 }, name = "channels" },
      layers.GlobalAveragePooling2D { keepdims = true }, layers.Conv2D { 2, 1, name = "scores" },
      layers.Reshape { { 2 } }, layers.Activation "softmax",
    }
    assert.are.equal("channels", class_activation.place(model).layer.name)
  end)

  it("of yes or no are those of the answer", function()
    local model = red_or_green { layers.Dense { 1 }, layers.Activation { "sigmoid" } }
    model.layers[5]:set_weights { nn.tensor { { 1 }, { -1 } }, nn.zeros { 1 } }
    local picture = photo()
    assert.same(picture[{ {}, {}, {}, 1 }]:totable(), maps(model, { 1 }):totable())
    assert.same(picture[{ {}, {}, {}, 2 }]:totable(), maps(model, { 0 }):totable())
  end)

  it("do not vanish where softmax is sure", function()
    local model = classifier()
    model.layers[5]:set_weights { nn.tensor { { 4000, 0 }, { 0, 4000 } }, nn.zeros { 2 } }
    assert.equal(1, maps(model, { 0 }):max())
  end)

  it("come through a sum of branches", function()
    local input = nn.Input { shape = { 4, 4, 3 } }
    local left = layers.Conv2D { 2, 1 }(input)
    local sum = layers.add { left, layers.Conv2D { 2, 3, padding = "same" }(left) }
    sum = layers.Activation { "relu", name = "joined" }(sum)
    local model = nn.Model { inputs = input, outputs = layers.Dense { 3 }(layers.Flatten {}(sum)) }
    assert.equal("joined", class_activation.place(model).layer.name)
    assert.matches("class %d", draw(plot.grad_cam(model, photo())))
  end)

  it("lie over the grey picture, with the class below", function()
    local said = draw(plot.grad_cam(classifier(), photo(), { scale = 1, class_names = { "red", "green" } }))
    assert.matches("red 5%d%.%d %%", said)
    local rows = pixels "x_001.png" -- 4 columns, a gap of 2, 4 columns, and a line around
    assert.same({ 255, 0, 0 }, rows[2][2])
    assert.is_true(rows[2][8][1] > rows[2][8][3] + 100)
    assert.same({ 85, 85, 85 }, rows[5][11])
  end)

  it("say what they need", function()
    local function fails(pattern, ...)
      local given = table.pack(...)
      assert.error_matches(function() plot.grad_cam(table.unpack(given)) end, pattern)
    end
    fails("expected a model", {}, photo())
    fails("images: expected a tensor of pictures", classifier(), 1)
    fails("classes%[1%]: expected a class from 0 to 1, got 2", classifier(), photo(), { classes = { 2 } })
    fails("classes%[1%]: expected a class from 0 to 1, got 0.5", classifier(), photo(), { classes = { 0.5 } })
    fails("classes: expected 1, one a picture, got 2", classifier(), photo(), { classes = { 0, 1 } })
    fails("layer: expected a layer of colors", classifier(), photo(), { layer = "conv" })
    fails("expected a model with one output %(n, classes%), got 1x4x4x2",
      nn.Sequential { layers.Conv2D { 2, 1, input_shape = { 4, 4, 3 } } }, photo())
  end)
end)
