--- `nnrun verify TRIAL`: trains a trial again, from the copy of its script, and compares weights and metrics epoch by
-- epoch; the seals of the trial's files are checked too.
local blame = require "nn.support.blame"
local csv_file = require "nn.support.csv_file"
local files = require "nn.support.files"
local Fingerprints = require "nn.trials.fingerprints"
local format = require "nn.report.format"
local index = require "nn.store.index"
local json = require "nn.support.json"
local rerun = require "nn.cli.rerun"
local safetensors = require "nn.tensor.safetensors"
local seals = require "nn.report.seals"
local training = require "nn.trials.scheduler"
local trial = require "nn.trials.trial"
local trials = require "nn.cli.trials"

local command = { summary = "Train a trial again and compare weights and metrics, epoch by epoch." }

local SAME, DIFFERENT = 0, 1 -- exit status

--- Declares the words of the command.
-- @param parser of argparse
function command.configure(parser)
  parser:argument("trial", trials.NAMES)
  trials.configure(parser)
end

local function say(text, ...)
  io.stdout:write(text:format(...), "\n")
end

-- ---- training it again ----------------------------------------------------------------------------------------------

--- Trains the trial of a record in an experiment that has just been declared.
-- @treturn table plan, and record where it could be built
local function train_again(lab, record)
  lab.seeds = { record.seed }
  local plan = trial.plans(lab, record.params, { title = record.title, label = "verify" })[1]
  if plan.failure then return { plan = plan } end
  lab.progress:begin { title = "Verify", objective = lab.objective, total = 1 }
  local again = training.run(lab, { plan })[plan.id].record
  local new = trial.new_record(lab, plan)
  return { plan = plan, record = again, folder = lab.store.trials .. "/" .. plan.id,
    data = new.data, test_data = new.test_data,
    is_loop = lab.loop ~= nil }
end

--- Runs the script until it declares the trial's experiment, and trains there.
local function run_script(found, reports, folder)
  local record, result = found.record, nil
  local copy = rerun.script_of(record, reports .. "/" .. found.experiment)
  local problem = rerun.run(copy, { reports = folder, quiet = true, jobs = 1,
    on_experiment = function(lab)
      if lab.name ~= record.experiment then return end
      result = train_again(lab, record)
      rerun.stop()
    end })
  if problem then error(problem, 0) end
  if not result then
    blame("verify: %s did not declare the experiment %s", copy.script, tostring(record.experiment))
  end
  return result
end

-- ---- comparing ------------------------------------------------------------------------------------------------------

local function hashes_of_file(folder)
  local weights = safetensors.read(folder .. "/weights.safetensors")
  if not weights then return nil end
  local list, by_layer = {}, {}
  for name, tensor in pairs(weights) do list[#list + 1] = { name = name, tensor = tensor } end
  table.sort(list, function(a, b) return a.name < b.name end)
  local layers, hashes = Fingerprints.of(list)
  for i, layer in ipairs(layers) do by_layer[layer] = hashes[i] end
  return by_layer
end

--- The first epoch and layer whose weights are not the same.
-- @treturn ?string where; nil where there is none
local function first_difference(before, after)
  for epoch = 1, math.max(#before.epochs, #after.epochs) do
    local a, b = before.epochs[epoch], after.epochs[epoch]
    if not a or not b then
      return ("epoch %d: there are %d epochs in the record, and %d now"):format(epoch, #before.epochs, #after.epochs)
    end
    for i = 1, math.max(#a, #b) do
      if a[i] ~= b[i] then
        return ("epoch %d, layer %s"):format(epoch, (before.layers or {})[i] or (after.layers or {})[i] or "?")
      end
    end
  end
end

local function difference_of_files(found, again)
  local before, after = hashes_of_file(found.folder), hashes_of_file(again.folder)
  if not before then return end
  for _, layer in ipairs((again.record.weights or {}).layers or {}) do
    if before[layer] ~= after[layer] then return ("weights.safetensors, layer %s"):format(layer) end
  end
end

local function same(a, b) return a == b or a ~= a and b ~= b end

-- The first epoch and metric in which the histories differ; nil where none does.
local function difference_of_histories(found, again)
  local before, names = csv_file.columns(files.read(found.folder .. "/history.csv") or "")
  local after = csv_file.columns(files.read(again.folder .. "/history.csv") or "")
  for epoch = 1, math.max(#(before.epoch or {}), #(after.epoch or {})) do
    for _, name in ipairs(names) do
      local a, b = before[name][epoch], (after[name] or {})[epoch]
      if name ~= "seconds" and not same(a, b) then
        return ("history.csv, epoch %d: %s was %s, now it is %s"):format(epoch, name, a, b)
      end
    end
  end
  if #names == 0 then return "history.csv holds no metrics" end
end

-- The first metric of the record that is another one now; nil where none is.
local function difference_of_metrics(record, now)
  for _, part in ipairs { "metrics", "test" } do
    local before, after, names = record[part] or {}, now[part] or {}, {}
    for name in pairs(before) do names[#names + 1] = name end
    table.sort(names)
    for _, name in ipairs(names) do
      if not same(before[name], after[name]) then
        return ("%s of the record: %s was %s, now it is %s"):format(part, name, before[name], after[name])
      end
    end
  end
end

-- What a trial is made of, by its name in the record. Records of earlier versions have no hashes.
local PARTS = {
  { "model", "model" }, { "compile", "compile" }, { "fit", "way of training" }, { "data", "data" },
  { "built", "model that build makes, with its weights and functions," }, { "callbacks", "callbacks" },
}
local IS_HASH = { built = true, callbacks = true }

-- Names the parts of the data that are not what they were; the test data too, though no trial learns from them.
local function say_data(record, again)
  for _, part in ipairs { { "train", "training" }, { "validation", "validation" } } do
    local was, is = (record.data or {})[part[1]], again.data[part[1]]
    if was ~= is then say("the %s data are others: their hash was %s, now it is %s", part[2], was, is) end
  end
  local was, is = record.test_data or (record.data or {}).test, again.test_data
  local is_changed = was ~= nil and was ~= is
  if is_changed then say("the test data are others: their hash was %s, now it is %s", was, is) end
  return is_changed
end

local function say_environment(record, again)
  local was, is = record.environment or {}, again.record and again.record.environment or {}
  for _, name in ipairs { "nnrun", "compiler", "flags", "kernels", "blas", "processor" } do
    if was[name] ~= is[name] then say("%s: then %s, now %s", name, tostring(was[name]), tostring(is[name])) end
  end
end

--- Says what the trial was made of then and is not now.
-- @treturn boolean whether there is something
local function say_changes(record, again)
  local plan, changed = again.plan, false
  local now = { model = plan.model, compile = plan.compile, fit = plan.fit, data = again.data, built = plan.built,
    callbacks = plan.callbacks }
  for _, part in ipairs(PARTS) do
    local name, title = part[1], part[2]
    local is_told = record[name] ~= nil or not IS_HASH[name]
    if again.is_loop and name == "model" then is_told = false end -- a loop of the script's own makes it as it runs
    if is_told and json.encode(record[name] or "") ~= json.encode(now[name] or "") then
      changed = true
      say("the %s of the trial is not what it was", title)
    end
  end
  changed = say_data(record, again) or changed
  say_environment(record, again)
  return changed
end

-- Says which files of the trial were changed after they were sealed.
-- @treturn boolean whether there are some
local function say_broken_seals(found, reports)
  local faults = seals.of_trial(reports .. "/" .. found.experiment, found.id)
  for _, text in ipairs(faults) do say("%s", text) end
  return #faults > 0
end

-- The first thing that came out otherwise; nil where all is the same.
local function difference(found, again)
  local record, now = found.record, again.record
  if now.status ~= record.status then
    return ("it was %s, now it is %s (%s)"):format(record.status, now.status, now.reason or "-")
  end
  if not record.weights then say "its record has no hashes of its weights: the last weights alone can be compared" end
  return record.weights and first_difference(record.weights, now.weights)
    or record.status == "complete" and difference_of_files(found, again)
    or difference_of_histories(found, again) or difference_of_metrics(record, now)
end

local function compare(found, again, is_broken)
  if again.plan.failure then
    say("trial %s: its model cannot be built any more: %s", found.id, again.plan.failure)
    return DIFFERENT
  end
  local changed = say_changes(found.record, again)
  local where = difference(found, again)
  if where then
    say("trial %s differs: %s", found.id, where)
  elseif changed or is_broken then
    say("trial %s: training again gave the same weights and metrics, but its files or its data are not what they were",
      found.id)
  else
    say("trial %s: the same weights in every layer after each of %s, and the same metrics", found.id,
      format.count(found.record.epochs, "epoch"))
  end
  return (where or changed or is_broken) and DIFFERENT or SAME
end

local function check_comparable(found)
  local record = found.record
  if record.status ~= "complete" and record.status ~= "diverged" then
    blame("trial %s has no weights to compare: it is %s", found.id, tostring(record.status))
  elseif not record.weights and not files.read(found.folder .. "/weights.safetensors") then
    blame("trial %s has neither weights nor their hashes in %s", found.id, found.folder)
  end
end

--- Runs the command.
-- @tparam table args as parsed: trial, reports, experiment
-- @treturn integer exit status: 0 the same, 1 a difference
function command.run(args)
  local database = index.open(args.reports)
  local found = trials.read(database, args.trial, args.experiment)
  database:close()
  check_comparable(found)
  local is_broken = say_broken_seals(found, args.reports)
  local folder <close> = rerun.temporary_folder()
  return compare(found, run_script(found, args.reports, folder.path), is_broken)
end

return command
