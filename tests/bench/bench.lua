-- Compares nnrun with its peers, and with the floor that the matrix products alone set:
--
--   make bench                                   one thread, five runs, all workloads
--   make bench threads=2 runs=7                  two threads
--   make bench only=images                       one of the tables: dense, images or sequences
--   make bench only=shallow                      workloads whose names begin so
--   make bench peers=nnrun,floor,pytorch         some programs only
--   make bench quick=1                           one run of a tenth of the samples: does everything work?
--
-- A whole table with all programs and five runs or more is written to tests/bench/results/, anything less to
-- build/bench/results/. For numbers worth keeping the machine has nothing else to do.
local blame = require "nn.support.blame"
local data = require "tests.bench.data"
local lab = require "tests.bench.lab"
local numbers = require "tests.bench.numbers"
local peers = require "tests.bench.peers"
local report = require "tests.bench.report"
local session = require "tests.bench.session"
local workloads = require "tests.bench.workloads"

local ENOUGH_RUNS, QUICK_SHARE = 5, 10
local TABLES = { "dense", "images", "sequences" }

local function read_options(words)
  local options = { threads = 1, runs = 5, only = "", peers = "", quick = false }
  for _, word in ipairs(words) do
    local key, value = word:match "^(%w+)=(.*)$"
    local standard = options[key]
    if standard == nil then
      blame("expected threads=N, runs=N, only=NAME, peers=NAME,NAME or quick=1, got %s", word)
    end
    if type(standard) == "number" then value = math.tointeger(tonumber(value)) end
    if type(standard) == "boolean" then value = value == "1" end
    options[key] = value or blame("%s: expected a whole number, got %s", key, word)
  end
  if options.quick then options.runs = 1 end
  return options
end

local function chosen(name, list)
  return list == "" or ("," .. list .. ","):find("," .. name .. ",", 1, true) ~= nil
end

--- Whether `only` means that workload: its table, its name, or the beginning of names where none is just so.
local function is_meant(workload, only)
  if workload.table == only then return true end
  for _, other in ipairs(workloads) do
    if other.name == only or other.table == only then return workload.name == only end
  end
  return workload.name:sub(1, #only) == only
end

local function say(format, ...)
  io.stderr:write(format:format(...), "\n")
end

--- The programs, and what a reader of their times should know.
local function start_all(options, kind)
  local sessions, remarks = {}, {}
  for _, peer in ipairs(peers) do
    local takes_part = not peer.tables or peer.tables[kind]
    if takes_part and (peer.name == "nnrun" or chosen(peer.name, options.peers)) then
      local started, why = session.start(peer, options.threads)
      sessions[#sessions + 1] = started
      if why then
        remarks[#remarks + 1] = why
        say("%s", why)
      end
    end
  end
  return sessions, remarks
end

--- A copy with fewer samples, but a whole batch at least.
local function shortened(workload)
  local short = {}
  for key, value in pairs(workload) do short[key] = value end
  short.samples = math.max(math.min(workload.batch, workload.samples), workload.samples // QUICK_SHARE)
  short.epochs = 1
  return short
end

local function add(run, answer)
  run.skip = answer.skip
  run.seconds[#run.seconds + 1] = answer.seconds
  run.scores[#run.scores + 1] = answer.score
end

--- OpenBLAS's threads look out for more work for a tenth of a second, and would hold a core against the next program.
local function let_threads_sleep(threads)
  if threads > 1 then os.execute "sleep 0.2" end
end

--- One workload: a round to warm up, then the programs take turns. nil and why if nnrun cannot run it.
local function measure(workload, sessions, options)
  local folder, runs = data.prepare(workload.data), {}
  if options.quick then workload = shortened(workload) end
  for _, each in ipairs(sessions) do runs[each.peer.name] = { seconds = {}, scores = {} } end
  for round = 0, options.runs do
    local line = session.line(round == 0 and shortened(workload) or workload, folder, math.max(round, 1))
    for _, each in ipairs(sessions) do
      local run = runs[each.peer.name]
      if not run.skip then
        let_threads_sleep(options.threads)
        local answer = each:ask(line)
        if answer.skip and each.peer.name == "nnrun" then return nil, answer.skip end
        if round > 0 or answer.skip then add(run, answer) end
      end
    end
  end
  return { workload = workload, runs = runs }
end

local function say_entry(entry, sessions)
  say("\n%s (%s)", entry.workload.title, entry.workload.unit)
  for _, each in ipairs(sessions) do
    local run = entry.runs[each.peer.name]
    if run.skip then
      say("  %-18s %s", each.peer.title, run.skip)
    else
      local ratio, low, high = numbers.spread(numbers.ratios(run.seconds, entry.runs.nnrun.seconds))
      say("  %-18s %10.4g  %6.2f x  (%.2f-%.2f)%s", each.peer.title,
        numbers.in_unit(entry.workload, (numbers.spread(run.seconds))), ratio, low, high,
        #run.scores > 0 and ("  score %.4f"):format(select(2, numbers.same_score(run.scores, run.scores, 0))) or "")
    end
  end
end

local function names_and_titles(sessions)
  local names, titles = {}, {}
  for i, each in ipairs(sessions) do
    names[i], titles[each.peer.name] = each.peer.name, each.peer.title
  end
  return names, titles
end

--- The workloads of a table that `only` means, and whether these are all.
local function of_table(kind, only)
  local meant, is_whole = {}, true
  for _, workload in ipairs(workloads) do
    if workload.table == kind and is_meant(workload, only) then
      meant[#meant + 1] = workload
    elseif workload.table == kind then
      is_whole = false
    end
  end
  return meant, is_whole
end

local MNIST_LAB = { name = "lab" }

--- Raises an error where `only` means no workload.
local function check_only(only)
  local known = table.move(TABLES, 1, #TABLES, 1, {})
  for _, workload in ipairs(table.move(workloads, 1, #workloads, 2, { MNIST_LAB })) do
    if is_meant(workload, only) then return end
    known[#known + 1] = workload.name
  end
  blame("only=%s: no workload has that name; there are %s", only, table.concat(known, ", "))
end

local function run_table(kind, options)
  local meant, is_whole = of_table(kind, options.only)
  local with_lab = kind == "dense" and not options.quick and (is_meant(MNIST_LAB, options.only) or options.only == kind)
  if #meant == 0 and not with_lab then return end
  local sessions, remarks = start_all(options, kind)
  local outcome = { kind = kind, threads = options.threads, runs = options.runs, remarks = remarks, entries = {} }
  outcome.names, outcome.titles = names_and_titles(sessions)
  for _, workload in ipairs(meant) do
    local entry, why = measure(workload, sessions, options)
    if entry then
      outcome.entries[#outcome.entries + 1] = entry
      say_entry(entry, sessions)
    else
      remarks[#remarks + 1] = ("%s: nnrun %s."):format(workload.title, why)
      say("\n%s", remarks[#remarks])
    end
  end
  if with_lab then
    outcome.lab = lab.measure(sessions, options.threads)
    say("\n%s", outcome.lab)
  end
  -- Programs started later hold copies of the pipes to earlier ones: the last goes first.
  for i = #sessions, 1, -1 do sessions[i]:close() end
  local is_kept = is_whole and options.peers == "" and options.runs >= ENOUGH_RUNS
  local path = report.write(outcome, is_kept and "tests/bench/results" or "build/bench/results")
  print(report.times(outcome))
  say("\nwritten: %s", path)
end

local options = read_options(arg)
check_only(options.only)
for _, kind in ipairs(TABLES) do run_table(kind, options) end
