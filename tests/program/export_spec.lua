-- `nnrun export`: learning curves for other programs.
local export = require "nn.cli.export"
local fake = require("tests.support.report_fakes").new
local files = require "nn.support.files"

local folder

-- CRC-32C bit by bit, from the other side: the polynomial is not turned round.
local function crc(text)
  local function turned(value, bits)
    local result = 0
    for i = 0, bits - 1 do result = result << 1 | (value >> i & 1) end
    return result
  end
  local state = 0xFFFFFFFF
  for i = 1, #text do
    state = state ~ turned(text:byte(i), 8) << 24
    for _ = 1, 8 do
      state = state & 0x80000000 ~= 0 and (state << 1 ~ 0x1EDC6F41) & 0xFFFFFFFF or state << 1 & 0xFFFFFFFF
    end
  end
  return turned(state ~ 0xFFFFFFFF, 32)
end

-- The messages of an event file, after a look at both checksums of each.
local function messages_of(text)
  local list, at = {}, 1
  local function check(bytes, place)
    local sum = crc(bytes)
    assert.equal(((sum >> 15 | sum << 17) + 0xA282EAD8) & 0xFFFFFFFF, (("<I4"):unpack(text, place)))
  end
  while at <= #text do
    local length = ("<I8"):unpack(text, at)
    check(text:sub(at, at + 7), at + 8)
    list[#list + 1] = text:sub(at + 12, at + 11 + length)
    check(list[#list], at + 12 + length)
    at = at + 16 + length
  end
  return list
end

local function run(words)
  words.reports, words.experiment = folder, "lab"
  local printed
  local old = print
  _G.print = function(text) printed = text end -- luacheck: ignore
  local ok, status = pcall(export.run, words)
  _G.print = old -- luacheck: ignore
  assert(ok, status)
  return printed
end

describe("nnrun export", function()
  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(files.make_folder(folder))
    local lab = fake(folder .. "/lab", { seeds = { 1, 2 } })
    lab:sweep("Width", { { "width", { 50, 100 } } })
    lab:save()
  end)

  teardown(function() files.remove(folder) end)

  it("writes one table of all epochs", function()
    local path = run { to = "csv" }
    assert.equal(folder .. "/lab/curves.csv", path)
    local first, rest = files.read(path):match "^([^\n]*)\n(.*)$"
    assert.matches("^trial,variant,seed,epoch,", first)
    assert.equal(2 * 2 * 5, select(2, rest:gsub("\n", "\n")))
    assert.matches("width = 100,2,5,", rest)
  end)

  it("writes event files with the checksums that TensorBoard asks for", function()
    assert.equal(0xE3069283, crc "123456789") -- the value by which CRC-32C is known
    local path, found = run { to = "tensorboard" }, {}
    for _, id in ipairs(files.list(path)) do
      for _, part in ipairs { "train", "validation" } do
        local names = files.list(("%s/%s/%s"):format(path, id, part))
        local messages = messages_of(files.read(("%s/%s/%s/%s"):format(path, id, part, names[1])))
        assert.matches("brain%.Event:2$", messages[1])
        assert.equal(1 + 5, #messages)
        assert.matches(part == "train" and "epoch_loss" or "epoch_accuracy", messages[2])
        local at = select(2, messages[6]:find("epoch_loss", 1, true))
        assert.is_true(("<f"):unpack(messages[6], at + 2) > 0)
        found[#found + 1] = id
      end
    end
    assert.equal(8, #found)
  end)
end)
