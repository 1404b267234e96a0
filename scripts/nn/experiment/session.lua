--- What one run of nnrun was asked to do, and the experiments its script declared.
-- The command line fills `options`; a script that is run some other way has the defaults.
local machine = require "engine.machine"

local DEFAULTS = {
  script = nil,          -- path of the script, as given
  arguments = {},        -- those of the script itself
  command = {},          -- the whole command line
  settings = {},         -- { "epochs=1", ... }: other defaults for `params`
  reports = "reports",   -- folder of all experiments
  jobs = machine.cpu_count(),
  seeds = nil,           -- a count: seeds 1 .. N instead of the experiment's own
  fresh = false,         -- train again what is there already
  fail_fast = false,     -- end after the first trial that fails
  max_failures = nil,    -- end after so many trials that fail
  checkpoint = nil,      -- at least so many seconds between two checkpoints; nil: so many that they cost little
  trial_timeout = nil,   -- seconds
  train = nil,           -- what takes the place of scheduler.run
  is_dry_run = false,  -- nothing is trained: figures and reports are left out
  on_experiment = nil,   -- called with each experiment that is declared
  quiet = false, verbose = false, terminal = false, color = false,
}

local session = {}

--- Starts a run: these options, no experiments yet.
-- @tparam table options those that differ from the defaults
function session.start(options)
  for _, lab in ipairs(session.experiments or {}) do lab.store:close() end
  session.options = setmetatable(options, { __index = DEFAULTS })
  session.experiments = {} -- in the order in which they are declared
end

session.start {}

return session
