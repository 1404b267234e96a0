-- What a trial goes by beside the model that build makes: what its callbacks read is part of what decides its result.
local fakes = require "tests.support.experiment_fakes"
local files = require "nn.support.files"
local runs = require "tests.support.runs"

local HEAD = [[
  local nn = require "nn"
  local x = nn.random.normal{ shape = { 40, 2 }, seed = 1 }
  local y = nn.random.normal{ shape = { 40, 1 }, seed = 2 }
  local function network(units)
    local model = nn.Sequential{ nn.layers.Dense{ units or 1, input_shape = { 2 } }, nn.layers.Dense{ 1 } }
    model:compile{ optimizer = "sgd", loss = "mse" }
    return model
  end
  local function declare(given)
    local all = { name = "lab", train = { x, y }, validation = { y:reshape{ 20, 2 }, x[{ {1, 20}, {1, 1} }] },
      params = { k = 1, epochs = 1 }, build = function() return network() end }
    for name, value in pairs(given) do all[name] = value end
    return nn.Experiment(all)
  end
]]

-- A script whose rate of learning is what an expression says while a trial is trained.
local function with_rate(rate, before)
  return HEAD .. (before or "") .. [[

    local function callbacks()
      return { nn.callbacks.LearningRateScheduler(function() return ]] .. rate .. [[ end) }
    end
    print(declare{ callbacks = callbacks }:trial().reused)]]
end

describe("a trial", function()
  local folder

  before_each(function() folder = fakes.folder() end)
  teardown(fakes.clean)

  local function run(script, ...)
    local status = runs.run(folder, script, "-q", ...)
    return status, files.read(folder .. "/out"), files.read(folder .. "/err")
  end

  local function is_reused(...)
    local status, out, err = run(...)
    assert.equal(0, status, err)
    return out:match "^%a+" == "true"
  end

  -- Runs a script with one value, the same, and another.
  local function goes_by(script, set)
    set "0.1"
    assert.is_false(is_reused(script))
    assert.is_true(is_reused(script))
    set "0.2"
    assert.is_false(is_reused(script))
  end

  -- The same for the script's argument, in several ways at once: each is an expression for the rate and the
  -- code before it. Each is an experiment of its own in one script.
  local function go_by_argument(cases)
    local parts = { HEAD }
    for i, case in ipairs(cases) do
      local rate, before = table.unpack(case)
      parts[i + 1] = "do\n" .. before .. [[

        local function callbacks()
          return { nn.callbacks.LearningRateScheduler(function() return ]] .. rate .. [[ end) }
        end
        print(declare{ name = "lab]] .. i .. [[", callbacks = callbacks }:trial().reused)
      end]]
    end
    local script = table.concat(parts, "\n")
    local function assert_reused(argument, expected)
      local status, out, err = run(script, "--", argument)
      assert.equal(0, status, err)
      local reused = {}
      for word in out:gmatch "%f[^\0\n](%l+)\n" do reused[#reused + 1] = word == "true" end
      local all = {}
      for i in ipairs(cases) do all[i] = expected end
      assert.are.same(all, reused)
    end
    assert_reused("0.1", false)
    assert_reused("0.1", true)
    assert_reused("0.2", false)
  end

  it("goes by variables of the environment that a callback reads", function()
    local script = with_rate 'tonumber(os.getenv "RATE")'
    local program = runs.PROGRAM
    finally(function() runs.PROGRAM = program end)
    goes_by(script, function(rate)
      local wrapper = folder .. "/nnrun"
      fakes.write(wrapper, ("#!/bin/sh\nRATE=%s exec '%s' \"$@\"\n"):format(rate, program))
      assert(os.execute("chmod +x " .. wrapper))
      runs.PROGRAM = wrapper
    end)
  end)

  it("goes by a file that is read through a function kept earlier", function()
    goes_by(with_rate("rate()", [[
      local open = io.open
      local function rate()
        local file <close> = open "rate.txt"
        return file:read "n"
      end]]), function(rate) fakes.write(folder .. "/rate.txt", rate) end)
  end)

  it("goes by whether there is a file", function()
    local script = with_rate 'io.open "slow" and 0.1 or 0.2'
    assert.is_false(is_reused(script))
    assert.is_true(is_reused(script))
    fakes.write(folder .. "/slow", "")
    assert.is_false(is_reused(script))
    assert.is_true(is_reused(script))
  end)

  it("is trained each time where it goes by what a program prints, which a warning says", function()
    local script = with_rate('rate()', [[
      local function rate()
        local pipe <close> = io.popen "cat rate.txt"
        return pipe:read "n"
      end]])
    fakes.write(folder .. "/rate.txt", "0.1")
    assert.is_false(is_reused(script))
    assert.is_false(is_reused(script))
    assert.matches("a callback reads the output of cat rate.txt, which may be another one in the next run, so trials "
      .. "with it are trained each time", files.read(folder .. "/err"))
  end)

  it("goes by globals, however they are asked for", function()
    go_by_argument {
      { "_G.rate", "rate = tonumber(arg[1])" },
      { '_G["rate"]', "rate = tonumber(arg[1])" },
      { 'rawget(_G, "rate")', "rate = tonumber(arg[1])" },
      { 'load "return rate"()', "rate = tonumber(arg[1])" },
      { "globals.rate", "rate = tonumber(arg[1]); local globals = _G" },
    }
  end)

  it("goes by what a script puts into Lua's modules", function()
    go_by_argument {
      { "math.rate", "math.rate = tonumber(arg[1])" },
      { '(""):rate()', "local rate = tonumber(arg[1]); function string.rate() return rate end" },
    }
    folder = fakes.folder() -- a script of its own, as nnrun may call the function too
    go_by_argument { { "math.abs(0)", "local rate = tonumber(arg[1]); function math.abs() return rate end" } }
  end)

  it("goes by what a function's environment computes", function()
    go_by_argument { { "rate()", [[
      local value = tonumber(arg[1])
      local rate = load("return rate", "=text", "t", setmetatable({}, { __index = function() return value end }))]] } }
  end)

  it("is not another one by what its callbacks use of Lua and nnrun", function()
    local script = with_rate("rate()", [[
      function string.unused() return arg[1] end
      local function rate()
        for _ in ipairs(nn.zeros{ 1 }) do table.unpack{} end
        if not lfs.attributes "made" then lfs.mkdir "made" end
        return os.getenv "HOME" and io.lines "lab.lua" and math.max(0.1)
      end]])
    assert.is_false(is_reused("lfs = require 'lfs'\n" .. script))
    assert.is_true(is_reused("lfs = require 'lfs'\n" .. script))
  end)

  it("counts on data that stay as they were declared", function()
    for what, change in pairs { train = "x[1] = 5", validation = "y[3] = 5", test = "t[2] = 5" } do
      local status, _, err = run(HEAD .. [[
        local t = nn.ones{ 4, 2 }
        local lab = declare{ test = { t, nn.ones{ 4, 1 } }, train = { x, nn.ones{ 40, 1 } } }
        ]] .. change .. "\nlab:trial()\nlab:conclude()")
      assert.equal(2, status)
      assert.matches("lab.lua:%d+: " .. what .. ": these data were changed after nn.Experiment was given them", err)
    end
  end)

  it("goes by which output's samples have weights", function()
    local script = HEAD .. [[
      local w = nn.random.uniform{ shape = { 40 }, seed = 3 }
      local lab = declare{ train = { x, { y, y } }, validation = { x, { y, x[{ {}, {1, 1} }] } },
        sample_weight = { [tonumber(arg[1])] = w },
        build = function()
          local input = nn.Input{ shape = { 2 } }
          local a, b = nn.layers.Dense{ 1 }(input), nn.layers.Dense{ 1 }(input)
          local model = nn.Model{ inputs = { input }, outputs = { a, b } }
          model:compile{ optimizer = "sgd", loss = "mse" }
          return model
        end }
      print(lab:trial().reused)]]
    assert.is_false(is_reused(script, "--", "1"))
    assert.is_true(is_reused(script, "--", "1"))
    assert.is_false(is_reused(script, "--", "2"))
  end)

  it("fails where build makes another model for it than when it was planned", function()
    local status, out = run(HEAD .. [[
      local count = 0
      local lab = declare{ build = function()
        count = count + 1
        return network(count)
      end }
      print(lab:trial().reason)]])
    assert.equal(1, status)
    assert.matches("lab.lua:%d+: build: it made another model for the trial than when the trial was planned", out)
  end)

  it("has the random numbers of math.random from its seed, and gives the script's back", function()
    local script = HEAD .. [[
      local function drawn()
        local lab = declare{ build = function()
          local model = network()
          model.layers[1]:set_weights{ nn.full({ 2, 1 }, math.random()), nn.zeros{ 1 } }
          return model
        end }
        return lab:trial()
      end
      local first = drawn()
      print(first.reused, first.score)
      math.randomseed(7)
      lab = declare{ name = "other" }
      local a = math.random()
      lab:trial{ k = 2 }
      local b = math.random()
      lab:trial{ k = 3 }
      print(a ~= b and b ~= math.random())]]
    local _, out = run(script)
    local score = out:match "^false\t(%S+)"
    assert.matches("\ntrue\n", out)
    assert.equal(("true\t%s\ntrue\n"):format(score), (select(2, run(script)):match "^true\t%S+\ntrue\n"))
  end)
end)

describe("a script's globals", function()
  local folder

  before_each(function() folder = fakes.folder() end)
  teardown(fakes.clean)

  it("are in _G, and seen by what the script loads", function()
    fakes.write(folder .. "/more.lua", "value = value + 1")
    assert.equal(0, runs.run(folder, [[
      value = 1
      print(_G.value, _ENV == _G, rawget(_G, "value"), load "return value"(), load("return value", "=c", "t", {})())
      dofile "more.lua"
      loadfile "more.lua"()
      print(value, pcall(dofile, "none.lua"))]], "-q"))
    assert.matches("^1\ttrue\t1\t1\tnil\n3\tfalse\tlab.lua:%d+: cannot open none.lua", files.read(folder .. "/out"))
  end)
end)
