-- The experiments that come with nnrun, in small: they run, and what they promise is in their reports.
local files = require "nn.files"
local nn = require "nn"

local NNRUN = os.getenv "NNRUN" or "./nnrun"

local folder

setup(function()
  folder = os.tmpname()
  os.remove(folder)
end)

teardown(function() files.remove(folder) end)

-- The report of an experiment that ran with these options.
local function report(name, options)
  local command = "%s experiments/%s.lua %s -q --reports %s >/dev/null 2>&1"
  assert.is_true(os.execute(command:format(NNRUN, name, options, folder)))
  return assert(files.read(("%s/%s/report.md"):format(folder, name)))
end

describe("experiments", function()
  it("celsius finds the rule", function()
    local weight, bias = report("celsius", ""):match "f = ([%d.]+) c %+ ([%d.]+)%. The truth"
    assert.is_near(1.8, tonumber(weight), 1e-3)
    assert.is_near(32, tonumber(bias), 1e-2)
  end)

  it("iris_perceptron tells setosa from the others", function()
    local set = nn.datasets.iris.set
    if not require("nn.datasets.locate").find(set, set.files[1]) then return pending "iris is not here" end
    assert.matches("| setosa | 1%.000 | 1%.000 |", report("iris_perceptron", "epochs=2"))
  end)
end)
