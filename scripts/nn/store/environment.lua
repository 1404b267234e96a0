--- What a trial ran on: the part of its record that explains why the same trial may differ elsewhere in the last bits.
local kernels = require "engine.kernels"
local machine = require "engine.machine"
local session = require "nn.experiment.session"

--- @treturn table nnrun, compiler, flags (it was built with), kernels (the level of vector code that multiplies; below
-- avx512 dense products are BLAS's), blas (with its kernel), processor, cores, threads (of one trial's matrix
-- products), jobs, system, host
return function()
  return {
    nnrun = machine.version(), compiler = machine.compiler(), flags = machine.flags(),
    kernels = kernels.levels()[1], blas = machine.blas().description,
    processor = machine.processor(), cores = machine.cpu_count(), threads = 1, jobs = session.options.jobs,
    system = machine.system(), host = machine.hostname(),
  }
end
