-- HDF5 files: what is written is read again, genuine files of Keras are read, and damaged ones are refused.

local files = require "nn.support.files"
local hdf5 = require "nn.keras.hdf5"
local nn = require "nn"

local KERAS = (os.getenv "NNRUN_DATA" or "data") .. "/keras_files/"
local path = os.tmpname() .. ".h5"

local function whole()
  local root = hdf5.group()
  root.attributes.keras_version, root.attributes.layer_names = "3.0.0", { "a", "bé" }
  root:make("a/vars"):add("0", nn.tensor { { 1, 2.5, -3 } })
  root:make("a/vars"):add("1", nn.full({}, 7, "int32"))
  root:make("b").attributes.name = ""
  return root
end

describe("HDF5 files", function()
  after_each(function() os.remove(path) end)

  it("come back as they were written", function()
    assert(hdf5.write(path, whole()))
    local file = assert(hdf5.read(path))
    assert.same({ keras_version = "3.0.0", layer_names = { "a", "bé" } }, file.attributes)
    assert.same({ "a", "b" }, file.names)
    assert.same({ { 1, 2.5, -3 } }, file:at("a/vars/0"):totable())
    assert.equal(7, file:at("a/vars/1"):item())
    assert.equal("int32", file:at("a/vars/1").dtype)
    assert.equal("", file:at("b").attributes.name)
    assert.is_nil(file:at "a/vars/2")
    assert.is_nil(file:at "a/vars/0/x")
    assert.equal(hdf5.bytes(whole()), files.read(path))
  end)

  it("of Keras 1 and 2 are read", function()
    local file = hdf5.read(KERAS .. "pairs/simple_lstm_th_keras_1_model.h5")
    if not file then return pending "no genuine files: NNRUN_DATA" end
    assert.equal("1.2.2", file.attributes.keras_version)
    assert.same({ "lstm_1", "dense_1" }, file:at("model_weights"):texts "layer_names")
    assert.same({ 50, 1 }, { table.unpack(file:at("model_weights/dense_1/dense_1_W").shape) })
    local rnn = assert(hdf5.read(KERAS .. "tfkeras/rnn_170.h5"))
    assert.same({}, rnn:at("model_weights/input_143"):texts "weight_names")
  end)

  it("that are cut off are named", function()
    local bytes, refused = hdf5.bytes(whole()), 0
    for length = 0, #bytes - 1, 211 do
      local file, message = hdf5.read("cut.h5", bytes:sub(1, length))
      if not file then
        refused = refused + 1
        assert.matches("^cut.h5: .*damaged", message)
      end
    end
    assert.is_true(refused > 10)
    local _, message = hdf5.read(path)
    assert.matches("No such file", message)
  end)
end)
