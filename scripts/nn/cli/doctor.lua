--- `nnrun doctor`: what works on this machine, what is missing.
local process = require "engine.process"
local locate = require "nn.datasets.locate"

local doctor = { summary = "Versions, BLAS, threads, programs and data: what works, what is missing." }

local function program_version(command)
  local pipe = io.popen(command .. " 2>/dev/null")
  local line = pipe and pipe:read "l"
  if pipe then pipe:close() end
  return line
end

local function report(name, value, advice)
  print(("%-10s %s"):format(name, value or "missing: " .. advice))
end

function doctor.run()
  local blas = process.blas()
  report("nnrun", process.version() .. ", " .. _VERSION .. ", " .. process.compiler())
  report("processor", ("%s, %d cores"):format(process.processor(), process.cpu_count()))
  report("BLAS", ("%s, %d threads"):format(blas.description, blas.threads))
  report("gnuplot", program_version "gnuplot --version", "reports will have no charts; make deps installs it")
  report("curl", (program_version "curl --version" or ""):match "^curl %S+", "data sets cannot be downloaded")
  for _, folder in ipairs(locate.folders()) do report("data", folder) end
  print "\nData sets:"
  return require("nn.cli.data").run { action = "list" }
end

return doctor
