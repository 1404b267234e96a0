--- What a trial ran on: the part of its record that explains why the same trial may differ elsewhere in the last bits.
local process = require "engine.process"
local session = require "nn.session"

--- @treturn table nnrun, compiler, flags (it was built with), blas (with its kernel), processor, cores, threads (of one
-- trial's matrix products), jobs, system, host
return function()
  return {
    nnrun = process.version(), compiler = process.compiler(), flags = process.flags(),
    blas = process.blas().description,
    processor = process.processor(), cores = process.cpu_count(), threads = 1, jobs = session.options.jobs,
    system = process.system(), host = process.hostname(),
  }
end
