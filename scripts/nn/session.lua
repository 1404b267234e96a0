--- What one run of nnrun was asked to do, and the experiments its script declared.
-- The command line fills `options`; a script run some other way has these defaults.
local process = require "engine.process"

local session = {
  --- The experiments declared so far, in order.
  experiments = {},
  options = {
    script = nil,              -- path of the script, as given
    command = {},              -- the whole command line
    settings = {},             -- { "epochs=1", ... }: replace defaults of `params`
    reports = "reports",       -- folder of all experiments
    jobs = process.cpu_count(),
    seeds = nil,               -- a count: seeds 1 .. N instead of the experiment's own
    fresh = false,             -- train again what is there already
    fail_fast = false,
    trial_timeout = nil,       -- seconds
    quiet = false, verbose = false, color = false, terminal = false,
  },
}

--- Starts a run: these options, no experiments yet.
-- @tparam table options those that differ from the defaults
function session.start(options)
  session.options = setmetatable(options, { __index = session.options })
  session.experiments = {}
end

return session
