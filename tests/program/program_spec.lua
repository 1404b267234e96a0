local process = require "engine.process"
local files = require "nn.support.files"
local program = require "nn.support.program"
local fakes = require "tests.support.experiment_fakes"

local function sh(script, options)
  return program.run({ "sh", "-c", script }, options)
end

describe("a program", function()
  teardown(fakes.clean)
  after_each(function() assert.is_nil((process.wait(-1, true))) end)

  it("gives what it prints on each stream", function()
    assert.same({ "out\n", "errors\n" }, { sh "echo out; echo errors >&2" })
    assert.same({ "", "" }, { sh "cat" }) -- there is no input
    assert.equal(1000000, #sh("yes | head -c 1000000"))
  end)

  it("runs where it should, with the variables it should have", function()
    local folder = fakes.folder()
    assert.equal(folder .. " x\n", (sh("echo $PWD $NAME", { folder = folder, environment = { NAME = "x" } })))
  end)

  it("takes words as they are", function()
    local words = { "it's", "$HOME", "a  b", "*", "" }
    assert.equal("it's|$HOME|a  b|*||", (program.run { "printf", "%s|", table.unpack(words) }))
  end)

  it("that fails says why, in its own words if it has any", function()
    assert.same({ nil, "no such thing\n" }, { sh "echo no such thing >&2; exit 3" })
    assert.same({ nil, "it ended with status 3 and said nothing" }, { sh "exit 3" })
    assert.same({ nil, "it crashed (signal 11)" }, { sh "kill -SEGV $$" })
    assert.same({ nil, "it ended with status 127 and said nothing", "missing" }, { program.run { "no-such-program" } })
    assert.is_nil(select(3, sh "no-such-program"))
  end)

  it("that prints too much is ended", function()
    assert.same({ nil, "it printed more than 1000 bytes" }, { sh("yes", { limit = 1000 }) })
    assert.equal("fine\n", (sh "yes >&2 & echo fine; kill $!"))
  end)

  it("that takes too long is ended with all it began", function()
    local path = fakes.folder() .. "/pids"
    local script = ("sleep 100 & echo $! $$ >'%s'; sleep 100"):format(path)
    assert.same({ nil, "it did not end within 0.2 seconds", "late" }, { sh(script, { seconds = 0.2 }) })
    for pid in files.read(path):gmatch "%d+" do
      assert.is_true(fakes.wait_for(function() return not fakes.is_alive(tonumber(pid)) end))
    end
  end)

  it("is not waited for by way of what it left running", function()
    local path = fakes.folder() .. "/pid"
    assert.equal("done\n", (sh(("sleep 100 & echo $! >'%s'; echo done"):format(path), { seconds = 60 })))
    local pid = tonumber(files.read(path))
    assert.is_true(fakes.wait_for(function() return not fakes.is_alive(pid) end))
  end)

  it("is ended where waiting for it ends by an error", function()
    local path = fakes.folder() .. "/pid"
    local ok, message = pcall(sh, ("echo $$ >'%s'; exec sleep 100"):format(path), {
      on_tick = function() if files.read(path) then error("enough", 0) end end,
    })
    assert.same({ false, "enough" }, { ok, message })
    assert.is_false(fakes.is_alive(tonumber(files.read(path))))
  end)

  it("is out of the terminal's reach, which sends Ctrl-C to a group of processes", function()
    local group = sh "ps -o pgid= -p $$; echo $$"
    local own, pid = group:match "(%d+)%s+(%d+)"
    assert.equal(pid, own)
  end)

  it("that cannot be started is a reason too", function()
    local fork = process.fork
    finally(function() process.fork = fork end)
    process.fork = function() return nil, "no more" end
    assert.same({ nil, "it cannot be started: no more" }, { sh "true" })
  end)
end)
