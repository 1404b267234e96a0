local process = require "engine.process"
local pool = require "nn.trials.pool"

-- Runs tasks, each a function(send) -> code, and gathers what the pool tells.
local function run(tasks, options)
  local told = { endings = {}, events = {}, most = 0, killed = 0 }
  local running = 0
  options = options or {}
  pool.run(tasks, {
    jobs = options.jobs or 2, timeout = options.timeout, tick = 0.05,
    work = function(task, send) return task(send) end,
    on_start = function()
      running = running + 1
      told.most = math.max(told.most, running)
    end,
    on_event = function(task, event)
      told.events[task] = told.events[task] or {}
      table.insert(told.events[task], event)
    end,
    on_end = options.on_end or function(task, ending)
      running = running - 1
      told.endings[task] = ending
    end,
    on_kill = function() told.killed = told.killed + 1 end,
  })
  return told
end

local function quiet()
  process.redirect(assert(process.open_for_append "/dev/null"), 2)
end

local function sleep(seconds)
  local stop = process.monotonic() + seconds
  repeat
    local left = stop - process.monotonic()
    process.poll({}, math.max(0, math.ceil(1000 * left)))
  until left <= 0
  return 0
end

local function has_children()
  return process.wait(-1, true) ~= nil
end

describe("nn.pool", function()
  after_each(function() assert.is_false(has_children()) end)

  it("does nothing with no tasks", function()
    assert.same({}, run({}).endings)
  end)

  it("runs each task once, in a process of its own", function()
    local tasks, mine = {}, 0
    for i = 1, 20 do
      tasks[i] = function()
        mine = mine + 1
        return mine * 100 + i
      end
    end
    local told = run(tasks)
    for i, task in ipairs(tasks) do
      assert.equal("exit", told.endings[task].how)
      assert.equal(100 + i, told.endings[task].code)
      assert.is_false(told.endings[task].timed_out)
    end
    assert.equal(0, mine)
  end)

  it("runs no more at a time than it may", function()
    local tasks = {}
    for i = 1, 6 do tasks[i] = function() return sleep(0.02) end end
    assert.equal(3, run(tasks, { jobs = 3 }).most)
    assert.equal(1, run(tasks, { jobs = 1 }).most)
  end)

  it("hands events over in order, however long", function()
    local function task(send)
      for i = 1, 100 do send { number = i } end
      send { text = ("long\n"):rep(50000) }
      return 0
    end
    local events = run({ task }).events[task]
    for i = 1, 100 do assert.equal(i, events[i].number) end
    assert.equal(250000, #events[101].text)
  end)

  it("tells a crash, an error and an exit apart", function()
    local function crash() process.kill(process.pid(), "ABRT") end
    local function fail()
      quiet()
      error "oh"
    end
    local function leave() os.exit(5) end
    local endings = run({ crash, fail, leave }).endings
    assert.equal("signal", endings[crash].how)
    assert.equal("ABRT", process.signal_name(endings[crash].code))
    assert.equal(1, endings[fail].code)
    assert.equal(5, endings[leave].code)
  end)

  it("ends a task that takes too long", function()
    local function hang()
      quiet()
      return sleep(60)
    end
    local function quick() return 3 end
    local began = process.monotonic()
    local endings = run({ hang, quick }, { timeout = 0.2 }).endings
    assert.is_true(endings[hang].timed_out)
    assert.equal(3, endings[quick].code)
    assert.is_true(process.monotonic() - began < 3)
  end)

  it("ends all workers where a function it calls raises an error", function()
    local function hang() return sleep(60) end
    local function quick() return 0 end
    local told = {}
    local ok, message = pcall(function()
      pool.run({ hang, quick }, {
        jobs = 2, work = function(task) return task() end, on_end = function() error("enough", 0) end,
        on_kill = function(task) told[#told + 1] = task end,
      })
    end)
    assert.is_false(ok)
    assert.equal("enough", message)
    assert.same({ hang }, told)
  end)

  it("gives a task back that it cannot start", function()
    local real = { fork = process.fork, pipe = process.pipe }
    finally(function() process.fork, process.pipe = real.fork, real.pipe end)
    for _, name in ipairs { "fork", "pipe" } do
      process.fork, process.pipe = real.fork, real.pipe
      process[name] = function() return nil, "the system has no more" end
      local given_back = {}
      local ok, message = pcall(pool.run, { "task" }, {
        jobs = 1, work = function() return 0 end, on_end = function() end,
        on_kill = function(task) given_back[#given_back + 1] = task end,
      })
      assert.is_false(ok)
      assert.matches("^cannot start another process: the system has no more; fewer %-%-jobs may help", message)
      assert.same({ "task" }, given_back)
    end
  end)

  it("may run within another, which goes on as before", function()
    run({ function() return 0 end, function() return 7 end }, { jobs = 1, on_end = function(_, ending)
      local code
      pool.run({ 3 }, { jobs = 1, work = function(n) return n + ending.code end,
        on_end = function(_, inner) code = inner.code end })
      assert.equal(3 + ending.code, code)
      assert.is_true(process.polls_stop(true))
    end })
    assert.is_false(process.polls_stop(false))
  end)
end)
