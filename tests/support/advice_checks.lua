-- What the specs of advice share: tables of scripts with a planted mistake, and of clean ones.
local assert = require "luassert"
local nn = require "nn"
local session = require "nn.experiment.session"
local fakes = require "tests.support.experiment_fakes"

local checks = {}

local function ignore() end

-- Runs a function; the advice that it is given, by name: { name = text of the first }, and how many pieces.
function checks.advice_of(action)
  local stderr, stdout = io.stderr, print
  nn.advice.reset()
  nn.utils.set_random_seed(1)
  io.stderr = { write = ignore } -- luacheck: ignore 122
  print = ignore -- luacheck: ignore 121
  local ok, problem = pcall(action)
  io.stderr, print = stderr, stdout -- luacheck: ignore 121 122
  local found, list = {}, nn.advice.list()
  nn.advice.reset()
  if not ok then error(problem, 0) end
  for _, each in ipairs(list) do found[each.name] = found[each.name] or each.where .. each.text end
  return found, #list
end

-- The same of a function that declares experiments.
function checks.of_lab(action)
  return checks.advice_of(function()
    session.start { reports = fakes.folder(), quiet = true }
    nn.advice.reset()
    action()
  end)
end

local function texts(found)
  local list = {}
  for name, text in pairs(found) do list[#list + 1] = name .. ": " .. text end
  table.sort(list)
  return table.concat(list, "\n")
end

-- Each entry of a table gives the advice of its name: { name, pattern, function }. `it` is that of the spec.
function checks.planted(it, run, cases)
  for title, case in pairs(cases) do
    it("sees " .. title, function()
      local found = run(case[3])
      assert.is_truthy(found[case[1]], title .. ": no " .. case[1] .. " in: " .. texts(found))
      assert.matches(case[2], found[case[1]])
    end)
  end
end

-- No function of a table gives any advice.
function checks.clean(it, run, cases)
  for title, action in pairs(cases) do
    it("is silent on " .. title, function() assert.are.equal("", texts((run(action)))) end)
  end
end

return checks
