-- The kinds of files that nnrun reads. Each has
--   samples(folder)           a list of whole ones, made in a folder
--   mutated(mutator, sample)  a damaged copy
--   try(path, mutator)        reads such a file; the mutator may choose how
--   ending                    of the path
local files = require "nn.support.files"
local jpeg = require "tests.support.jpeg"
local nn = require "nn"
local pictures = require "engine.pictures"
local png = require "tests.support.png"
local onnx_value = require "nn.onnx.value"

local kinds = {}

local function bytes(mutator, sample) return mutator:bytes(sample) end

-- Half of the copies are damaged as bytes, half as values.
local function bytes_or_json(mutator, sample)
  return mutator:number(0, 1) == 0 and mutator:bytes(sample) or mutator:json(sample)
end

-- ---- data -----------------------------------------------------------------------------------------------------------

kinds.idx = {
  ending = "-idx3-ubyte", mutated = bytes,
  samples = function()
    return { (">I2BBI4I4I4"):pack(0, 8, 3, 2, 2, 3) .. "abcdefghijkl", (">I2BBI4"):pack(0, 8, 1, 4) .. "\0\1\2\3" }
  end,
  try = function(path)
    local x, message = require("engine.data").read_idx(path)
    if not x then error(message, 0) end
  end,
}

local function npy(descr, shape, numbers)
  return "\x93NUMPY\1\0" .. ("<s2"):pack(("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n"):format(descr,
    shape)) .. numbers
end

kinds.npy = {
  ending = ".npy", mutated = bytes,
  samples = function()
    return { npy("<f4", "2, 3", ("x"):rep(24)), npy(">i8", "2,", ("\0"):rep(16)), npy("|b1", "", "\1"),
      (npy("<f2", "2, 1, 1, 2", "abcdefgh"):gsub("False", "True ", 1)) }
  end,
  try = function(path) nn.load(path) end,
}

kinds.csv = {
  ending = ".csv", mutated = bytes,
  samples = function()
    return { "a,b,c\n1,2,x\n3,4,y\n", '"a","b ""c"""\r\n"1","2,5"\r\n', "a;b\n1,5;2\n", "1 2 3\n4 5 6\n",
      "city,sold\nBern,2020-01-01\nNA,2020-01-02\n" }
  end,
  try = function(path, mutator)
    nn.read_csv(path, mutator:pick { {}, { header = false }, { text = { 1 } }, { missing = { "", "NA" } },
      { delimiter = ";", decimal = "," }, { columns = { 2, 1 } } })
  end,
}

kinds.pictures = {
  ending = ".png",
  samples = function(folder)
    local list, x = {}, nn.random.uniform { shape = { 12, 9, 3 }, maxval = 255, seed = 1 }:round():astype "uint8"
    for i, name in ipairs { "x.png", "x.jpg", "x.bmp" } do
      nn.image.save(folder .. "/" .. name, x)
      list[i] = files.read(folder .. "/" .. name)
    end
    list[4] = png.make(2, 1, 16, 0, { "\1\2\255\254" })
    list[5] = jpeg.make({ { { 9, 120, 140 }, { 200, 1, 255 } } }, jpeg.exif(6, "<"))
    list[6] = jpeg.make({ { { 9, 120, 140, 77 } } }, jpeg.ADOBE)
    return list
  end,
  mutated = function(mutator, sample)
    local damaged = mutator:bytes(sample)
    return damaged:sub(1, 8) == png.SIGNATURE and mutator:number(0, 2) > 0 and png.mend(damaged) or damaged
  end,
  try = function(path)
    nn.image.load(path, { color_mode = "grayscale", dtype = "int32" })
    nn.image.load(path, { target_size = { 5, 8 }, interpolation = "bicubic" })
    for _, fit in ipairs { "crop", "pad" } do -- as folders are read: JPEG at a part of its size
      local order = nn.zeros({ 1 }, "int32")
      local x, _, message = pictures.open({ path }, 2, 3, 3, "bilinear", fit, order, 1, 0, 1, nil):next()
      if not x then error(path .. ": " .. message, 0) end
    end
  end,
}

-- ---- models ---------------------------------------------------------------------------------------------------------

local function model()
  local m = nn.Sequential {
    nn.layers.Dense { 3, input_shape = { 4 }, activation = "relu", kernel_regularizer = "l2", name = "hidden" },
    nn.layers.BatchNormalization {}, nn.layers.Dropout { 0.5 }, nn.layers.Dense { 2, kernel_constraint = "max_norm",
      kernel_initializer = nn.initializers.RandomUniform { seed = 1 }, name = "out" },
  }
  m:compile { optimizer = nn.optimizers.Adam { learning_rate = nn.optimizers.schedules.CosineDecay { 0.1, 100 } },
    loss = "mse", metrics = { "mae", nn.metrics.AUC {} } }
  m:fit(nn.ones { 4, 4 }, nn.ones { 4, 2 }, { verbose = 0 })
  return m
end

local function functional()
  local a, b = nn.Input { shape = { 3 } }, nn.Input { shape = { 2 } }
  local h = nn.layers.concatenate { nn.layers.Dense { 4, activation = "tanh" }(a), b }
  return nn.Model { inputs = { a, b }, outputs = { nn.layers.Dense { 1 }(h) } }
end

-- The header of a safetensors file mutated as JSON, the rest as it is.
local function header_mutated(mutator, sample)
  if mutator:number(0, 2) == 0 then return mutator:bytes(sample) end
  local length = ("<I8"):unpack(sample)
  local header = require("nn.support.json").decode(sample:sub(9, 8 + length))
  local metadata, names = header.__metadata__ or {}, {}
  for name, text in pairs(metadata) do names[#names + 1] = text:find "^[{%[]" and name or nil end
  table.sort(names)
  local text
  if #names > 0 and mutator:number(0, 2) > 0 then
    local name = mutator:pick(names)
    metadata[name] = mutator:json(metadata[name])
    text = require("nn.support.json").encode(header)
  else
    text = mutator:json(sample:sub(9, 8 + length))
  end
  return ("<s8"):pack(text) .. sample:sub(9 + length)
end

kinds.models = {
  ending = ".safetensors", mutated = header_mutated,
  samples = function(folder)
    local list = {}
    for i, each in ipairs { model(), functional() } do
      each:save(folder .. "/m.safetensors")
      list[i] = files.read(folder .. "/m.safetensors")
    end
    return list
  end,
  try = function(path)
    local limits <close> = setmetatable({ most = onnx_value.most }, {
      __close = function(kept) onnx_value.most = kept.most end })
    onnx_value.most = limits.most >> 12 -- large tensors take time and find nothing
    local loaded = nn.models.load_model(path)
    if #loaded.inputs == 1 then loaded:predict(nn.ones { 2, 4 }) end
  end,
}

-- A convolution, a recurrent layer and attention: what export writes for them.
local function exported(folder)
  local layers, list = nn.layers, {}
  local pictures_in = nn.Input { shape = { 4, 4, 1 } }
  local words = nn.Input { shape = { 3, 2 } }
  for i, each in ipairs {
    { pictures_in, layers.GlobalMaxPooling2D {}(layers.Conv2D { 1, 2, padding = "same", activation = "relu" }(
      pictures_in)) },
    { words, layers.Dense { 1 }(layers.LSTM { 1 }(words)) },
    { words, nn.ops.softmax(nn.ops.pad(words[{ {}, { 1, 2 } }], { { 0, 0 }, { 1, 1 }, { 0, 1 } })) },
  } do
    nn.Model { inputs = each[1], outputs = each[2] }:export(folder .. "/m.onnx")
    list[i] = files.read(folder .. "/m.onnx")
  end
  return list
end

kinds.onnx = {
  ending = ".onnx", mutated = bytes, samples = exported,
  try = function(path)
    local loaded = nn.models.load_model(path)
    if #loaded.input_names == 1 then
      local ok, problem = pcall(loaded.predict, loaded, nn.ones { 1, 3, 2 })
      if not ok and not tostring(problem):find "expected a tensor of shape" then error(problem, 0) end
      loaded:predict(nn.ones { 1, 4, 4, 1 })
    end
  end,
}

kinds.weights = {
  ending = ".safetensors", mutated = header_mutated,
  samples = function(folder)
    model():save_weights(folder .. "/w.safetensors")
    return { files.read(folder .. "/w.safetensors") }
  end,
  try = function(path) model():load_weights(path) end,
}

kinds.model_json = {
  ending = ".json", mutated = bytes_or_json,
  samples = function() return { model():to_json(), functional():to_json() } end,
  try = function(path) nn.models.model_from_json(files.read(path)) end,
}

kinds.snapshots = {
  ending = ".safetensors", mutated = header_mutated,
  samples = function(folder)
    local snapshot = require "nn.tensor.snapshot"
    local weights = { nn.ones { 3 }, nn.zeros { 2, 2 } }
    assert(snapshot.write(folder .. "/s", { wait = 2, best = math.huge, weights = weights }))
    return { files.read(folder .. "/s") }
  end,
  try = function(path)
    local value, message = require("nn.tensor.snapshot").read(path)
    if value == nil then error(message, 0) end
  end,
}

kinds.keras = {
  ending = ".keras",
  samples = function(folder)
    local list = {}
    for i, each in ipairs { model(), functional() } do
      each:save(folder .. "/m.keras")
      list[i] = files.read(folder .. "/m.keras")
    end
    return list
  end,
  mutated = function(mutator, sample)
    local zip = require "engine.zip"
    local entries, which = zip.read(sample), mutator:number(0, 2)
    if which == 0 then return mutator:bytes(sample) end
    local name = which == 1 and "config.json" or "model.weights.h5"
    entries[name] = which == 1 and mutator:json((entries[name]:gsub("null", "-1"))) or mutator:bytes(entries[name])
    local list = {}
    for _, each in ipairs { "metadata.json", "config.json", "model.weights.h5" } do
      list[#list + 1] = { each, entries[each] }
    end
    return zip.make(list)
  end,
  try = function(path)
    local loaded = nn.models.load_model(path, { compile = false })
    if loaded.inputs and #loaded.inputs == 1 then loaded:predict(nn.ones { 2, 4 }) end
  end,
}

kinds.hdf5 = {
  ending = ".weights.h5", mutated = bytes,
  samples = function(folder)
    model():save_weights(folder .. "/w.weights.h5")
    return { files.read(folder .. "/w.weights.h5") }
  end,
  try = function(path) model():load_weights(path) end,
}

for name, kind in pairs(require "tests.fuzz.records") do kinds[name] = kind end

return kinds
