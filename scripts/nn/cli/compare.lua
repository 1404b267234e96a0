--- `nnrun compare TRIAL TRIAL...`: what differs between trials, in parameters, metrics and all that is recorded.
local blame = require "nn.support.blame"
local facts = require "nn.cli.facts"
local index = require "nn.store.index"
local listing = require "nn.cli.listing"
local notation = require "nn.support.notation"
local trials = require "nn.cli.trials"

local command = { summary = "Show what differs between trials." }

-- These differ between any two trials and tell nothing.
local LEFT_OUT = { id = true, started = true, finished = true }

--- Declares the words of the command.
-- @param parser of argparse
function command.configure(parser)
  parser:argument("trials", trials.NAMES):args "2+"
  trials.configure(parser)
  listing.configure(parser)
end

--- The facts that are not the same for all; in the order of the first trial that has them, by part.
local function differences(found)
  local order, values, parts = {}, {}, {}
  for i, each in ipairs(found) do
    for _, fact in ipairs(facts.of(each.record)) do
      local key = fact.part .. " " .. fact.name
      if not values[key] then
        values[key], order[#order + 1], parts[key] = {}, key, fact
      end
      values[key][i] = fact.value
    end
  end
  local rows = {}
  for _, key in ipairs(order) do
    local differs = false
    for i = 2, #found do differs = differs or not notation.same(values[key][i], values[key][1]) end
    if differs and not LEFT_OUT[parts[key].name] then
      rows[#rows + 1] = { parts[key].part, parts[key].name, table.unpack(values[key], 1, #found) }
    end
  end
  return rows
end

--- Writes the values of each row so that those that differ look different.
local function tell_apart(rows, count)
  for _, row in ipairs(rows) do
    local text = notation.namer(table.move(row, 3, count, 1, {}))
    for i = 3, count do row[i] = text(row[i]) end
  end
end

--- What a reader asks for first: parameters, then metrics, then the rest.
local function by_interest(rows)
  local sorted = {}
  local function take(wanted)
    for _, row in ipairs(rows) do
      if wanted(row[1]) then sorted[#sorted + 1] = row end
    end
  end
  take(function(part) return part == "params" end)
  take(function(part) return part == "metrics" or part == "test" end)
  take(function(part) return part ~= "params" and part ~= "metrics" and part ~= "test" end)
  return sorted
end

--- Runs the command.
-- @tparam table args as parsed: trials, reports, experiment, format
-- @treturn integer exit status
function command.run(args)
  local database = index.open(args.reports)
  local found, names, seen = {}, { "part", "name" }, {}
  for i, name in ipairs(args.trials) do
    found[i] = trials.read(database, name, args.experiment)
    local title = found[i].id
    if seen[title] == found[i].experiment then blame("compare: %s is named twice", title) end
    names[i + 2] = seen[title] and ("%s (%s)"):format(title, found[i].experiment) or title
    seen[title] = found[i].experiment
  end
  database:close()
  local rows = by_interest(differences(found))
  if #rows == 0 then io.stderr:write "nothing differs but the times\n" end
  if args.format == "table" or args.format == "md" then tell_apart(rows, #names) end
  listing.print(args.format, names, rows, { "name" })
  return 0
end

return command
