--- What the variants of an experiment are called.
-- @module nn.report.naming
local notation = require "nn.support.notation"
local sorted_keys = require "nn.support.sorted_keys"

local naming = {}

--- The name of the variant that changes nothing.
naming.DEFAULTS = "the defaults"

--- The names of the parameters that tell the variants of a section apart: those it varies, then others that differ.
-- @tparam table section from the manifest
-- @treturn {string,...}
function naming.varying(section)
  local names, taken = {}, {}
  local function take(name)
    if not taken[name] then names[#names + 1], taken[name] = name, true end
  end
  for _, varied in ipairs(section.varied or {}) do take(varied.name) end
  local first, others = section.variants[1], {}
  for _, variant in ipairs(section.variants) do
    for name, value in pairs(variant.params) do
      if not notation.same(value, first.params[name]) then others[name] = true end
    end
  end
  for _, name in ipairs(sorted_keys(others)) do take(name) end
  return names
end

-- The names of the parameters that a variant is called by: all that its sweep varies, so that no two have one name,
-- then others that differ from the defaults.
local function own_names(variant, varying)
  local names, taken = {}, {}
  for i, name in ipairs(varying) do names[i], taken[name] = name, true end
  for _, name in ipairs(sorted_keys(variant.changed)) do
    if not taken[name] then names[#names + 1] = name end
  end
  return names
end

--- What the variants of an experiment are called: "depth = 3, width = 500", all that their sweep varies and what else
-- differs from the defaults; or "the defaults". One that is in several sections has the name of the first.
-- @tparam Records records
-- @treturn {{variant=,section=,name=},...} each variant once
-- @treturn {[string]=string} names by the ids of trials
function naming.names(records)
  local list, by_trial = {}, {}
  for _, section in ipairs(records.manifest.sections) do
    local variants = section.kind ~= "conclusion" and section.variants or {}
    local varying = #variants > 0 and naming.varying(section) or {}
    for _, variant in ipairs(variants) do
      local names, first = own_names(variant, varying), variant.trials[1]
      if not by_trial[first] then
        local name = #names == 0 and naming.DEFAULTS or records:settings(variant.params, names)
        list[#list + 1] = { variant = variant, section = section, name = name }
        for _, id in ipairs(variant.trials) do by_trial[id] = name end
      end
    end
    for _, id in ipairs(section.kind == "confirmation" and section.variant.trials or {}) do
      by_trial[id] = by_trial[id] or by_trial[section.chosen]
    end
  end
  return list, by_trial
end

--- The name of one variant, see `names`.
-- @tparam Records records
-- @tparam table variant from the manifest
-- @treturn string
function naming.name(records, variant)
  return select(2, naming.names(records))[variant.trials[1]] or naming.DEFAULTS
end

return naming
