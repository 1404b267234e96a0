-- Hostile HDF5 and zip files: each is refused with a sentence that says what is wrong, and nothing outside is read.
local files = require "nn.support.files"
local hdf5 = require "nn.keras.hdf5"
local nn = require "nn"
local zip = require "engine.zip"

-- What tests/support/hostile_hdf5.py wrote: a zip of HDF5 files.
local FILES = [[
UEsDBBQAAAAIAAAAIQCdj23dSQAAAMMAAAAJAAAAc29mdF9saW5r6/RwcePlkuJi5uBggIH/UHAYyjeA0mxSieb+Hi5BTAqRDnzZyLiCSQhZIwxwMTEwAr
VxMjAwcjAyJjIx6CcxeDNQE3i8+KwBAFBLAwQUAAAACAAAACEAaqu9JFcAAADDAAAADQAAAGV4dGVybmFsX2xpbmvr9HBx4+WS4mLm4GCAgf9QcBjKN4DS
bFKJ5v4eLkFMCpEOfNnIuIJJCFkjDHAxMTACtYkzMDByODAmCjAw6KeWJOsXJBYXl6cw6CcxMNgyUAaiF86fCQBQSwMEFAAAAAgAAAAhAAWr2rdmAAAAVg
EAAAUAAABjeWNsZev0cHHj5ZLiYubgYICB/1AQxgjhG0DFzYJrrvt7uAQxKUQ68GUj4womIWSNMMDFxAA0go2HAUgxJh6GGiPGysDCwARi2TNQCownf99B
jpMEQE5iTUxPzMyD+Y7BhWLXgAFjd7wZAFBLAwQUAAAACAAAACEAe4JhU6sAAAAHAgAAEAAAAGV4dGVybmFsX3N0b3JhZ2Xr9HBx4+WS4mLm4GCAgf9QwM
4E4RtAxT89vWru7+ESxKQQ6cCXjYwrmISQNcIAFxMDIwMDGw8DkGJMPAwz34OBamC16SI5sJOAFjCKMDAwMTIyskDlYDQzDwOjAAPIDSDAwcAKdBUzF7sG
UAdYlJHhPESKgQPNdJgJHEDfsTDCfAUTZeihnj+oAZT/h+V5uDoGgNgSUDGoxxjeM6Kq1U8tSdYvSCwuLk8B8wFQSwMEFAAAAAgAAAAhAPtxwcvVAAAA3x
EAAA8AAAB2aXJ0dWFsX3N0b3JhZ2Xr9HBx4+WS4mLm4GCAgf9QcF8QwjeAijtPE7Px93AJYlKIdODLRsYVTELIGmGAi4mBkYGBjYcBSDEmHoaZ78FANbDa
dJEc2EmK6E5iYGQUYWBgYmRkZIGqhdHMIgyMggryUL4CgzgHg3g9kMUKdC0zFwcfUCXzfUaIWjC1hXrupSe489SDyd3Z3wfsBwGIGNRbiCiACeSXZKQW6W
WYMiQxMCMJgwATEl8AyobxQWr9l3QbwdTO4KeuH0bBKBgFo2AUjIJRMApGwSgYBaNgFIyCUUAYAABQSwMEFAAAAAgAAAAhAMMF6dyNAAAAzwEAAAoAAABo
dWdlX3NoYXBl6/RwcePlkuJi5uBggIH/UHCeEcI3gIq3T3HV8/dwCWJSiHTgy0bGFUxCyBphgIuJAWgEGw8DkGJMPAwz34OBamC16SI5sJOAFjCKMDAwMT
JCHA11OohmFmFgFFSQZ2ABCygwiHMwiNcDWaxA1zEzcwgzMLAwMTAxMbCwMDBzwZzOsJ56jqQTaBFM8wcAUEsDBBQAAAAIAAAAIQAhqJAvqgAAANgBAAAK
AAAAZmlsdGVyX2x6Zuv0cHHj5ZLiYubgYICB/1BwgxHCN4CKJx66fNLfwyWISSHSgS8bGVcwCSFrhAEuJgagEWw8DECKMfEwzHwPBqqB1aaL5MBOAlrAKM
LAwMTIyOgAlYPRzCIMjIIK8gwsYJ4CgzgHg3g9kMUKdB0zM7cUAyNQdy0L0I3MDDlVaWB1rCCvAzGHDAMDCxMTE6MDCyMnkr3noUHD0EE9v1AKFld7CAKd
9eAzyOEAUEsDBBQAAAAIAAAAIQCKPKk1gQMAALMuAAAEAAAAZGVlcLXad0jUYRgH8POyU89zj5x3juwuLcsyXIknXHUmGF3ZMBdBmBpGJeaFNvG0ZQWONG
ka5jqbVholWZqCSUsLjYoGWRGZmmGKBSVEf/Z9ni/8eHlf+L18/nr3XrVqoZnYSTzJ2FgwkfE/ueT7uz77T/vjl+6RS9QqjdBttdI89e8vU2j9948TEQsF
BgKBSCL4VRgkNU/0rxaQ5YbLouUAaYUBPWna0XwBQOpjIF1VFIUDpCwhPckheosCIFlMoicl5eQFAqTTDCTN0KMjAGmeIT3pY3/fSYB0j4F0qSz1FEBaM5
meVLUo9DVA+sxAKu0J/AGQdonoSS9yY4MBkq0RPWnWyi0VAKmCgeS5ovcTQAqemNgJSTsNT50BSB0MJI2dcT5ASjShJ0WXJi8FSAMMpJbqb2KApBPTk4xv
P9cAJEdTetJbRYAMINUwkAbvaxsBUpiEnvSiY6wXID1kIHWl3WwASOvM6Ekm0lpDgPSdgdRwPdkHIO03pycFXs6uAUhSC3pSVMSsrwDpAgNpk0WcH0BSWd
KTsgsKQgFSNwMpRq+rB0gpVvSkwpYYb4A0xkAqf2KqBkiHrelJ8pKAaIDkaUNP2nYrcgdAqmcgye/41wGkCFt6Um7ObWQD3stAal3jEQWQNtrRk/wy888D
JKE9PSnIP8MKIBUykHT1RchQqZhCTzopr1kAkBoZSAHC5kSAFOVAT8pV7i4BSK8YSLUhA2UAKd2RnnTILcIUIBk50ZNaiypDAFIpA6nknJkDQJrpTE+Ktw
7aC5CaGEjSsLnIEm6ZCz2pp3M9cibwjoFU115cDZC0rvQk+XCeLUCSSOlJ421ZjgDpBANpw1lZLUCaI6Mn7dNf7AZIdxlI7yXdHgBplRs9KXpEpgNIHxlI
cTkjmwHSdnd6kjwlpAggWXnQk5R+iz8ApHIGUob8aRZACvCkJ73pOuYFkNoZSPruXmS3GzeVnnQ8vmk7QPrCQAp9VnAAIO3xoidpH7XsAkj20+hJIb7FsQ
CpkoGUom8TAaT5cnrS8JWtAwCpk4E0OmCKnMKtVdCTmtIuJgCkIQZSlkqJrCrzptOTGga1yLTr7E1PyhytQp566hlIT9J7LABSuA896ZVdnztAesxAuvZg
oR4gJc2gJznLguYApBEGUkeCK3Ipf3AmPSlVHZYGkNx86Un9lg3z/4MkWEVH+DciG8ugn1BLAwQUAAAACAAAACEAW5A5kIMAAABLAgAACQAAAG1hbnlfYX
hlc+v0cHHj5ZLiYubgYICB/1DgzQThG0DFmVmiu/w9XIKYFCId+LKRcQWTELJGGOBiYmBkYGDjYQBSjImHYeZ7MFANrDZdJAd2EmMNI6MLIwOTCCMjI1Ru
lCaPZhZhYBRUkGdgAfMUGMQ5GMTrgSxWYGwyc3EAY5qFERbDLFA9ep8lnwMAUEsDBBQAAAAIAAAAIQAZF7vzlAAAAM8BAAAIAAAAY29tcG91bmTr9HBx4+
WS4mLm4GCAgf9QcJ4RwjeAirdPcdXz93AJYlKIdODLRsYVTELIGmGAi4kBaAQbDwOQYkw8DDPfg4FqYLXpIjmwk4AWMIowMDAxMjIyQeVgNLMeA6MZkAPy
YAUDg6CCPAMLWEKBQZyDQbweyKpkYBEASsOEWYHuZubiAPqJhRHmFwGYldOo53rqAm4TJkEAUEsBAhQDFAAAAAgAAAAhAJ2Pbd1JAAAAwwAAAAkAAAAAAA
AAAAAAAIABAAAAAHNvZnRfbGlua1BLAQIUAxQAAAAIAAAAIQBqq70kVwAAAMMAAAANAAAAAAAAAAAAAACAAXAAAABleHRlcm5hbF9saW5rUEsBAhQDFAAA
AAgAAAAhAAWr2rdmAAAAVgEAAAUAAAAAAAAAAAAAAIAB8gAAAGN5Y2xlUEsBAhQDFAAAAAgAAAAhAHuCYVOrAAAABwIAABAAAAAAAAAAAAAAAIABewEAAG
V4dGVybmFsX3N0b3JhZ2VQSwECFAMUAAAACAAAACEA+3HBy9UAAADfEQAADwAAAAAAAAAAAAAAgAFUAgAAdmlydHVhbF9zdG9yYWdlUEsBAhQDFAAAAAgA
AAAhAMMF6dyNAAAAzwEAAAoAAAAAAAAAAAAAAIABVgMAAGh1Z2Vfc2hhcGVQSwECFAMUAAAACAAAACEAIaiQL6oAAADYAQAACgAAAAAAAAAAAAAAgAELBA
AAZmlsdGVyX2x6ZlBLAQIUAxQAAAAIAAAAIQCKPKk1gQMAALMuAAAEAAAAAAAAAAAAAACAAd0EAABkZWVwUEsBAhQDFAAAAAgAAAAhAFuQOZCDAAAASwIA
AAkAAAAAAAAAAAAAAIABgAgAAG1hbnlfYXhlc1BLAQIUAxQAAAAIAAAAIQAZF7vzlAAAAM8BAAAIAAAAAAAAAAAAAACAASoJAABjb21wb3VuZFBLBQYAAA
AACgAKAC8CAADkCQAAAAA=
]]

local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function from_base64(text)
  local bytes, value, bits = {}, 0, 0
  for letter in text:gmatch "[%w+/]" do
    value, bits = (value << 6 | LETTERS:find(letter, 1, true) - 1) & 0xffff, bits + 6
    if bits >= 8 then
      bits = bits - 8
      bytes[#bytes + 1] = string.char(value >> bits & 0xff)
    end
  end
  return table.concat(bytes)
end

local MESSAGES = {
  soft_link = "a is a link to another place or file, which is not followed",
  external_link = "a is a link to another place or file, which is not followed",
  cycle = "has groups within groups, more than 64 deep",
  deep = "has groups within groups, more than 64 deep",
  external_storage = "a keeps its values in other files, which are not read",
  virtual_storage = "a keeps its values in other files, which are not read",
  huge_shape = "a has more values than a file of %d+ bytes can hold",
  filter_lzf = "a is packed in a way that is not read %(HDF5 filter 32000%): save it with gzip",
  many_axes = "a has 20 axes; a tensor has at most 8",
}

describe("hostile files", function()
  local path = os.tmpname() .. ".keras"
  after_each(function() os.remove(path) end)

  it("of HDF5 are refused, each with its reason", function()
    local all = assert(zip.read(from_base64(FILES)))
    for name, pattern in pairs(MESSAGES) do
      local file, message = hdf5.read("x.h5", all[name])
      assert.is_nil(file, name)
      assert.matches("^x.h5: .*" .. pattern, message)
    end
    assert.is_false(hdf5.read("x.h5", all.compound).items.a) -- of a kind that no tensor has
  end)

  local function refused(entries, pattern)
    local list = {}
    for _, each in ipairs(entries) do list[#list + 1] = each end
    assert(files.write(path, zip.make(list)))
    assert.error_matches(function() nn.models.load_model(path) end, pattern)
  end

  it("of Keras with a config without end are refused", function()
    local weights = { "model.weights.h5", hdf5.bytes(hdf5.group()) }
    for _, text in ipairs { ("["):rep(100000), ('{"a":'):rep(5000) .. "1" .. ("}"):rep(5000),
      ('{"class_name":"Sequential","config":{"layers":['):rep(300) .. "]}}" .. ("]}}"):rep(299) } do
      refused({ { "config.json", text }, weights }, "load_model: .*%.keras: ")
    end
  end)

  it("of Keras with entries outside are not written anywhere", function()
    refused({ { "../../config.json", "{}" }, { "/tmp/model.weights.h5", "x" } }, "it has no config%.json")
    assert.is_nil(io.open "../../config.json")
  end)

  it("that unpack to far more than they are are refused", function()
    local local_header = ("<I4I2I2I2I2I2I4I4I4I2I2"):pack(0x04034b50, 20, 0, 8, 0, 33, 0, 2, 1 << 30, 1, 0)
    local entry = ("<I4I2I2I2I2I2I2I4I4I4I2I2I2I2I2I4I4"):pack(0x02014b50, 20, 20, 0, 8, 0, 33, 0, 2, 1 << 30, 1, 0, 0,
      0, 0, 0, 0)
    local body = local_header .. "a" .. "\3\0"
    local bytes = body .. entry .. "a" .. ("<I4I2I2I2I2I4I4I2"):pack(0x06054b50, 0, 0, 1, 1, #entry + 1, #body, 0)
    local list, message = zip.read(bytes)
    assert.is_nil(list)
    assert.matches("a takes 1073741824 bytes when it is unpacked, too many for a file of this size", message)
  end)
end)
