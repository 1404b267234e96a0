-- `nnrun new`: each template is written, and what it writes can be trained.
local files = require "nn.support.files"
local runs = require "tests.support.runs"

local folder

-- What a command says on both streams, and its exit status.
local function said(words)
  local pipe = io.popen(("cd %s && %s %s 2>&1; echo $?"):format(folder, runs.PROGRAM, words))
  local text = pipe:read "a"
  pipe:close()
  return text, tonumber(text:match "(%d+)\n$")
end

describe("nnrun new", function()
  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(files.make_folder(folder))
  end)

  after_each(function() files.remove(folder) end)

  for _, template in ipairs { "classify", "regress", "images", "text", "custom" } do
    it("writes a script of template " .. template .. " that can be run", function()
      local text, status = said(("new labs/my_lab --template %s"):format(template))
      assert.equal(0, status, text)
      assert.matches("nnrun labs/my_lab.lua", text)
      assert.is_nil(files.read(folder .. "/labs/my_lab.lua"):find("NAME", 1, true))
      assert(load(files.read(folder .. "/labs/my_lab.lua"))) -- the others read large data sets: too long here
      if template ~= "classify" and template ~= "custom" then return end
      text, status = said "check labs/my_lab.lua"
      assert.equal(0, status, text)
    end)
  end

  it("writes one that trains, with its answer and its report", function()
    said "new first"
    local text, status = said "first.lua epochs=2 --seeds 1 -q"
    assert.equal(0, status, text)
    assert.matches("test accuracy 0%.%d+", text)
    assert.truthy(files.read(folder .. "/reports/first@epochs=2/report.html"))
  end)

  it("never writes over a file, and refuses names that are none", function()
    files.write(folder .. "/mine.lua", "-- mine")
    local text, status = said "new mine"
    assert.equal(2, status)
    assert.matches("mine.lua is there already; nothing was written", text)
    assert.equal("-- mine", files.read(folder .. "/mine.lua"))
    assert.equal(2, select(2, said "new 'my lab'"))
    assert.equal(2, select(2, said "new x --template none"))
  end)
end)
