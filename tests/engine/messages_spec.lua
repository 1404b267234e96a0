-- Messages of operations and layers: they name what the script called, and say what was expected.
local expect = require "tests.support.expect"
local nn = require "nn"

local L, ops = nn.layers, nn.ops
local fails = expect.fails

local function matches(pattern, f, ...)
  assert.matches(pattern, expect.message_of(f, ...))
end

describe("a message of an operation that is made of others", function()
  local picture, nan = nn.ones { 1, 4, 4, 1 }, 0 / 0

  it("names the operation that the script called", function()
    fails("inv: expected square matrices, got shape 2x3", ops.inv, nn.ones { 2, 3 })
    fails("inv: matrix 1 is singular", ops.inv, nn.zeros { 2, 2 })
    fails("norm: axis: a tensor of 2 axes has no axis 5", ops.norm, nn.ones { 2, 3 }, { axis = 5 })
    fails("image.affine_transform: expected a transform of 8 numbers", ops.image.affine_transform, picture,
      nn.ones { 1, 6 })
    fails('image.affine_transform: fill_mode: expected constant, nearest, reflect, wrap or mirror, got "x"',
      ops.image.affine_transform, picture, nn.ones { 8 }, { fill_mode = "x" })
    fails('image.resize: interpolation: expected bilinear, nearest, bicubic, lanczos3 or lanczos5, got "box"',
      ops.image.resize, picture, { 2, 2 }, { interpolation = "box" })
    fails('image.extract_patches: size: a patch is 9 long in a picture of 4; use padding = "same"',
      ops.image.extract_patches, picture, 9)
  end)

  it("does so within a model too", function()
    local input = nn.Input { shape = { 2, 3 } }
    fails("inv: expected square matrices, got shape nx2x3", ops.inv, input)
    fails("norm: axis: a tensor of 3 axes has no axis 5", ops.norm, input, { axis = 5 })
  end)

  it("names the inner one where a function of the script calls it", function()
    local Inverse = L.Layer:extend { name = "Inverse", call = function(_, x) return ops.inv(x) end }
    matches("messages_spec.lua:%d+: inv: expected square matrices", Inverse {}, nn.ones { 1, 2, 3 })
  end)

  it("writes nan without a sign", function()
    fails("take: expected whole numbers from -6 to 5 as positions, got nan", ops.take, nn.ones { 2, 3 }, { nan })
    matches("layer embedding[_%d]*: expected ids from 0 to 2, got nan", L.Embedding { 3, 2 }, nn.tensor { { nan, 1 } })
    fails("bincount: expected whole numbers from 0 on, got nan", ops.bincount, { nan, 1 })
    fails("Dense: units: expected a whole number of at least 1, got nan", L.Dense, { nan })
  end)
end)

describe("odd input", function()
  it("of a search is refused", function()
    fails("digitize: expected numbers in ascending order to search among, got 3 before 1", ops.digitize, { 1, 2 },
      { 0, 3, 1 })
    fails("searchsorted: expected numbers in ascending order", ops.searchsorted, { 0 / 0, 1 }, { 1 })
    assert.same({ 2, 3 }, ops.searchsorted({ 1, 1, 0 / 0 }, { 2, 0 / 0 }, "right"):totable())
  end)

  it("of skipgrams is refused", function()
    local skipgrams = nn.preprocessing.sequence.skipgrams
    fails("skipgrams: negative_samples: expected a number of at least 0, got -1", skipgrams, { 1, 2 }, 4,
      { negative_samples = -1 })
    fails("skipgrams: sequence: expected ids from 0 to 3 (vocabulary_size is 4), got 9 at position 2", skipgrams,
      { 1, 9 }, 4)
    matches('skipgrams: sequence: expected ids from 0 to 3 .*, got "a" at position 1', skipgrams, { "a" }, 4)
  end)

  it("of ConvLSTM1D is named by the layer, whose parts have names of their own", function()
    fails("ConvLSTM1D: strides: expected a whole number of at least 1", L.ConvLSTM1D, { 2, 3, strides = 0 })
    fails("ConvLSTM1D: strides above 1 do not go with", L.ConvLSTM1D, { 2, 3, strides = 2, dilation_rate = 2 })
    fails("ConvLSTM1D: filters: expected a whole number of at least 1, got 0", L.ConvLSTM1D, { 0, 3 })
    fails("layer wide: its kernel of 9 is larger than the image of 5x2", L.ConvLSTM1D { 2, 9, name = "wide" },
      nn.ones { 1, 3, 5, 2 })
    local layer = L.ConvLSTM1D { 2, 3 }
    layer(nn.ones { 1, 3, 5, 2 })
    assert.same({ "input_conv/kernel", "state_conv/kernel", "state_conv/bias" }, layer.weight_names)
  end)

  it("of loops over a dataset says how it is read", function()
    local dataset = nn.data.Dataset.range(3)
    local loops = {
      function() for _, x in ipairs(dataset) do print(x) end end,
      function() for _, x in pairs(dataset) do print(x) end end,
      function() for x in dataset do print(x) end end,
    }
    for _, loop in ipairs(loops) do matches("messages_spec.lua:%d+: .*for x, y in dataset:iterate%(%) do", loop) end
  end)
end)
