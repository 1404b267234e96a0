-- What ends a run from outside: signals, a full device, and a reader that has gone.
local lfs = require "lfs"
local process = require "engine.process"
local files = require "nn.support.files"
local fakes = require "tests.support.experiment_fakes"
local runs = require "tests.support.runs"

local PREEMPTED, INTERRUPTED, UNREAD, CANNOT_WRITE = 75, 130, 141, 4

-- Begins to run a line of Lua that prints "ready" when it may be stopped; its process.
local function begin(code)
  local from, to = assert(process.pipe())
  local pid = assert(process.fork(function()
    process.redirect(assert(process.open_for_append "/dev/null"), 0)
    process.redirect(to, 1)
    process.redirect(assert(process.open_for_append "/dev/null"), 2)
    process.become({ runs.PROGRAM, "-e", 'print "ready" io.stdout:flush() ' .. code }, {})
    return 127
  end))
  process.close(to)
  assert.equal("ready\n", process.read(from, 6))
  process.close(from)
  return pid
end

-- Its exit status; one that goes on for 30 seconds is killed.
local function status_of(pid)
  local how, code
  fakes.wait_for(function() how, code = select(2, process.wait(pid, true)) return how end, 30)
  if not how then
    process.kill(pid, "KILL")
    process.wait(pid)
  end
  return how == "exit" and code or "it does not end"
end

-- The exit statuses of several lines of Lua, all of which get a signal.
local function stop_all(lines, signal)
  local pids, statuses = {}, {}
  for name, code in pairs(lines) do pids[name] = begin(code) end
  for _, pid in pairs(pids) do process.kill(pid, signal) end
  for name, pid in pairs(pids) do statuses[name] = status_of(pid) end
  return statuses
end

local LUA = {
  loop = "while true do end",
  coroutine = "coroutine.wrap(function() while true do end end)()",
  coroutines = [[coroutine.wrap(function()
    while true do coroutine.resume(coroutine.create(function() while true do pcall(error) end end)) end
  end)()]],
  pcall = "while true do pcall(function() while true do end end) end",
  close = "while true do local c = coroutine.create(coroutine.yield) coroutine.resume(c) coroutine.close(c) end",
  hook = "while true do pcall(function() debug.sethook() while true do end end) end",
  sort = [[local t = {}
    for i = 1, 1e6 do t[i] = i end
    table.sort(t, function(a, b) for _ = 1, 1e6 do end return a > b end)]],
  fit = [[local m = nn.Sequential{ nn.layers.Dense{ 300, input_shape = { 300 } } }
    m:compile{ optimizer = "adam", loss = "mse" }
    local x = nn.ones{ 2000, 300 }
    while true do pcall(m.fit, m, x, x, { epochs = 1000, verbose = 0 }) end]],
}

-- What no hook reaches.
local C = {
  handler = "while true do xpcall(error, function() while true do end end) end",
  pattern = 'print((("a"):rep(40)):find(("a?"):rep(40) .. ("a"):rep(40) .. "b"))',
  child = 'os.execute "sleep 60 & echo $! >&2; wait"',
  popen = 'io.popen("sleep 60 >&2"):read()',
  random = "nn.random.normal{ shape = { 1000000000 } }",
  collector = "setmetatable({}, { __gc = function() while true do end end }) collectgarbage()",
}

describe("SIGTERM", function()
  it("ends Lua code, whatever it catches", function()
    for name, status in pairs(stop_all(LUA, "TERM")) do assert.equal(PREEMPTED, status, name) end
  end)

  it("ends what no error ends", function()
    for name, status in pairs(stop_all(C, "TERM")) do assert.equal(PREEMPTED, status, name) end
  end)
end)

describe("Ctrl-C", function()
  it("ends Lua code, whatever it catches", function()
    for name, status in pairs(stop_all(LUA, "INT")) do assert.equal(INTERRUPTED, status, name) end
  end)

  it("ends anything, if it comes a second time", function()
    local pids = {}
    for name, code in pairs { handler = C.handler, pattern = C.pattern } do pids[name] = begin(code) end
    for _ = 1, 2 do
      for _, pid in pairs(pids) do process.kill(pid, "INT") end
      process.poll({}, 50)
    end
    for name, pid in pairs(pids) do assert.equal(INTERRUPTED, status_of(pid), name) end
  end)
end)

describe("coroutines", function()
  it("are as in any Lua", function()
    local next_number = coroutine.wrap(function(first, ...)
      local sum = first + select("#", ...)
      while true do sum = sum + coroutine.yield(sum, nil) end
    end)
    assert.same({ 12, n = 2 }, table.pack(next_number(10, nil, nil)))
    assert.same({ 15, n = 2 }, table.pack(next_number(3)))
    assert.same({ false, "x" }, { coroutine.resume(coroutine.create(error), "x") })
    assert.error_matches(coroutine.wrap(function() error("in it", 0) end), "in it")
    assert.has_error(function() coroutine.resume(1) end, "bad argument #1 to 'resume' (coroutine expected, got number)")
    local closed
    local waiting = coroutine.create(function()
      local _ <close> = setmetatable({}, { __close = function() closed = true end })
      coroutine.yield()
    end)
    coroutine.resume(waiting)
    assert.is_true(coroutine.close(waiting))
    assert.is_true(closed)
    assert.equal("dead", coroutine.status(waiting))
  end)
end)

describe("the prompt", function()
  it("goes on after Ctrl-C, which ends a line at once", function()
    local folder = fakes.folder()
    local lines = folder .. "/lines"
    os.execute(("mkfifo '%s'"):format(lines))
    local pid = assert(process.fork(function()
      process.redirect(assert(process.open_for_append(lines)), 0)
      process.redirect(assert(process.open_for_append(folder .. "/out")), 1)
      process.redirect(assert(process.open_for_append(folder .. "/err")), 2)
      process.become({ runs.PROGRAM, "repl" }, {})
      return 127
    end))
    local to = assert(process.open_for_append(lines))
    process.write(to, 'io.stdout:write "ready\\n" io.stdout:flush() while true do end\n')
    assert(fakes.wait_for(function() return files.read(folder .. "/out") == "ready\n" end))
    process.kill(pid, "INT")
    assert(fakes.wait_for(function() return (files.read(folder .. "/err") or ""):find "interrupted" end))
    process.write(to, "1 + 1\nos.exit(3)\n")
    assert.equal(3, status_of(pid))
    assert.equal("ready\n2\n", files.read(folder .. "/out"))
  end)
end)

describe("standard output", function()
  local folder

  setup(function()
    folder = fakes.folder()
    assert.equal(0, runs.run(folder, runs.LAB .. "lab:trial{ epochs = 1 }\n", "-q"))
  end)
  teardown(fakes.clean)

  local function shell(line)
    fakes.write(folder .. "/line", ("cd '%s'\nPATH=%s:$PATH\n%s\n"):format(folder, runs.PROGRAM:match "^(.*)/", line))
    return select(3, os.execute(("bash '%s/line'"):format(folder)))
  end

  it("that cannot be written ends every command with status 4", function()
    if not lfs.attributes "/dev/full" then return pending "there is no full device here" end
    fakes.write(folder .. "/print.lua", "print(1)")
    fakes.write(folder .. "/leave.lua", "io.write(1) os.exit(0)")
    for _, words in ipairs { "-e 'print(1)'", "-e 'io.write(1)'", "-e 'io.stdout:write(1)'", "--help", "--version",
      "runs", "runs lab --format csv", "show @last --format json", "doctor", "data list", "report lab", "check lab.lua",
      "print.lua", "leave.lua", "lab.lua -q", "repl <<<'1 + 1'", "runs --help" } do
      assert.equal(CANNOT_WRITE, shell("nnrun " .. words .. " >/dev/full 2>err"), words)
      assert.matches("nnrun: cannot write all of standard output\n$", files.read(folder .. "/err"))
    end
    assert.equal(CANNOT_WRITE, shell "nnrun -e 'print(1)' >&- 2>err")
  end)

  it("that nobody reads any more ends a program quietly", function()
    for _, words in ipairs { "-e 'while true do print(1) end'", "-e 'while true do pcall(print, 1) end'", "--help" } do
      assert.equal(UNREAD, shell("nnrun " .. words .. " 2>err | true; exit ${PIPESTATUS[0]}"), words)
      assert.equal("", files.read(folder .. "/err"))
    end
  end)
end)

describe("little memory", function()
  it("is no reason to hang", function()
    if not lfs.attributes "/proc/self/exe" then return pending "the limit is of Linux" end
    if os.getenv "SANITIZED" then return pending "the sanitizer takes more memory than the limit" end
    for _, megabytes in ipairs { 80, 120 } do
      local line = ("ulimit -v %d && exec '%s' -e 'print(nn.ones{ 9, 9 }:matmul(nn.ones{ 9, 9 }):sum())'"):format(
        megabytes << 10, runs.PROGRAM)
      local program = require "nn.support.program"
      local out, problem = program.run({ "sh", "-c", line }, { seconds = 30 })
      assert.equal("729.0\n", out, problem)
    end
  end)
end)
