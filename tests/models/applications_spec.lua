-- Networks with a name: what they are made of, what they refuse, and where their weights come from.
local files = require "nn.support.files"
local h5_weights = require "nn.applications.h5_weights"
local hdf5 = require "nn.keras.hdf5"
local lfs = require "lfs"
local nn = require "nn"
local stored = require "nn.applications.weights"
local weightless = require "tests.support.weightless"

local applications = nn.applications

-- Weights with the top and without, and how many layers there are with the top: Keras' own numbers.
local NETWORKS = {
  VGG16 = { 138357544, 14714688, 23 },
  VGG19 = { 143667240, 20024384, 26 },
  ResNet50 = { 25636712, 23587712, 177 },
  ResNet101 = { 44707176, 42658176, 347 },
  ResNet152 = { 60419944, 58370944, 517 },
  ResNet50V2 = { 25613800, 23564800, 192 },
  ResNet101V2 = { 44675560, 42626560, 379 },
  ResNet152V2 = { 60380648, 58331648, 566 },
  MobileNet = { 4253864, 3228864, 91 },
  MobileNetV2 = { 3538984, 2257984, 156 },
  DenseNet121 = { 8062504, 7037504, 429 },
  DenseNet169 = { 14307880, 12642880, 597 },
  DenseNet201 = { 20242984, 18321984, 709 },
  EfficientNetB0 = { 5330571, 4049571, 240 },
  EfficientNetB1 = { 7856239, 6575239, 342 },
  EfficientNetB2 = { 9177569, 7768569, 342 },
  EfficientNetB3 = { 12320535, 10783535, 387 },
  EfficientNetB4 = { 19466823, 17673823, 477 },
  EfficientNetB5 = { 30562527, 28513527, 579 },
  EfficientNetB6 = { 43265143, 40960143, 669 },
  EfficientNetB7 = { 66658687, 64097687, 816 },
  Xception = { 22910480, 20861480, 134 },
  InceptionV3 = { 23851784, 21802784, 313 },
  SqueezeNet = { 1235496, 722496, 67 },
}

-- Some of the names that Keras gives their layers.
local NAMES = {
  VGG16 = { "block1_conv1", "block3_conv3", "block5_pool", "flatten", "fc1", "fc2", "predictions" },
  VGG19 = { "block3_conv4", "block5_conv4" },
  ResNet50 = { "conv1_pad", "conv1_bn", "pool1_pool", "conv2_block1_0_bn", "conv4_block6_2_relu", "conv5_block3_add",
    "conv5_block3_out", "avg_pool", "predictions" },
  ResNet50V2 = { "conv2_block1_preact_bn", "conv2_block3_2_pad", "conv5_block3_out", "post_bn", "post_relu" },
  MobileNet = { "conv1_relu", "conv_pad_2", "conv_dw_1_bn", "conv_pw_13_relu", "dropout", "conv_preds", "reshape_2",
    "predictions" },
  MobileNetV2 = { "Conv1", "bn_Conv1", "expanded_conv_depthwise_BN", "block_1_pad", "block_2_add",
    "block_16_project_BN", "Conv_1_bn", "out_relu" },
  DenseNet121 = { "conv1_conv", "pool1", "conv2_block6_concat", "pool2_conv", "conv5_block16_2_conv", "bn", "relu" },
  EfficientNetB0 = { "stem_conv_pad", "block1a_se_reduce", "block2a_expand_conv", "block6a_dwconv_pad", "block2b_drop",
    "block7a_project_bn", "top_activation", "top_dropout" },
  Xception = { "block1_conv2_act", "block2_sepconv2_act", "block13_pool", "block14_sepconv2_bn" },
  InceptionV3 = { "mixed0", "mixed9_1", "mixed10", "predictions" },
  SqueezeNet = { "conv1", "fire2_squeeze1x1", "fire9_relu_expand3x3", "pool5", "drop9", "conv10", "loss" },
}

local function made(class, options)
  return weightless.run(function() return applications[class](options) end)
end

describe("a network with a name", function()
  for class, expected in pairs(NETWORKS) do
    it("has Keras' layers and weights: " .. class, function()
      local model = made(class, { weights = false })
      assert.are.equal(expected[1], (model:count_params()))
      assert.are.equal(expected[3], #model.layers)
      for _, name in ipairs(NAMES[class] or {}) do assert.are.equal(name, model:get_layer(name).name) end
      assert.are.same({ 1000 }, { table.unpack(model.output_shape) })
    end)
  end

  it("has no top where none is asked for, and takes pictures of any size then", function()
    for class in pairs(NAMES) do
      local model = made(class, { weights = false, include_top = false, pooling = "avg" })
      assert.are.equal(NETWORKS[class][2], (model:count_params()), class)
      assert.are.same({ -1, -1, 3 }, { table.unpack(model.input_shape) })
    end
  end)

  it("has Keras' name", function()
    for class, name in pairs { VGG16 = "vgg16", ResNet50V2 = "resnet50v2", MobileNet = "mobilenet_1.00_224",
      MobileNetV2 = "mobilenetv2_1.00_224", DenseNet121 = "densenet121", InceptionV3 = "inception_v3" } do
      assert.are.equal(name, made(class, { weights = false }).name)
    end
    assert.are.equal("own", made("VGG16", { weights = false, name = "own" }).name)
  end)

  it("is narrower with alpha", function()
    for class, counts in pairs { MobileNet = { [0.25] = 475544, [0.5] = 1342536, [0.75] = 2601976 },
      MobileNetV2 = { [0.35] = 1691208, [0.5] = 1987224, [1.4] = 6156712 } } do
      for alpha, count in pairs(counts) do
        assert.are.equal(count, (made(class, { alpha = alpha, weights = false }):count_params()), class .. alpha)
      end
    end
  end)

  local function small(options)
    options.alpha, options.weights = 0.25, false
    options.input_shape = options.input_shape or { 32, 32, 3 }
    return applications.MobileNet(options)
  end

  local x = nn.random.normal { shape = { 2, 32, 32, 3 }, seed = 1 }

  it("computes: probabilities, logits, maps of features, their mean and maximum", function()
    local p = small { classes = 7 }:predict(x, { verbose = 0 })
    assert.are.same({ 2, 7 }, { table.unpack(p.shape) })
    assert.is_true((p:sum { axis = 2 } - 1):max() < 1e-5)
    local maps = small { include_top = false }
    local same = small { include_top = false, pooling = "avg" }
    local largest = small { include_top = false, pooling = "max" }
    for _, model in ipairs { same, largest } do model:set_weights(maps:get_weights()) end
    local features = maps:predict(x, { verbose = 0 })
    assert.are.same({ 2, 1, 1, 256 }, { table.unpack(features.shape) })
    assert.are.equal(0, (same:predict(x, { verbose = 0 }) - features:reshape { 2, 256 }):max())
    assert.are.equal(0, (largest:predict(x, { verbose = 0 }) - features:reshape { 2, 256 }):max())
    assert.is_true(small { classes = 7, classifier_activation = false }:predict(x, { verbose = 0 }):min() < 0)
  end)

  it("begins at a tensor that is given", function()
    local input = nn.Input { shape = { 32, 32, 3 } }
    local model = applications.MobileNet { alpha = 0.25, weights = false, include_top = false, pooling = "avg",
      input_tensor = applications.mobilenet.preprocess_input(input) }
    assert.are.equal(input, model.inputs[1])
    assert.are.same({ 2, 256 }, { table.unpack(model:predict(x, { verbose = 0 }).shape) })
  end)

  it("refuses what makes no sense", function()
    local MobileNet, VGG16 = applications.MobileNet, applications.VGG16
    for _, case in ipairs {
      { MobileNet, { weights = false, input_shape = { 31, 32, 3 } }, "at least 32 x 32, got { 31, 32, 3 }" },
      { MobileNet, { weights = false, input_shape = { 32, 3 } }, "expected height, width and channels" },
      { MobileNet, { weights = false, input_shape = { nil, nil, 3 } }, "height and width must be known" },
      { MobileNet, { weights = false, pooling = "mean" }, 'pooling: expected "avg" or "max"' },
      { MobileNet, { weights = false, input_tensor = 3 }, "input_tensor: expected what nn.Input or a layer gave" },
      { MobileNet, { classes = 10 }, "there are 1000 classes, got 10" },
      { MobileNet, { alpha = 0.3 }, "alpha: .- expected 0.25, 0.5, 0.75 or 1, got 0.3" },
      { MobileNet, { depth_multiplier = 2 }, "depth_multiplier: .- expected 1, got 2" },
      { MobileNet, { input_shape = { 100, 100, 3 } }, "expected { 224, 224, 3 }, got { 100, 100, 3 }" },
      { MobileNet, { include_top = false, input_shape = { 160, 160, 4 } }, "pictures have 3 channels" },
      { MobileNet, { weights = "nowhere.h5" }, '"nowhere.h5", and there is no such file' },
      { applications.MobileNetV2, { alpha = 0.25 }, "alpha: .- 1.3 or 1.4, got 0.25" },
      { VGG16, { classifier_activation = "relu" }, 'classifier_activation: .- expected "softmax"' },
      { VGG16, { weights = false, alpha = 1 }, "unknown argument alpha" },
      { applications.Xception, { weights = false, include_top = false, input_shape = { 70, 80, 3 } }, "71 x 71" },
    } do
      assert.error_matches(function() case[1](case[2]) end, case[3])
    end
  end)
end)

describe("preprocess_input", function()
  local pixel = nn.tensor({ { { 0, 51, 255 } } }, "uint8")

  -- Computed by hand from Keras' formulas.
  local EXPECTED = {
    mobilenet = { -1, -0.6, 1 }, vgg16 = { 255 - 103.939, 51 - 116.779, -123.68 }, efficientnet = { 0, 51, 255 },
    densenet = { -0.485 / 0.229, (0.2 - 0.456) / 0.224, (1 - 0.406) / 0.225 },
  }

  for name, expected in pairs(EXPECTED) do
    it("scales as the networks were trained: " .. name, function()
      local module = applications[name]
      local batch = pixel:reshape { 1, 1, 1, 3 }
      local by_channel = module.preprocess_input(pixel:reshape { 1, 3, 1, 1 }, { data_format = "channels_first" })
      local input = nn.Input { shape = { 1, 1, 3 } }
      local model = nn.Model { inputs = input, outputs = module.preprocess_input(input) * 1 }
      for _, result in ipairs { module.preprocess_input(pixel), module.preprocess_input(batch), by_channel,
        model:predict(batch:astype "float32", { verbose = 0 }) } do
        for i, value in ipairs(expected) do assert.is_near(value, result:flatten()[i], 1e-4) end
      end
      assert.are.equal(51, pixel[{ 1, 1, 2 }])
    end)
  end

  it("refuses what is no picture", function()
    local preprocess = applications.vgg16.preprocess_input
    assert.error_matches(function() preprocess(nn.zeros { 4, 4, 1 }) end, "expected 3 channels along axis 3")
    assert.error_matches(function() preprocess(nn.zeros { 4, 3 }) end, "a picture or a batch of them")
    assert.error_matches(function() preprocess(3) end, "expected a tensor of pictures, got 3")
  end)
end)

-- ---- files of weights -----------------------------------------------------------------------------------------------

-- Writes a model's weights as Keras 2 does; rename gives a layer another name in the file.
local function write_h5(path, model, rename)
  local root, names = hdf5.group(), {}
  for _, layer in ipairs(model.layers) do
    local name, weights = rename and rename(layer.name) or layer.name, {}
    local group = root:make(name)
    for i, weight in ipairs(layer.weights or {}) do
      weights[i] = ("%s/%s:0"):format(name, layer.weight_names[i])
      group:make(name):add(layer.weight_names[i] .. ":0", weight)
    end
    names[#names + 1] = name
    if #weights > 0 then group.attributes.weight_names = weights end
  end
  root.attributes.layer_names = names
  assert(hdf5.write(path, root))
end

describe("a file that Keras wrote for a network", function()
  local path

  before_each(function() path = os.tmpname() .. ".h5" end)
  after_each(function() os.remove(path) end)

  local function small(...)
    local model = nn.Sequential { nn.Input { shape = { 4, 4, 2 } } }
    for _, name in ipairs { ... } do model:add(nn.layers.Conv2D { 2, 1, name = name }) end
    return model
  end

  local function assert_same(want, got)
    for i, weight in ipairs(got.weights) do assert.are.equal(0, (weight - want.weights[i]):abs():max()) end
  end

  it("is read by the names of layers, and those that Keras numbered by their order", function()
    local source, target = small("first", "conv2d_9", "conv2d_10"), small("first", "conv2d", "conv2d_1")
    write_h5(path, source)
    h5_weights.load(target, path)
    assert_same(source, target)
  end)

  it("may have more layers, and names with a slash", function()
    local source, target = small("fire_1", "top"), small "fire_1"
    write_h5(path, source, function(name) return name == "fire_1" and "fire/1" or name end)
    h5_weights.load(target, path)
    assert_same(target, source.layers[1])
  end)

  it("of another network is an error, and so is no file of weights", function()
    write_h5(path, small("first", "conv2d"))
    assert.error_matches(function() h5_weights.load(small("first", "second"), path) end, "has no layer second")
    assert.error_matches(function() h5_weights.load(small("first", "conv2d_1", "conv2d_2"), path) end,
      "has no layer conv2d_1")
    local other = nn.Sequential { nn.layers.Dense { 3, input_shape = { 2 }, name = "first" } }
    assert.error_matches(function() h5_weights.load(other, path) end, "kernel has shape 2x3, got 1x1x2x2")
    assert(hdf5.write(path, hdf5.group()))
    assert.error_matches(function() h5_weights.load(other, path) end, "it has no layer_names")
    files.write(path, "no HDF5")
    assert.error_matches(function() h5_weights.load(other, path) end, "load_weights: .*%.h5")
  end)
end)

-- What an independent program computed for a photograph of a panda, with the real files.
describe("the panda is a giant panda:", function()
  local home = (os.getenv "NNRUN_DATA" or "") .. "/pretrained/"

  local function check(title, f)
    it(title, function()
      if not files.read(home .. "panda_224_rgb_u8.npy") then return pending "the pretrained networks are not here" end
      f(nn.load(home .. "panda_224_rgb_u8.npy"):reshape { 1, 224, 224, 3 })
    end)
  end

  local function assert_gives(model, x, path)
    local given = model:predict(x, { verbose = 0 }):flatten()
    assert.is_true((given - nn.load(home .. path):flatten()):abs():max() < 1e-4)
  end

  check("MobileNet, its 1,000 probabilities and its 256 features", function(panda)
    local x = applications.mobilenet.preprocess_input(panda)
    local model = applications.MobileNet { alpha = 0.25 }
    assert_gives(model, x, "mobilenet_v1_0.25_224/panda_softmax_f32.npy")
    local best = applications.mobilenet.decode_predictions(model:predict(x, { verbose = 0 }), { top = 1 })[1][1]
    assert.are.same({ "n02510455", "giant_panda" }, { best[1], best[2] })
    assert.is_near(0.864, best[3], 1e-3)
    assert_gives(applications.MobileNet { alpha = 0.25, include_top = false, pooling = "avg" }, x,
      "mobilenet_v1_0.25_224/panda_features_256_f32.npy")
  end)

  check("SqueezeNet", function(panda)
    local model = applications.SqueezeNet { input_shape = { 224, 224, 3 },
      weights = home .. "squeezenet_v1.1/squeezenet_v1.1_weights.h5" }
    assert_gives(model, applications.squeezenet.preprocess_input(panda), "squeezenet_v1.1/panda_softmax_f32.npy")
  end)
end)

-- ---- where files come from ------------------------------------------------------------------------------------------

describe("a file of weights", function()
  local folder, remote, server, port
  local real_getenv, real_stderr = os.getenv, io.stderr

  local function write(path, text)
    local file <close> = assert(io.open(path, "wb"))
    file:write(text)
    return path
  end

  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    remote = folder .. "/remote"
    for _, path in ipairs { folder, remote, remote .. "/pretrained" } do assert(lfs.mkdir(path)) end
    server = io.popen(("python3 tests/support/http_server.py %s %s/port"):format(remote, folder), "w")
    for _ = 1, 100 do
      port = files.read(folder .. "/port")
      if port then break end
      os.execute "sleep 0.05"
    end
    assert(port, "the test server did not start")
    os.getenv = function(name) return name == "HOME" and folder .. "/home" or nil end -- luacheck: ignore
    io.stderr = { write = function() end } -- luacheck: ignore
  end)

  teardown(function()
    os.getenv, io.stderr = real_getenv, real_stderr -- luacheck: ignore
    stored.mirrors = nil
    server:close()
    os.execute(("rm -rf '%s'"):format(folder))
  end)

  local function serve(kind) stored.mirrors = { ("http://127.0.0.1:%s/%s"):format(port, kind) } end

  local HASH = "5d41402abc4b2a76b9719d911017c592" -- the MD5 of "hello"

  it("is downloaded once, into pretrained of the last folder of data sets", function()
    write(remote .. "/pretrained/a.h5", "hello")
    local file = { name = "a.h5", url = "https://nowhere.invalid/", md5 = HASH }
    serve "good"
    local path = stored.path(file)
    assert.are.equal(folder .. "/home/.local/share/nnrun/pretrained/a.h5", path)
    assert.are.equal("hello", files.read(path))
    stored.mirrors = { "http://127.0.0.1:1" }
    assert.are.equal(path, (stored.path(file)))
  end)

  it("that is wrong is not kept, and a damaged one is told of", function()
    local file = { name = "b.h5", url = "https://nowhere.invalid/", md5 = HASH }
    write(remote .. "/pretrained/b.h5", "hello")
    for _, kind in ipairs { "wrong", "cut" } do
      serve(kind)
      local ok, failure = pcall(stored.path, file)
      assert.is_false(ok)
      assert.are.equal(3, failure.status)
      assert.matches("b.h5 could not be downloaded", failure.message)
    end
    assert.is_nil(lfs.attributes(folder .. "/home/.local/share/nnrun/pretrained/b.h5"))
    serve "good"
    write(stored.path(file), "other")
    local _, failure = pcall(stored.path, file)
    assert.matches("expected MD5 5d41.-, found %x+; remove the file", failure.message)
  end)

  it("has Keras' address and checksum", function()
    local asked = {}
    local path_of = stored.path
    stored.path = function(file)
      asked[#asked + 1] = file.url .. file.name .. " " .. tostring(file.md5)
      error "not now"
    end
    local function ask(class, options) pcall(made, class, options or {}) end
    ask "VGG16"
    ask("ResNet50", { include_top = false })
    ask("MobileNet", { alpha = 0.25, input_shape = { 160, 160, 3 }, include_top = false })
    ask("MobileNet", { alpha = 0.5, input_shape = { 100, 100, 3 }, include_top = false })
    ask("MobileNetV2", { alpha = 1.4 })
    ask("EfficientNetB0", { include_top = false })
    stored.path = path_of
    local home = "https://storage.googleapis.com/tensorflow/keras-applications/"
    assert.are.same({
      home .. "vgg16/vgg16_weights_tf_dim_ordering_tf_kernels.h5 64373286793e3c8b2b4e3219cbf3544b",
      home .. "resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5 4d473c1dd8becc155b73f8504c6f6626",
      home .. "mobilenet/mobilenet_2_5_160_tf_no_top.h5 nil",
      home .. "mobilenet/mobilenet_5_0_224_tf_no_top.h5 nil",
      home .. "mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.4_224.h5 nil",
      "https://storage.googleapis.com/keras-applications/efficientnetb0_notop.h5 50bc09e76180e00e4465e1a485ddc09d",
    }, asked)
  end)

  it("gives a network its weights, those of a download too", function()
    local options = { alpha = 0.25, include_top = false, input_shape = { 128, 128, 3 }, weights = false }
    local source = applications.MobileNet(options)
    write_h5(remote .. "/pretrained/mobilenet_2_5_128_tf_no_top.h5", source)
    serve "good"
    options.weights = nil
    for i, weight in ipairs(applications.MobileNet(options):get_weights()) do
      assert.are.equal(0, (weight - source.weights[i]):abs():max())
    end
  end)

  it("names the classes of predictions", function()
    local decode = applications.mobilenet.decode_predictions
    local entries = {}
    for id = 0, 999 do entries[#entries + 1] = ("%d\tn%08d\tclass_%d\n"):format(id, id, id) end
    lfs.mkdir(folder .. "/data")
    lfs.mkdir(folder .. "/data/pretrained")
    write(folder .. "/data/pretrained/imagenet_classes.txt", table.concat(entries))
    os.getenv = function(name) return name == "NNRUN_DATA" and folder .. "/data" or nil end -- luacheck: ignore
    local p = nn.zeros { 2, 1000 }
    p[{ 1, 389 }], p[{ 1, 1 }], p[{ 2, 1000 }] = 0.75, 0.25, 1
    local lists = decode(p, { top = 2 })
    assert.are.same({ { "n00000388", "class_388", 0.75 }, { "n00000000", "class_0", 0.25 } }, lists[1])
    assert.are.same({ "n00000999", "class_999", 1 }, lists[2][1])
    assert.are.equal(5, #decode(p)[1])
    assert.error_matches(function() decode(nn.zeros { 2, 10 }) end, "shape %(n, 1000%), got 2x10")
  end)
end)
