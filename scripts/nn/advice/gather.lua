--- One line of advice for many variants of an experiment.
local kinds = require "nn.advice.kinds"

local MOST_NAMED = 3

-- Pieces by name and part of the model: of how many variants, of which, and whether all say it in the same words.
local function count(variants)
  local groups, by_name = {}, {}
  for _, variant in ipairs(variants) do
    local own = {}
    for _, piece in ipairs(variant.pieces) do
      local key = piece.name .. "\0" .. (piece.part or "")
      local group = by_name[key]
      if not group then
        group = { piece = piece, labels = {}, is_alike = true, worst = variant.label }
        groups[#groups + 1], by_name[key] = group, group
      end
      if not own[key] then
        own[key] = true
        group.has_best = group.has_best or variant.is_best
        table.insert(group.labels, variant.label)
        group.is_alike = group.is_alike and piece.text == group.piece.text
        if (piece.size or 0) > (group.piece.size or 0) then group.piece, group.worst = piece, variant.label end
      end
    end
  end
  return groups
end

local function named(labels)
  local shown = table.concat(labels, "; ", 1, math.min(#labels, MOST_NAMED))
  return #labels > MOST_NAMED and ("%s and %d more"):format(shown, #labels - MOST_NAMED) or shown
end

-- "the training loss did not fall ... (in 2 of 5 variants of Rate: lr = 1; lr = 3; the numbers are those of lr = 1)"
local function text_of(title, group, total)
  local labels, of_title = group.labels, title and " of " .. title or ""
  local all = total == 2 and "both" or ("all %d"):format(total)
  local share = #labels == total and ("in %s variants%s"):format(all, of_title)
    or ("in %d of %d variants%s: %s"):format(#labels, total, of_title, named(labels))
  local example = group.is_alike and "" or "; the numbers are those of " .. group.worst
  return ("%s (%s%s)"):format(group.piece.text, share, example)
end

local function has_best(variants)
  for _, variant in ipairs(variants) do
    if variant.is_best then return true end
  end
  return false
end

local function is_given(group, total, is_single, is_best_known)
  local kind = kinds[group.piece.name] or {}
  if kind.follows_rate and is_best_known and not group.has_best then return false end
  if not kind.is_choice then return true end
  return not is_single and group.is_alike and #group.labels == total
end

--- What is to be said of the variants of a section.
-- @tparam ?string title of the section
-- @tparam {{label=string,pieces={piece,...},is_best=boolean},...} variants; is_best: of the best one, where they
-- differ in their optimizer
-- @tparam boolean is_drawn whether even a single variant is one of many that might have been drawn
-- @treturn {piece,...} with `raw`, the text of the first variant that calls for it
return function(title, variants, is_drawn)
  local result, total = {}, #variants
  if total == 1 and not is_drawn then return variants[1].pieces end
  local is_best_known = has_best(variants)
  for _, group in ipairs(count(variants)) do
    if is_given(group, total, total == 1, is_best_known) then
      local piece = group.piece
      result[#result + 1] = { name = piece.name, where = piece.where, raw = piece.text,
        text = total == 1 and piece.text or text_of(title, group, total) }
    end
  end
  return result
end
