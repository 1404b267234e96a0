local machine = require "engine.machine"
local process = require "engine.process"
local tensor = require "nn.tensor"
local fakes = require "tests.support.experiment_fakes"

-- Runs a function in a child process and returns how that ended.
local function in_child(work)
  local pid = assert(process.fork())
  if pid == 0 then
    local ok, code = pcall(work)
    process.exit_now(ok and code or 99)
  end
  return select(2, process.wait(pid))
end

describe("engine.process", function()
  teardown(fakes.clean)

  describe("processes", function()
    it("end with their code", function()
      local how, code = in_child(function() return 7 end)
      assert.equal("exit", how)
      assert.equal(7, code)
    end)

    it("do their work and never what comes after it", function()
      local function end_of(work)
        return { select(2, process.wait(assert(process.fork(work)))) }
      end
      local function quietly(work)
        return function()
          process.redirect(assert(process.open_for_append "/dev/null"), 2)
          return work()
        end
      end
      assert.same({ "exit", 7 }, end_of(function() return 7 end))
      assert.same({ "exit", 1 }, end_of(function() return "no code" end))
      assert.same({ "exit", 1 }, end_of(quietly(function() error {} end)))
      assert.same({ "exit", 71 }, end_of(quietly(function() return tensor.zeros { 1 << 39 } end)))
      assert.same({ "exit", 3 }, end_of(function() os.exit(3, true) end))
      assert.same({ "exit", 5 }, end_of(function()
        io.stdout, error = nil, nil -- luacheck: ignore
        debug.sethook(function() os.exit(5) end, "", 1)
      end))
      local shell = { "sh", "-c", "exit $code" }
      assert.same({ "exit", 9 }, end_of(function() return process.become(shell, { code = "9" }) end))
      assert.same({ "exit", 1 }, end_of(quietly(function() return process.become({ "/nowhere" }, {}) end)))
    end)

    it("write nothing twice that was in a buffer", function()
      local path = fakes.folder() .. "/text"
      local file = assert(io.open(path, "w"))
      file:write "once"
      process.wait(assert(process.fork(function() return 0 end)))
      file:close()
      assert.equal("once", io.open(path):read "a")
    end)

    it("end by a signal, which has a name", function()
      local how, code = in_child(function() process.kill(process.pid(), "ABRT") end)
      assert.equal("signal", how)
      assert.equal("ABRT", process.signal_name(code))
      assert.equal("SEGV", process.signal_name(11))
      assert.equal("255", process.signal_name(255))
    end)

    it("can be waited for without waiting", function()
      local pid = assert(process.fork())
      if pid == 0 then
        process.poll({}, 5000)
        process.exit_now(0)
      end
      assert.is_false(process.wait(pid, true))
      assert.is_true(process.kill(pid, "KILL"))
      assert.equal(pid, (process.wait(pid)))
      local none, message, code = process.wait(pid)
      assert.is_nil(none)
      assert.is_string(message)
      assert.equal("integer", math.type(code))
    end)

    it("give errors as values, and misuse as errors", function()
      assert.is_nil(process.kill(1 << 22, "TERM"))
      assert.error_matches(function() process.kill(process.pid(), "NONSENSE") end, "not the name of a signal")
    end)

    it("die with their parent when told to", function()
      local from, to = assert(process.pipe())
      local child = assert(process.fork())
      if child == 0 then
        local parent = process.pid()
        if process.fork() == 0 then
          process.die_with_parent(parent)
          process.write(to, tostring(process.pid()))
          process.poll({}, 20000)
          process.exit_now(0)
        end
        process.poll({}, 20000)
        process.exit_now(0)
      end
      process.close(to)
      local grandchild = math.tointeger(tonumber(process.read(from, 20)))
      assert.is_true(fakes.is_alive(grandchild))
      process.kill(child, "KILL")
      process.wait(child)
      assert.same({ from }, process.poll({ from }, 5000))
      assert.equal("", process.read(from, 20))
      process.close(from)
    end)
  end)

  describe("descriptors", function()
    it("carry text through a pipe, to its end", function()
      local from, to = assert(process.pipe())
      local long = ("0123456789"):rep(1000)
      assert.is_true(process.write(to, long))
      process.close(to)
      local parts = {}
      repeat
        parts[#parts + 1] = process.read(from, 4096)
      until parts[#parts] == ""
      assert.equal(long, table.concat(parts))
      assert.is_true(process.close(from))
      assert.is_nil(process.close(from))
      assert.is_nil((process.read(from, 10)))
    end)

    it("refuse to read nothing or too much", function()
      assert.error_matches(function() process.read(0, 0) end, "expected 1")
      assert.error_matches(function() process.read(0, 1 << 40) end, "expected 1")
    end)

    it("are polled", function()
      local from, to = assert(process.pipe())
      local other, other_to = assert(process.pipe())
      local began = process.monotonic()
      assert.same({}, process.poll({ from, other }, 30))
      assert.is_true(process.monotonic() - began >= 0.025)
      process.write(other_to, "x")
      assert.same({ other }, process.poll({ from, other }, 1000))
      for _, fd in ipairs { from, to, other, other_to } do process.close(fd) end
      assert.same({}, process.poll({}, 0))
    end)

    it("can take the place of others", function()
      local path = fakes.folder() .. "/log"
      in_child(function()
        process.redirect(assert(process.open_for_append(path)), 1)
        io.stdout:write("from the child\n")
        io.stdout:flush()
        return 0
      end)
      assert.equal("from the child\n", io.open(path):read "a")
    end)

    it("are locked until the last holder ends", function()
      local path = fakes.folder() .. "/lock"
      local from, to = assert(process.pipe())
      local pid = assert(process.fork())
      if pid == 0 then
        process.flock(assert(process.open_for_append(path)), true, true)
        process.write(to, "locked")
        process.poll({}, 20000)
        process.exit_now(0)
      end
      process.read(from, 10)
      local fd = assert(process.open_for_append(path))
      assert.is_false(process.flock(fd, true, true))
      process.kill(pid, "KILL")
      process.wait(pid)
      assert.is_true(process.flock(fd, true, true))
      for _, each in ipairs { fd, from, to } do process.close(each) end
      local none, message = process.flock(fd, true, true)
      assert.is_nil(none)
      assert.matches("Bad file descriptor", message)
    end)

    it("tell what failed", function()
      local none, message, code = process.open_for_append "/nowhere/at/all"
      assert.is_nil(none)
      assert.matches("No such file", message)
      assert.equal(2, code)
      assert.is_nil((process.fsync "/nowhere"))
      assert.is_true(process.fsync(fakes.folder()))
      assert.is_nil(process.terminal_width(assert(process.open_for_append "/dev/null")))
    end)
  end)

  it("knows the machine", function()
    assert.is_true(machine.cpu_count() >= 1)
    assert.is_true(process.peak_memory() > 1000000)
    assert.is_true(process.monotonic() <= process.monotonic())
    for _, name in ipairs { "hostname", "processor", "system", "compiler", "version" } do
      assert.matches("%S", machine[name]())
    end
    assert.equal(process.pid(), process.pid())
  end)

  it("sets the threads of matrix products", function()
    local before = machine.blas().threads
    machine.set_threads(1)
    local blas = machine.blas()
    assert.equal(1, blas.threads)
    assert.is_true(blas.fork_safe)
    assert.matches("OpenBLAS", blas.description)
    machine.set_threads(before)
    assert.error_matches(function() machine.set_threads(0) end, "at least 1")
  end)

  it("gives threads back, also where what was done with one fails", function()
    local one_thread = require "nn.trials.one_thread"
    local before = machine.blas().threads
    machine.set_threads(2)
    assert.same({ 1, 7 }, { one_thread(function(x) return machine.blas().threads, x end, 7) })
    assert.error_matches(function() one_thread(error, "an accident") end, "an accident")
    assert.equal(2, machine.blas().threads)
    machine.set_threads(before)
  end)
end)
