--- The programs that `make bench` compares, in the order in which they take turns. Each reads workloads, one a line,
-- from standard input and answers with a line of JSON: {"seconds":0.84,"score":0.96} or {"skip":"why"}.
--
-- Fields: name; title; command; needs, a shell command that fails where the peer is not there; package, where to get
-- it; openmp, whether it has an OpenMP thread pool of its own, which fights with that of another BLAS at two threads.

local PYTHON = io.open "/usr/bin/python3" and "/usr/bin/python3" or "python3"

local HAS_MODULE = [[%s -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("%s") is None)']]


local function python(name, title, script, module, package)
  return { name = name, title = title, command = PYTHON .. " tests/bench/peers/" .. script,
    needs = HAS_MODULE:format(PYTHON, module),
    package = package, openmp = module == "torch" }
end

local function built(name, title, package, openmp)
  local program = "build/bench/" .. name
  return { name = name, title = title, command = program, needs = "test -x " .. program, package = package,
    openmp = openmp }
end

return {
  { name = "nnrun", title = "nnrun", command = "./nnrun tests/bench/nnrun.lua --", needs = "test -x nnrun",
    package = "make build" },
  built("floor", "floor", "make bench"),
  python("pytorch", "PyTorch", "pytorch.py", "torch", "python3-torch"),
  python("foreach", "PyTorch, foreach", "pytorch.py foreach", "torch", "python3-torch"),
  python("sklearn", "scikit-learn", "sklearn_mlp.py", "sklearn", "python3-sklearn"),
  built("libtorch", "libtorch, C++", "libtorch-dev", true),
  built("dlib", "dlib", "libdlib-dev"),
}
