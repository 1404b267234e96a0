--- What a trial ran on: the part of its record that explains why the same trial may differ elsewhere in the last bits.
local kernels = require "engine.kernels"
local process = require "engine.process"
local session = require "nn.session"

--- @treturn table nnrun, compiler, flags (it was built with), kernels (the level of vector code that multiplies; below
-- avx512 dense products are BLAS's), blas (with its kernel), processor, cores, threads (of one trial's matrix
-- products), jobs, system, host
return function()
  return {
    nnrun = process.version(), compiler = process.compiler(), flags = process.flags(),
    kernels = kernels.levels()[1], blas = process.blas().description,
    processor = process.processor(), cores = process.cpu_count(), threads = 1, jobs = session.options.jobs,
    system = process.system(), host = process.hostname(),
  }
end
