-- Every public function and class refuses an option that it does not know, and names it.
local lfs = require "lfs"
local doc_comments = require "tests.support.doc_comments"
local examples = require "tests.support.examples"
local nn = require "nn"
local Progress = require "nn.trials.progress"
local session = require "nn.experiment.session"

local UNKNOWN = { no_such_option = 1 }

-- Parameters that are tables of options, as the doc comments call them.
local OPTIONS = { options = true, spec = true, given = true, definition = true, num_classes = true }

-- The public functions as the reference has them: module, name, and the names of the parameters.
local function documented()
  local settings, list, seen = {}, {}, {}
  assert(loadfile("scripts/config.ld", "t", settings))()
  for _, path in ipairs(settings.file) do
    local module
    for _, block in ipairs(doc_comments.read("scripts/" .. path)) do
      module = module or block.module
      local parameters = {}
      for _, tag in ipairs(block.tags) do
        local words = table.concat(tag.lines, " ")
        local name = tag.name == "tparam" and words:match "^%S+%s+([%w_]+)" or tag.name == "param"
          and words:match "^([%w_]+)"
        if name and not words:match("^%S*%s*" .. name .. "%.") then parameters[#parameters + 1] = name end
      end
      if block.name and not block.is_local and not seen[module .. block.name] then
        seen[module .. block.name] = true
        list[#list + 1] = { module = module, name = block.name, parameters = parameters }
      end
    end
  end
  return list
end

-- What stands before the options in a call, by the parameters' names.
local function value_of(name, world)
  local values = {
    x = world.x, y = world.y, inputs = world.x, path = "model.safetensors", model = world.model, y_true = world.y,
    y_pred = world.predicted, layer = world.layer, images = world.images, title = "Title", what = { width = { 5, 6 } },
    base = {}, changes = { width = 6 }, params = {}, directory = "pets", text = "a text", name = "relu",
    lists = { { 1 }, { 2 } },
    histories = world.history, history = world.history, pixels = world.images, size = { 4, 4 },
    t = world.t, columns = { world.reviews }, dates = { "2026-01-01" }, applied = world.layer,
  }
  return values[name]
end

local function arguments_for(entry, world)
  local list, count = {}, 0
  for _, name in ipairs(entry.parameters) do
    count = count + 1
    if OPTIONS[name] then
      list[count] = UNKNOWN
      return list, count
    end
    list[count] = value_of(name, world)
  end
end

local function function_of(entry, world)
  local kind, method = entry.name:match "^(%l+)[:]([%w_]+)$"
  local object = kind and world[kind]
  if kind then return object and method ~= "__call" and object[method] or object, object end
  local value = { nn = nn }
  local name = entry.module == "nn.experiment" and "nn.Experiment"
    or entry.module == "nn.perceptron" and "nn.Perceptron" or entry.module == "nn.tensor" and "nn." .. entry.name
    or entry.module .. "." .. entry.name
  for part in name:gmatch "[^.]+" do value = value[part] end
  return value
end

describe("an unknown option is refused:", function()
  local before, folder, world, stderr, print_line = lfs.currentdir(), os.tmpname(), nil, io.stderr, Progress.print

  setup(function()
    io.stderr = { write = function() end, flush = function() end } -- luacheck: ignore
    Progress.print = function() end
    os.remove(folder)
    lfs.mkdir(folder)
    lfs.chdir(folder)
    session.start { quiet = true, jobs = 1 }
    world = examples.world()
    world.lab, world.tensor = examples.lab(world), world.t
    local tape <close> = nn.GradientTape()
    world.tape = tape
    world.generator = nn.preprocessing.image.ImageDataGenerator {}
    world.custom = nn.layers.Layer:extend { name = "Same", call = function(_, x) return x end } {}
    world.counter = nn.metrics.Metric:extend { name = "Same", update_state = print, result = print } {}
  end)

  teardown(function()
    lfs.chdir(before)
    os.execute(("rm -r '%s'"):format(folder))
    Progress.print, io.stderr = print_line, stderr -- luacheck: ignore
    session.start {}
  end)

  for _, entry in ipairs(documented()) do
    local takes_options = false
    for _, name in ipairs(entry.parameters) do takes_options = takes_options or OPTIONS[name] or false end
    local is_class = entry.name:find "^%u%w*$" ~= nil
    if is_class or takes_options then
      it(entry.module .. " " .. entry.name, function()
        local f, object = function_of(entry, world)
        local list, count = { UNKNOWN }, 1
        if not is_class then list, count = arguments_for(entry, world) end
        local ok, message
        if object and object ~= f then
          ok, message = pcall(f, object, table.unpack(list, 1, count))
        else
          ok, message = pcall(f, table.unpack(list, 1, count))
        end
        assert.is_false(ok, "it was taken")
        assert.is_truthy(tostring(message):find("no_such_option", 1, true), tostring(message))
      end)
    end
  end
end)
