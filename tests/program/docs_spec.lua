-- The reference: every public function has an example, and every example runs. The tables of scripts/keras_names.md are
-- true.
local lfs = require "lfs"
local doc_comments = require "tests.support.doc_comments"
local examples = require "tests.support.examples"
local files = require "nn.support.files"
local locate = require "nn.datasets.locate"
local nn = require "nn"
local Progress = require "nn.trials.progress"
local session = require "nn.experiment.session"

-- ---- the pages ------------------------------------------------------------------------------------------------------

local function config()
  local settings = {}
  assert(loadfile("scripts/config.ld", "t", settings))()
  return settings
end

-- The comments of each page: module name -> list of blocks.
local function read_pages()
  local pages = {}
  for _, path in ipairs(config().file) do
    local blocks = doc_comments.read("scripts/" .. path)
    local module = assert(blocks[1] and blocks[1].module, path .. " does not begin with the module it belongs to")
    pages[module] = pages[module] or {}
    for _, block in ipairs(blocks) do
      if block.name and not block.is_local then table.insert(pages[module], block) end
    end
  end
  return pages
end

local pages = read_pages()

-- The names with an example on a page: of comments, and those that examples call with the module's name before them.
local function shown_on(module)
  local shown = {}
  for _, block in ipairs(pages[module]) do
    for _, usage in ipairs(doc_comments.tags(block, "usage")) do
      shown[block.name] = true
      for name in usage:gmatch(module:gsub("%p", "%%%0") .. "%.([%w_]+)") do shown[name] = true end
    end
  end
  return shown
end

local function module_of(name)
  local value = { nn = nn }
  for part in name:gmatch "[^.]+" do value = value[part] end
  return value
end

describe("every public function has an example:", function()
  for _, module in ipairs { "nn.layers", "nn.models", "nn.optimizers", "nn.optimizers.schedules", "nn.losses",
    "nn.metrics", "nn.activations", "nn.initializers", "nn.regularizers", "nn.constraints", "nn.callbacks", "nn.utils",
    "nn.preprocessing", "nn.random", "nn.image", "nn.plot", "nn.advice", "nn.space", "nn.ops",
    "nn.ops.image", "nn.applications" } do
    it(module, function()
      local shown, lacking, shown_value = shown_on(module), {}, {} -- one that has several names is shown by any
      for name in pairs(shown) do shown_value[rawget(module_of(module), name) or name] = true end
      for name, value in pairs(module_of(module)) do
        local is_of_losses = module == "nn.metrics" and rawget(nn.losses, name) == value
        if type(value) == "function" and not (shown_value[value] or is_of_losses) then
          lacking[#lacking + 1] = name
        end
      end
      table.sort(lacking)
      assert.are.same({}, lacking)
    end)
  end

  local function methods_of(object)
    local found, meta = {}, getmetatable(object)
    local index = meta and meta.__index
    for _, name in ipairs(meta and meta.__names and meta.__names() or {}) do found[name] = true end
    while type(index) == "table" do
      for name in pairs(index) do found[name] = true end
      meta = getmetatable(index)
      index = meta and meta.__index
    end
    return found
  end

  it("methods of tensors", function()
    local shown, lacking = {}, {}
    for _, block in ipairs(pages["nn.tensor"]) do
      for _, usage in ipairs(doc_comments.tags(block, "usage")) do
        shown[block.name:match "[%w_]+$"] = true
        for name in usage:gmatch ":([%w_]+)" do shown[name] = true end
      end
    end
    for name in pairs(require("engine.tensor").methods) do
      if not shown[name] then lacking[#lacking + 1] = name end
    end
    table.sort(lacking)
    assert.are.same({}, lacking)
  end)

  it("nn: each of its names has a page, or an example", function()
    local lacking = {}
    for _, name in ipairs(getmetatable(nn).__names()) do
      local shown = pages["nn." .. name] or shown_on("nn")[name] or shown_on("nn.tensor")[name]
        or shown_on("nn.models")[name] or shown_on("nn.layers")[name] or shown_on("nn.experiment")[name]
        or shown_on("nn.perceptron")[name]
      if not shown then lacking[#lacking + 1] = name end
    end
    assert.are.same({}, lacking)
  end)

  it("all that is documented", function()
    local lacking = {}
    for module, blocks in pairs(pages) do
      for _, block in ipairs(blocks) do
        if #doc_comments.tags(block, "usage") == 0 then lacking[#lacking + 1] = module .. " " .. block.name end
      end
    end
    assert.are.same({}, lacking)
  end)

  -- Arguments of Keras that are taken for the sake of a good message: they are errors.
  local REFUSED = { lora_rank = true, lora_alpha = true, sparse = true, mask = true, renorm = true,
    renorm_clipping = true, renorm_momentum = true, synchronized = true }

  -- By documented class of a source: its comment, and the arguments that it takes.
  local function classes_of(path)
    local text, classes, starts = files.read(path), {}, {}
    for start, class in text:gmatch "()\n%-%- @function (%u%w+)\n" do starts[#starts + 1] = { start, class } end
    for i, each in ipairs(starts) do
      local part = text:sub(each[1], starts[i + 1] and starts[i + 1][1] or -1)
      classes[each[2]] = { comment = part:match "^(.-)\n[^-\n]", arguments = part:match "arguments = (%b{})" or "" }
    end
    return classes
  end

  it("all arguments of layers and callbacks", function()
    local lacking, count = {}, 0
    local function look_at(path)
      if lfs.attributes(path, "mode") == "directory" then
        for entry in lfs.dir(path) do
          if not entry:find "^%." then look_at(path .. "/" .. entry) end
        end
        return
      end
      for class, about in pairs(classes_of(path)) do
        for name in about.arguments:gmatch '{ "([%w_]+)"' do
          count = count + 1
          local is_told = about.comment:find("@tparam[^\n]* " .. name .. "%f[^%w_]") or REFUSED[name]
          if not is_told then lacking[#lacking + 1] = class .. " " .. name end
        end
      end
    end
    look_at "scripts/nn/layers"
    look_at "scripts/nn/callbacks"
    assert.are.same({}, lacking)
    assert.is_true(count > 50)
  end)

  it("no default that LDoc takes apart: a comma ends a modifier", function()
    for _, blocks in pairs(pages) do
      for _, block in ipairs(blocks) do
        for _, text in ipairs(block.tags) do assert.is_nil(text.modifier:find(",", 1, true), block.name) end
      end
    end
  end)

  it("all names of advice", function()
    local comment = files.read("scripts/nn/advice/init.lua"):match "^(.-)\nlocal"
    for name in pairs(nn.advice.names) do assert.is_truthy(comment:find("`" .. name .. "`", 1, true), name) end
  end)

  it("documented methods exist", function()
    local model = nn.Sequential {}
    local known = { model = methods_of(model), layer = methods_of(nn.layers.Dense { 1 }),
      optimizer = methods_of(nn.optimizers.Adam {}), metric = methods_of(nn.metrics.Mean {}) }
    for _, blocks in pairs(pages) do
      for _, block in ipairs(blocks) do
        local kind, method = block.name:match "^(%l+)[:.]([%w_]+)$"
        if known[kind] and method ~= "__call" then
          assert.is_true(known[kind][method], block.name .. " is documented, but is not there")
        end
      end
    end
  end)
end)

-- ---- the examples ---------------------------------------------------------------------------------------------------

-- Runs in a folder of its own.
local function in_folder(run)
  local before, folder = lfs.currentdir(), os.tmpname()
  os.remove(folder)
  lfs.mkdir(folder)
  lfs.chdir(folder)
  local ok, message = pcall(run)
  lfs.chdir(before)
  os.execute(("rm -r '%s'"):format(folder))
  if not ok then error(message, 0) end
end

-- Data sets are not downloaded for a test.
local function is_here(name)
  local set = nn.datasets[name].set
  for _, file in ipairs(set.files) do
    if not locate.find(set, file) then return false end
  end
  return true
end

describe("the example runs:", function()
  local print_line, stderr = Progress.print, io.stderr

  setup(function()
    io.stderr = { write = function() end, flush = function() end } -- luacheck: ignore
    nn.advice.silence()
    Progress.print = function() end
  end)

  teardown(function()
    nn.advice.reset()
    Progress.print, io.stderr = print_line, stderr -- luacheck: ignore
    session.start {}
  end)

  for module, blocks in pairs(pages) do
    for _, block in ipairs(blocks) do
      for _, code in ipairs(doc_comments.tags(block, "usage")) do
        it(module .. " " .. block.name, function()
          local set = block.name:match "^([%w_]+)%.load_data$"
          if set and not is_here(set) then return pending("the data set " .. set .. " is not here") end
          if block.name == "plot_model" and not os.execute "command -v dot >/dev/null" then
            return pending "Graphviz is not installed"
          end
          in_folder(function()
            session.start { quiet = true, jobs = 1 }
            local world = examples.world()
            if module == "nn.experiment" then world.lab = examples.lab(world) end
            examples.run(code, world)
          end)
        end)
      end
    end
  end
end)

-- ---- the tables of Keras' names -------------------------------------------------------------------------------------

local SECTIONS = {
  ["Layers"] = "nn.layers", ["Optimizers"] = "nn.optimizers", ["Schedules"] = "nn.optimizers.schedules",
  ["Losses"] = "nn.losses", ["Metrics"] = "nn.metrics", ["Activations"] = "nn.activations",
  ["Initializers"] = "nn.initializers", ["Regularizers"] = "nn.regularizers", ["Constraints"] = "nn.constraints",
  ["Callbacks"] = "nn.callbacks", ["Utils"] = "nn.utils", ["Preprocessing"] = "nn.preprocessing",
  ["Models and training"] = "nn.models", ["Random numbers"] = "nn.random", ["Operations"] = "nn.ops",
  ["Operations on pictures"] = "nn.ops.image",
  ["Data sets"] = "nn.datasets", ["Networks with a name"] = "nn.applications",
}

-- Section -> name -> what the table says of it; section -> its names in the order of the rows. A second table of a
-- section is of methods.
local function read_tables()
  local found, orders, section = {}, {}, nil
  for line in io.lines "scripts/keras_names.md" do
    local title, object = line:match "^## (.+)$", line:match "^Methods and fields of a (%l+)"
    if title or object then
      section = title or object
      found[section], orders[section] = {}, {}
    end
    local name, status = line:match "^| %*?`([%w_]+)`%*? | (.-) |$"
    if name then
      found[section][name] = status
      table.insert(orders[section], name)
    elseif line:find "^| [^K-]" then
      error("no row of one name: " .. line)
    end
  end
  return found, orders
end

describe("the tables of Keras' names", function()
  local sections, orders = read_tables()

  it("are sorted, one name a row, so that two branches rarely add at the same place", function()
    for section, names in pairs(orders) do
      for i = 2, #names do
        assert.is_true(names[i - 1] < names[i], ("%s: %s before %s"):format(section, names[i - 1], names[i]))
      end
    end
  end)

  for title, name in pairs(SECTIONS) do
    it("is true of " .. name, function()
      local module, wrong = module_of(name), {}
      for keras, status in pairs(sections[title]) do
        local is_there = rawget(module, keras) ~= nil
        local elsewhere = status:match "^differs: it is `(nn[%w_.]+)`"
        if elsewhere then is_there = module_of(elsewhere) ~= nil end
        if is_there ~= not status:find "^not here" then wrong[#wrong + 1] = keras end
      end
      assert.are.same({}, wrong)
    end)

    it("has all of " .. name, function()
      local missing = {}
      for class, value in pairs(module_of(name)) do
        local is_class = class:find "^%u" or title == "Activations" or title == "Utils" or title == "Preprocessing"
          or title:find "^Operations"
        if type(value) == "function" and is_class and not sections[title][class] then missing[#missing + 1] = class end
      end
      assert.are.same({}, missing)
    end)
  end

  it("is true of the methods and fields of models and layers", function()
    local model = nn.Sequential { nn.layers.Dense { 1, input_shape = { 2 } } }
    model:compile { optimizer = "sgd", loss = "mse" }
    model:evaluate(nn.ones { 1, 2 }, nn.ones { 1, 1 })
    for kind, object in pairs { model = model, layer = model.layers[1] } do
      for name, status in pairs(sections[kind]) do
        if not status:find "^not here" then assert.is_true(object[name] ~= nil, kind .. " " .. name) end
      end
    end
  end)

  -- How an error goes on that says of a name what the table says.
  local function wording(status)
    local reason = status:gsub("`", ""):match "^not here: (.+)$"
    return reason and " here: " .. reason or " here, though Keras has it"
  end

  local function told_otherwise(names, object)
    local wrong = {}
    for name, status in pairs(names) do
      local ok, message = pcall(function() return object[name] end)
      local is_told = not ok and message:sub(-#wording(status)) == wording(status)
      if status:find "^not here" and not is_told then wrong[#wrong + 1] = name end
    end
    return wrong
  end

  for title, name in pairs(SECTIONS) do
    it("gives the reasons that errors give: " .. name, function()
      assert.are.same({}, told_otherwise(sections[title], module_of(name)))
    end)
  end

  it("gives the reasons that errors give: models and layers", function()
    local model = nn.Sequential { nn.layers.Dense { 1, input_shape = { 2 } } }
    assert.are.same({}, told_otherwise(sections.model, model))
    assert.are.same({}, told_otherwise(sections.layer, model.layers[1]))
  end)
end)
