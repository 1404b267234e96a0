--- Advice about what an experiment compares: variants that are trained for different times, an objective taken the
-- wrong way round.
local blame = require "nn.support.blame"
local monitoring = require "nn.advice.monitoring"
local notation = require "nn.support.notation"

local choices = {}

local function piece(lab, name, format, ...)
  return { name = name, text = format:format(...), where = blame.here(), about = lab }
end

-- ---- epochs ---------------------------------------------------------------------------------------------------------

-- All parameters but the epochs, as text.
local function key_of(params)
  local others = {}
  for name, value in pairs(params) do
    if name ~= "epochs" then others[name] = value end
  end
  return notation.key(others)
end

-- The fewest and the most epochs of some variants, and the different numbers of each set of other parameters.
local function count_epochs(variants)
  local least, most, by_key = math.huge, -math.huge, {}
  for _, variant in ipairs(variants) do
    local epochs, key = variant.params.epochs or 1, key_of(variant.params)
    least, most = math.min(least, epochs), math.max(most, epochs)
    by_key[key] = by_key[key] or {}
    by_key[key][epochs] = true
  end
  return least, most, by_key
end

local function has_several(set) return next(set, next(set)) ~= nil end

-- Whether the method itself decides how long a variant is trained.
local function draws_epochs(section)
  return section.method == "halving" or section.method == "hyperband" or (section.spaces or {}).epochs ~= nil
end

-- Variants of a section that differ in epochs and in something else at once.
local function unequal_in(lab, section)
  if draws_epochs(section) then
    lab.draws_epochs = true
    return nil
  end
  local least, most, by_key = count_epochs(section.variants)
  if least == most then return nil end
  for _, set in pairs(by_key) do
    if has_several(set) then return nil end
  end
  return piece(lab, "unequal_epochs", "%s: its variants are trained for different numbers of epochs, %d to %d, and "
    .. "differ in other parameters too: what makes the difference cannot be told; train all for as many epochs",
    section.title or "the trial", least, most)
end

--- Looks at the variant that an experiment chose among those of all its sections.
-- @tparam table lab the experiment
-- @tparam table chosen its parameters
-- @treturn {piece,...}
function choices.of_conclusion(lab, chosen)
  if lab.draws_epochs then return {} end
  local least, most, by_key = count_epochs(lab.variants)
  if least == most or has_several(by_key[key_of(chosen)]) then return {} end
  return { piece(lab, "unequal_epochs", "the chosen variant was trained for %d epochs, others for %d to %d: a "
    .. "difference may be one of the time of training; train all for as many epochs", chosen.epochs, least, most) }
end

--- Looks at a section before it is run.
-- @tparam table lab the experiment
-- @tparam table section see `sweep.run`
-- @treturn {piece,...}
function choices.before(lab, section)
  return { (unequal_in(lab, section)) }
end

--- Looks at the objective.
-- @tparam table lab the experiment
-- @tparam table known traits by name, see `nn.models.traits`
-- @treturn {piece,...}
function choices.of_objective(lab, known)
  local right = monitoring.contradiction(lab.objective, lab.mode, known)
  if not right then return {} end
  return { piece(lab, "monitor_mode", 'the experiment looks for the %s %s, with mode = "%s", but the other way round '
    .. 'is better; use mode = "%s", or leave it out', lab.mode == "max" and "largest" or "smallest", lab.objective,
    lab.mode, right) }
end

return choices
