--- The programs that `make bench` compares, in the order in which they take turns. Each reads workloads, one a line,
-- from standard input and answers with a line of JSON: {"seconds":0.84,"score":0.96} or {"skip":"why"}.
--
-- Fields: name; title; command; needs, a shell command that fails where the peer is not there; package, where to get
-- it; tables, whose workloads it is asked (all, if nil); environment, variables it is started with; openmp, whether it
-- has an OpenMP thread pool of its own, which fights with that of another BLAS at two threads.

local PYTHON = io.open "/usr/bin/python3" and "/usr/bin/python3" or "python3"

local HAS_MODULE = [[%s -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("%s") is None)']]

-- Without these PyTorch gives the memory of large tensors back at each step, and pays for its pages at the next.
local KEEPS_MEMORY = "MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=268435456"
local DENSE, OTHERS = { dense = true }, { images = true, sequences = true }

local function python(name, title, script, module, package, tables, environment)
  return { name = name, title = title, tables = tables, environment = environment,
    command = PYTHON .. " tests/bench/peers/" .. script, needs = HAS_MODULE:format(PYTHON, module), package = package,
    openmp = module == "torch" }
end

local function built(name, title, package, tables, openmp)
  local program = "build/bench/" .. name
  return { name = name, title = title, tables = tables, command = program, needs = "test -x " .. program,
    package = package, openmp = openmp }
end

return {
  { name = "nnrun", title = "nnrun", command = "./nnrun tests/bench/nnrun.lua --", needs = "test -x nnrun",
    package = "make build" },
  built("floor", "floor", "make bench"),
  python("pytorch", "PyTorch", "pytorch.py", "torch", "python3-torch"),
  python("foreach", "PyTorch, foreach", "pytorch.py foreach", "torch", "python3-torch", DENSE),
  python("best", "PyTorch at its best", "pytorch.py foreach best", "torch", "python3-torch", OTHERS, KEEPS_MEMORY),
  python("sklearn", "scikit-learn", "sklearn_mlp.py", "sklearn", "python3-sklearn", DENSE),
  built("libtorch", "libtorch, C++", "libtorch-dev", DENSE, true),
  built("dlib", "dlib", "libdlib-dev", DENSE),
}
