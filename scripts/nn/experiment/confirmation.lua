--- Trains the chosen variant again, with seeds that had no part in the choice.
--
-- The best of several mean scores is partly luck: of the seeds, and of the validation samples. Fresh seeds take away
-- the first part; the second is left to the test data.
local manifest = require "nn.experiment.manifest"
local objective = require "nn.experiment.objective"
local Progress = require "nn.trials.progress"
local sweep = require "nn.experiment.sweep"
local trial = require "nn.trials.trial"

local confirmation = {}

-- Where the script does not say how many: so many fresh seeds, if they are at most a quarter of what was trained.
local SEEDS, LEAST_PER_SEED = 5, 4

local TITLE = "Fresh seeds"

-- How many different trials the variants have.
local function count_trials(variants)
  local seen, count = {}, 0
  for _, variant in ipairs(variants) do
    for _, each in ipairs(variant.trials) do
      if not seen[each.id] then seen[each.id], count = true, count + 1 end
    end
  end
  return count
end

--- How many fresh seeds the chosen variant gets: what `confirm` says, or five where there are several variants and 20
-- trials at least.
-- @tparam table lab the experiment
-- @treturn integer 0: none
function confirmation.count(lab)
  if lab.confirm then return lab.confirm end
  local is_worth_it = #lab.variants >= 2 and count_trials(lab.variants) >= SEEDS * LEAST_PER_SEED
  return is_worth_it and SEEDS or 0
end

-- The numbers that follow the largest seed of the experiment.
local function fresh_seeds(lab, count)
  local seeds, last = {}, math.max(table.unpack(lab.seeds))
  for i = 1, count do seeds[i] = last + i end
  return seeds
end

local function sorted_names(params)
  local names = {}
  for name in pairs(params) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- Trains the variant with fresh seeds, if it is to have any; trials that are there already are not trained again.
-- @tparam table lab the experiment
-- @tparam table variant the chosen one: params, trials
-- @treturn ?table `variant` (for the record), `seeds`, `trials` (one a seed); nil where there are none
function confirmation.run(lab, variant)
  local count = confirmation.count(lab)
  if count == 0 then return nil end
  local seeds = fresh_seeds(lab, count)
  local names = sorted_names(manifest.changed(variant.params, lab.params))
  local about = { title = TITLE, label = Progress.label(variant.params, names), seeds = seeds }
  local plans = trial.plans(lab, variant.params, about)
  local noted = manifest.variant(lab, variant.params, plans)
  local entry = { kind = "confirmation", title = TITLE, variant = noted, seeds = seeds, chosen = variant.trials[1].id,
    finished = false }
  manifest.begin(lab, entry, #plans)
  lab.progress:begin { title = TITLE, objective = lab.objective, total = #plans,
    traits = objective.traits(lab.objective, lab.manifest.traits) }
  local trials = sweep.train(lab, plans)
  lab.progress:close()
  manifest.finish_section(lab, entry)
  return { variant = noted, seeds = seeds, trials = trials }
end

return confirmation
