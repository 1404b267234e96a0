-- A trial is what decides its result: what trains otherwise is another trial, and what trains alike is the same one.
local digest = require "nn.support.digest"
local Experiment = require "nn.experiment"
local fakes = require "tests.support.experiment_fakes"
local files = require "nn.support.files"
local nn = require "nn"
local Progress = require "nn.trials.progress"
local json = require "nn.support.json"
local report = require "nn.report"
local runs = require "tests.support.runs"
local session = require "nn.experiment.session"
local trial = require "nn.trials.trial"

local x = nn.random.normal { shape = { 20, 3 }, seed = 1 }
local y = x[{ {}, { 1, 1 } }]

-- A function of some source text; `values` are its upvalues' names and values, one a local variable.
local function compiled(body, values)
  local names, list = {}, {}
  for name in pairs(values or {}) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do list[i] = values[name] end
  local head = #names > 0 and "local " .. table.concat(names, ", ") .. " = ...\n" or ""
  return assert(load(head .. "return " .. body, "@script.lua"))(table.unpack(list))
end

local function hash(...) return (digest.of(compiled(...))) end

describe("the digest of a function", function()
  it("is the same wherever it stands and whatever its variables are called", function()
    assert.equal(hash "function(a) return a * 2 end", hash "\n\nfunction(b)\n -- twice\n return b * 2\nend")
    assert.equal(hash("function(a) return function() return a, k end end", { k = 1 }),
      hash("function(a)\n\n return function()\n return a, factor end end", { factor = 1 }))
  end)

  it("tells code and constants apart", function()
    local seen = {}
    for _, body in ipairs {
      "function(a) return a * 2 end", "function(a) return a * 3 end", "function(a) return a + 2 end",
      "function(a) return a * 2.5 end", 'function(a) return a.x end', 'function(a) return a.y end',
      "function(a) return function() return a * 2 end end", "function(a) return function() return a * 3 end end",
      "function(a, b) return a * 2 end", "function(...) return ... end" } do
      assert.is_nil(seen[hash(body)], body)
      seen[hash(body)] = true
    end
  end)

  it("tells captured values apart, as deep as they lie", function()
    local body = "function(a) return a * k end"
    local seen = {}
    for _, value in ipairs { 1, 1.5, -0.0, 0, "1", true, false, math.huge, -math.huge, 0 / 0, {}, { 1 }, { a = 1 },
      { a = { b = 1 } }, { a = { b = 2 } }, nn.zeros { 2 }, nn.zeros { 1, 2 }, nn.ones { 2 }, nn.zeros({ 2 }, "int32"),
      compiled "function() return 1 end", compiled "function() return 2 end", math.floor, math.ceil, math, io.stdout,
      nn.optimizers.SGD { 0.1 }, nn.optimizers.SGD { 0.2 }, nn.layers.Dense, nn.layers.Dropout,
      setmetatable({}, { __index = { k = 1 } }), setmetatable({}, { __index = { k = 2 } }) } do
      local id = hash(body, { k = value })
      assert.is_nil(seen[id], tostring(value))
      assert.equal(id, hash(body, { k = value }))
      seen[id] = true
    end
    assert.equal(hash(body, { k = 1 }), hash(body, { k = 1.0 }))
  end)

  it("knows an optimizer by its settings, not by what it has updated", function()
    local sgd, variable = nn.optimizers.SGD { 0.1, momentum = 0.9 }, nn.zeros { 2 }
    local before = digest.of(sgd)
    sgd:apply_gradients { { nn.ones { 2 }, variable } }
    local used, problems = digest.of(sgd)
    assert.same({}, problems)
    assert.are_not.equal(before, used)
    sgd.iterations = 0
    assert.equal(before, (digest.of(sgd)))
  end)

  it("knows the script's globals that it reads, and no others", function()
    local function with(globals)
      local environment = setmetatable(globals, { __index = _G })
      return (digest.of(load("return function(a) return math.max(helper(a), a.other) end", "=s", "t", environment)()))
    end
    local one = with { helper = compiled "function(a) return a end" }
    assert.equal(one, with { helper = compiled "function(a) return a end", other = 5, b = 1 })
    assert.are_not.equal(one, with { helper = compiled "function(a) return -a end" })
  end)

  it("knows the script's modules that it loads", function()
    local function with(module)
      package.loaded.spec_helper = module
      return hash 'function(a) return require("spec_helper").f(a) end'
    end
    local one = with { f = compiled "function(a) return a end" }
    local same = with { f = compiled "function(b) return b end" }
    local other = with { f = compiled "function(a) return -a end" }
    package.loaded.spec_helper = nil
    assert.equal(one, same)
    assert.are_not.equal(one, other)
  end)

  it("does not depend on the order of a table's keys, also where they are tables", function()
    local function ring(order)
      local t, keys = {}, { {}, { 1 }, { 2 }, "a", 3, true }
      t.self = t
      for _, i in ipairs(order) do t[keys[i]] = i end
      t[t] = "itself"
      return t
    end
    assert.equal((digest.of(ring { 1, 2, 3, 4, 5, 6 })), (digest.of(ring { 6, 4, 2, 1, 3, 5 })))
    local function alike(values) -- in keys, not in values
      local t = {}
      for _, value in ipairs(values) do t[{}] = value end
      return (digest.of(t))
    end
    for _ = 1, 20 do assert.equal(alike { 1, 2, 3 }, alike { 3, 1, 2 }) end
  end)

  it("names what has no hash, and where it is", function()
    local _, unknown = digest.of(compiled("function() return co, t end", { co = coroutine.create(print),
      t = { file = io.tmpfile() } }), "callbacks")
    assert.same({ 'script.lua:2: callbacks: upvalue "co" is a coroutine',
      'script.lua:2: callbacks: upvalue "t", field "file" is a userdata' }, unknown)
  end)

  it("gives a function a name that can be stored", function()
    local f = compiled "function(a) return a * 2 end"
    local stored = digest.stored { rate = f, list = { 1, "a", f }, t = nn.zeros { 2 }, odd = { 1, k = 2 } }
    assert.matches("^function %x+$", stored.rate)
    assert.same({ 1, "a", stored.rate }, stored.list)
    assert.matches("^tensor %x+$", stored.t)
    assert.matches("^table %x+$", stored.odd)
  end)
end)

describe("the id of a trial", function()
  local real = { print = Progress.print, write = report.write }
  local said

  setup(function()
    report.write = function(folder) return folder .. "/report.md" end
    Progress.print = function(_, line) said[#said + 1] = line end
  end)

  teardown(function()
    report.write, Progress.print = real.write, real.print
    session.start {}
    fakes.clean()
  end)

  before_each(function()
    said = {}
    session.start { reports = fakes.folder(), jobs = 1 }
  end)

  local function network(p, change)
    local model = nn.Sequential { nn.Input { shape = { 3 } }, nn.layers.Dense { 1, name = "out" } }
    model:compile { optimizer = nn.optimizers.SGD { 0.1 }, loss = "mse" }
    if change then change(model, p) end
    return model
  end

  local count = 0

  local function declare(given)
    count = count + 1
    local all = { name = "lab_" .. count, train = { x, y }, validation = { x, y }, params = { k = 1 }, build = network }
    for name, value in pairs(given or {}) do all[name] = value end
    return Experiment.new(all)
  end

  local function plans_of(given, params)
    local lab = declare(given)
    return trial.plans(lab, params or { k = 1 }, { label = "x" })
  end

  local function id_of(...) return plans_of(...)[1].id end

  -- The id where build changes the model so.
  local function id_with(change)
    return id_of { build = function(p) return network(p, change) end }
  end

  it("is made of the weights that build sets", function()
    local plain = id_of()
    local function set(value)
      return function(model)
        model:get_layer "out":set_weights { nn.full({ 3, 1 }, value), nn.zeros { 1 } }
      end
    end
    assert.equal(plain, id_of())
    assert.are_not.equal(plain, id_with(set(1)))
    assert.are_not.equal(id_with(set(2)), id_with(set(1)))
    assert.equal(id_with(set(1)), id_with(set(1)))
    local function write_in_place(model) model:get_layer "out".weights[2][1] = 7 end
    assert.are_not.equal(plain, id_with(write_in_place))
  end)

  it("is made of weights that are read from a file, of its contents and not of its name", function()
    local folder = fakes.folder()
    local function file(name, value)
      local model = network()
      model:set_weights { nn.full({ 3, 1 }, value), nn.zeros { 1 } }
      model:save_weights(folder .. name)
    end
    local function load_from(name)
      return id_with(function(model) model:load_weights(folder .. name) end)
    end
    file("/a.safetensors", 1)
    local before = load_from "/a.safetensors"
    file("/b.safetensors", 1)
    file("/a.safetensors", 2)
    assert.equal(before, load_from "/b.safetensors")
    assert.are_not.equal(before, load_from "/a.safetensors")
  end)

  it("is made of what layers have adapted to, in models within models too", function()
    local function nested(rows)
      return id_of { build = function()
        local norm = nn.layers.Normalization {}
        norm:adapt(x[{ { 1, rows } }])
        local inner = nn.Sequential { nn.Input { shape = { 3 } }, norm, nn.layers.Dense { 2 } }
        local model = nn.Sequential { inner, nn.layers.Dense { 1 } }
        model:compile { optimizer = "sgd", loss = "mse" }
        return model
      end }
    end
    assert.are_not.equal(nested(5), nested(6))
    assert.equal(nested(5), nested(5))
  end)

  it("is made of what a Lambda computes: code, captured values, arguments, gradient", function()
    local function lambda(options)
      return id_of { build = function()
        local model = nn.Sequential { nn.Input { shape = { 3 } }, nn.layers.Lambda(options), nn.layers.Dense { 1 } }
        model:compile { optimizer = "sgd", loss = "mse" }
        return model
      end }
    end
    local f = compiled "function(t) return t * 2 end"
    local same, other = compiled "function(s)\n\n return s * 2 end", compiled "function(t) return t * 3 end"
    local g = compiled("function(t) return t * k end", { k = 2 })
    assert.equal(lambda { f }, lambda { same })
    assert.are_not.equal(lambda { f }, lambda { other })
    assert.are_not.equal(lambda { g }, lambda { compiled("function(t) return t * k end", { k = 3 }) })
    assert.are_not.equal(lambda { f }, lambda { f, arguments = { k = 1 } })
    assert.are_not.equal(lambda { f, arguments = { k = 2 } }, lambda { f, arguments = { k = 1 } })
    assert.are_not.equal(lambda { f, gradient = compiled "function(_, dy) return dy * 2 end" },
      lambda { f, gradient = compiled "function(_, dy) return dy * 3 end" })
  end)

  it("is made of what is changed after compile", function()
    local ids = { [id_of()] = true }
    for _, change in ipairs {
      function(model) model.optimizer.learning_rate = 0.2 end,
      function(model) model.optimizer.learning_rate = nn.optimizers.schedules.CosineDecay { 0.1, 10 } end,
      function(model) model.optimizer.learning_rate = nn.optimizers.schedules.CosineDecay { 0.1, 20 } end,
      function(model) model.optimizer.learning_rate = compiled "function(step) return 1 / (step + 1) end" end,
      function(model) model.optimizer.learning_rate = compiled "function(step) return 2 / (step + 1) end" end,
      function(model) model.optimizer.iterations = 10 end,
      function(model) model.optimizer = nn.optimizers.Adam {} end,
      function(model) model.layers[1].trainable = false end,
      function(model) model:fit(x, y, { verbose = 0 }) end,
      function(model)
        model.layers[1].trainable = false
        model:compile { optimizer = nn.optimizers.SGD { 0.1 }, loss = "mse" }
        model.layers[1].trainable = true
      end,
    } do
      local id = id_with(change)
      assert.is_nil(ids[id])
      assert.equal(id, id_with(change))
      ids[id] = true
    end
  end)

  it("is made of how many random numbers build has drawn, which come before those of training", function()
    local function draw() nn.random.normal { shape = { 2 } } end
    assert.are_not.equal(id_of(), id_with(draw))
  end)

  it("is made of what callbacks compute", function()
    local function of(body, values) return id_of { callbacks = compiled(body, values) } end
    local rates = "function(p) return { nn.callbacks.LearningRateScheduler(function(e) return r * p.k end) } end"
    assert.equal(of(rates, { nn = nn, r = 1 }), of("\n-- rates\n" .. rates, { nn = nn, r = 1 }))
    assert.are_not.equal(of(rates, { nn = nn, r = 1 }), of(rates, { nn = nn, r = 2 }))
    assert.are_not.equal(of(rates, { nn = nn, r = 1 }), id_of())
    local table_of = "function() return { acts } end"
    local act = { on_epoch_end = compiled("function() if stop then return end end", { stop = true }) }
    local other = { on_epoch_end = compiled("function() if stop then return end end", { stop = false }) }
    assert.are_not.equal(of(table_of, { acts = act }), of(table_of, { acts = other }))
    local object = "function() return { stopping } end"
    assert.are_not.equal(of(object, { stopping = nn.callbacks.EarlyStopping { patience = 1 } }),
      of(object, { stopping = nn.callbacks.EarlyStopping { patience = 2 } }))
  end)

  it("does not depend on which seeds are listed", function()
    local some, more = plans_of { seeds = { 2, 3 } }, plans_of { seeds = { 1, 2, 3, 4 } }
    assert.equal(some[1].id, more[2].id)
    assert.equal(some[2].id, more[3].id)
    assert.are_not.equal(more[1].id, more[2].id)
  end)

  it("is that of a trial trained again where a value has no hash, which a warning names", function()
    local file = io.tmpfile()
    local function run(seed)
      local lab = declare { name = "same", seeds = { seed }, params = { k = 1, epochs = 1 }, objective = "val_loss",
        callbacks = function() return { on_epoch_end = function() file:write "x" end } end }
      return lab:trial()
    end
    assert.is_false(run(1).reused)
    session.start { reports = session.options.reports, jobs = 1 }
    assert.is_false(run(1).reused)
    assert.matches('identity_spec.lua:%d+: callbacks: upvalue "file" is a userdata: it cannot be compared with that of '
      .. 'an earlier run, so trials with it are trained each time', table.concat(said, "\n"))
  end)

  it("is made with strict parameters: a callback that reads an unknown one fails with its name", function()
    local made = declare { params = { width = 1, epochs = 1 }, objective = "val_loss",
      callbacks = function(p) return { { on_epoch_end = function() return p.widht end } } end }:trial()
    assert.equal("failed", made.status)
    assert.matches("identity_spec.lua:%d+: there is no parameter widht; did you mean width", made.reason)
    assert.error_matches(function() return made.params.widht end, "did you mean width")
  end)

  it("has no part in it that a captured trial, result or experiment has by chance", function()
    local function rated(model, p) model.optimizer.learning_rate = p.k / 10 end
    local lab = declare { params = { k = 1, epochs = 1 }, objective = "val_loss",
      build = function(p) return network(p, rated) end }
    local result = lab:sweep("K", { k = { 1, 2 } })
    local body = "function() return lab, result, best end"
    local other = result.trials[result.best == result.trials[1] and 2 or 1]
    local before = hash(body, { lab = lab, result = result, best = result.best })
    result.best.seconds, lab.began = 99, 0
    assert.equal(before, hash(body, { lab = lab, result = result, best = result.best }))
    assert.are_not.equal(before, hash(body, { lab = lab, result = result, best = other }))
  end)
end)

describe("weights of classes and samples in an experiment", function()
  local real = { print = Progress.print, write = report.write }

  setup(function()
    report.write, Progress.print = function(folder) return folder .. "/report.md" end, function() end
  end)

  teardown(function()
    report.write, Progress.print = real.write, real.print
    session.start {}
    fakes.clean()
  end)

  before_each(function() session.start { reports = fakes.folder(), jobs = 1 } end)

  local inputs = nn.random.normal { shape = { 60, 3 }, seed = 2 }
  local ids = inputs[{ {}, 1 }]:gt(0.8):astype "int32"
  local weights = nn.random.uniform { shape = { 60 }, seed = 3 }

  local function build()
    local model = nn.Sequential { nn.layers.Dense { 2, activation = "softmax", input_shape = { 3 } } }
    model:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy" }
    return model
  end

  local function declare(given)
    local all = { name = "weighted", train = { inputs, ids }, validation = { inputs, ids }, params = { epochs = 2 },
      build = build, objective = "val_loss" }
    for name, value in pairs(given or {}) do all[name] = value end
    return Experiment.new(all)
  end

  -- What fit gives with these weights.
  local function by_hand(given)
    nn.utils.set_random_seed(1)
    return build():fit(inputs, ids, { epochs = 2, verbose = 0, class_weight = given.class_weight,
      sample_weight = given.sample_weight, validation_data = given.validation or { inputs, ids } }).history
  end

  it("go to fit, and are part of the id and of the record", function()
    local seen = {}
    for _, given in ipairs { {}, { class_weight = { [0] = 1, [1] = 5 } }, { class_weight = { [0] = 1, [1] = 6 } },
      { class_weight = "balanced" }, { sample_weight = weights }, { sample_weight = weights * 2 },
      { validation = { inputs, ids, weights } } } do
      session.start { reports = session.options.reports, jobs = 1 }
      local made = declare(given):trial()
      local history = by_hand(given)
      assert.is_near(history.loss[2], made.metrics.loss, 1e-7)
      assert.is_near(history.val_loss[2], made.metrics.val_loss, 1e-7)
      assert.is_nil(seen[made.id])
      assert.is_false(made.reused)
      seen[made.id] = true
    end
  end)

  it("make each class count as much as any other, as scikit-learn's \"balanced\"", function()
    local ones = ids:sum()
    local class_weight = { [0] = 60 / (2 * (60 - ones)), [1] = 60 / (2 * ones) }
    local function loss(given) return by_hand { class_weight = given }.loss[2] end
    assert.is_near(loss(class_weight), loss "balanced", 1e-7)
    assert.is_true(math.abs(loss(class_weight) - by_hand({}).loss[2]) > 1e-3)
  end)

  it("are in trial.json and experiment.json", function()
    local lab = declare { class_weight = { [0] = 1, [1] = 5 }, validation = { inputs, ids, weights } }
    local record = json.decode(files.read(("%s/trials/%s/trial.json"):format(lab.folder, lab:trial().id)))
    local manifest = json.decode(files.read(lab.folder .. "/experiment.json"))
    assert.same({ ["0"] = 1, ["1"] = 5 }, record.fit.class_weight)
    assert.same({ ["0"] = 1, ["1"] = 5 }, manifest.class_weight)
    assert.same({ 60 }, manifest.data.validation.sample_weight[1].shape)
    assert.is_nil(manifest.data.train.sample_weight)
  end)

  it("are checked before anything is trained", function()
    local few = weights[{ { 1, 10 } }]
    for _, case in ipairs {
      { { class_weight = "even" }, 'class_weight: expected a table such as { %[0%] = 1, %[1%] = 5 }, or "balanced"' },
      { { class_weight = { [7] = 1 } }, "class_weight: there is no class 7: the model has 2 classes" },
      { { sample_weight = few }, "train: sample_weight: expected a tensor with a weight for each of 60 samples" },
      { { validation = { inputs, ids, few } }, "validation: sample_weight: expected a tensor with a weight for each" },
      { { sample_weight = { 1, 2 } }, "train: sample_weight: expected a tensor" },
      { { train = { inputs, ids, weights } },
        "train: expected { x, y }, got 3 entries; weights of its samples are given as sample_weight" },
      { { class_weight = "balanced", sample_weight = weights }, "give either class_weight or sample_weight" },
    } do
      session.start { reports = session.options.reports, jobs = 1 }
      assert.error_matches(function() declare(case[1]):trial() end, case[2])
    end
  end)
end)

describe("parameters within build", function()
  local parameters = require "nn.experiment.parameters"

  it("are strict: a name that nobody declared is an error at the script's line", function()
    local p = parameters.strict { width = 5, deep = { a = 1 } }
    local _, message = pcall(compiled("function() return p.widht end", { p = p }))
    assert.matches("^script.lua:2: there is no parameter widht; did you mean width%?", message)
    assert.error_matches(function() return p[1] end, "there is no parameter 1; params of the experiment has deep")
  end)

  it("are a table as any other else", function()
    local given = { width = 5, deep = { a = 1 } }
    local p, seen = parameters.strict(given), {}
    for name in pairs(p) do seen[#seen + 1] = name end
    table.sort(seen)
    assert.same({ "deep", "width" }, seen)
    assert.equal("{ deep = { a = 1 }, width = 5 }", tostring(p))
    assert.same({ 1, 32, true }, { p.epochs, p.batch_size, p.shuffle })
    assert.is_nil(p.deep.b)
    p.deep.a, p.more = 2, 3
    assert.same({ 1, 3 }, { given.deep.a, p.more })
    assert.is_nil(rawget(p, "absent"))
  end)
end)

describe("a script that is run again", function()
  local folder

  before_each(function() folder = fakes.folder() end)
  teardown(fakes.clean)

  local function script(lambda, head)
    return (head or "") .. [[
      local nn = require "nn"
      local x = nn.random.normal{ shape = { 40, 2 }, seed = 1 }
      local factor = 2
      local function twice(t) return t * factor end
      local lab = nn.Experiment{
        name = "lab", train = { x, x }, validation = { x, x }, params = { epochs = 1 },
        callbacks = function(p) return { { on_epoch_begin = function() return twice(p.epochs) end } } end,
        build = function(p)
          local model = nn.Sequential{ nn.Input{ shape = { 2 } }, nn.layers.Lambda{ ]] .. lambda .. [[ } }
          model:add(nn.layers.Dense{ 2 })
          model:compile{ optimizer = "sgd", loss = "mse" }
          return model
        end,
      }
      print(lab:trial().reused)
    ]]
  end

  local function is_reused(...)
    local status = runs.run(folder, ...)
    assert.equal(0, status, files.read(folder .. "/err"))
    return files.read(folder .. "/out"):match "^%a+" == "true"
  end

  it("finds its trials where it computes the same, and trains what it computes otherwise", function()
    local plain = script "function(t) return t * 2 end"
    assert.is_false(is_reused(plain, "-q"))
    assert.is_true(is_reused(plain, "-q"))
    assert.is_true(is_reused(script("function(u) return u * 2 end", "-- a line more\n\n"), "-q"))
    assert.is_false(is_reused(script "function(t) return t * 3 end", "-q"))
    assert.is_true(is_reused(plain, "-q"))
    assert.is_false(is_reused((plain:gsub("factor = 2", "factor = 3")), "-q"))
    assert.is_true(is_reused(plain, "-q"))
  end)

  it("looks at the files that build and callbacks read", function()
    local reading = script "function(t) return t * scale end":gsub("local factor", [[
      local function number_in(path)
        local file <close> = assert(io.open(path))
        return file:read "n"
      end
      local scale
      local factor]]):gsub("local model", 'scale = number_in "scale.txt" local model'):gsub("return { { on_epoch_begin",
      [[local rate = number_in "rate.txt"
        return { nn.callbacks.CSVLogger{ "log.csv", append = true },
          nn.callbacks.LearningRateScheduler(function() return rate end) } end, --]])
    local function with(scale, rate)
      fakes.write(folder .. "/scale.txt", scale)
      fakes.write(folder .. "/rate.txt", rate)
      return is_reused(reading, "-q")
    end
    assert.is_false(with("2", "0.1"))
    assert.is_true(with("2", "0.1"))
    assert.is_false(with("3", "0.1"))
    assert.is_true(with("2", "0.1"))
    assert.is_false(with("2", "0.2"))
    assert.is_true(with("2", "0.2"))
    assert.is_true(is_reused(reading:gsub("scale.txt", "./scale.txt"), "-q"))
  end)
end)
