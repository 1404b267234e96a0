-- Folders of experiments that never ran, for the specs of reports: what nn.Experiment would have recorded.
local json = require "dkjson"
local lfs = require "lfs"
local write_file = require("tests.support.experiment_fakes").write

local CURVES = { 0.62, 0.86, 0.95, 0.985, 1 } -- how far training has come after each epoch

-- Numbers that look random and are the same each time.
local function noise(...)
  local state = 17
  for byte in table.concat({ ... }, " "):gmatch "." do state = (state * 31 + byte:byte()) % 2147483647 end
  for _ = 1, 5 do state = state * 48271 % 2147483647 end
  return state / 2147483647 * 2 - 1
end

local function id_of(params, seed)
  local names, parts = {}, { tostring(seed) }
  for name in pairs(params) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do parts[#parts + 1] = name .. tostring(params[name]) end
  local text = table.concat(parts, ",")
  return ("%06x%06x"):format((noise(text, "a") + 1) * 8388607 // 1, (noise(text, "b") + 1) * 8388607 // 1)
end

-- An experiment under construction: what nn.Experiment would have recorded.
local Fake = {}
Fake.__index = Fake

local function split(n, shape, seed)
  local counts = {}
  for class = 1, 10 do counts[class] = math.floor(n / 10 * (1 + 0.08 * noise(class, seed))) end
  return {
    x = { { shape = { n, table.unpack(shape) }, dtype = "float32", min = 0, max = 1 } },
    y = { { shape = { n }, dtype = "uint8", min = 0, max = 9 } },
    samples = n, fingerprint = ("%032x"):format(n * 7919), classes = counts,
    source = {
      name = "mnist", synthetic = false, folder = "data/mnist",
      files = { { file = "train-images-idx3-ubyte.gz", checksum = ("0123456789abcdef"):rep(4) } },
    },
  }
end

local fakes = {}

--- An experiment with the defaults, or what the test puts in their place.
function fakes.new(folder, overrides)
  lfs.mkdir(folder)
  lfs.mkdir(folder .. "/trials")
  local manifest = {
    name = "mnist_lab", title = "A deep network for MNIST", script = "experiments/mnist_lab.lua",
    command = { "nnrun", "experiments/mnist_lab.lua" }, created = "2026-01-31T12:00:00Z", nnrun = "0.1.0",
    params = { activation = "relu", batch_size = 100, depth = 2, epochs = 5, learning_rate = 0.001, width = 50 },
    overrides = {}, seeds = { 1 }, objective = "val_accuracy", mode = "max", keep = "last",
    traits = { loss = { better = "min" }, accuracy = { better = "max", low = 0, high = 1, proportion = true } },
    data = {
      train = split(50000, { 28, 28 }, 1), validation = split(10000, { 28, 28 }, 2), test = split(10000, { 28, 28 }, 3),
    },
    sections = {}, test_uses = {}, warnings = {},
    environment = {
      nnrun = "0.1.0", compiler = "gcc 12.2.0", blas = "OpenBLAS 0.3.21 Haswell", processor = "Some processor",
      cores = 8, threads = 1, jobs = 8, system = "Linux 6.1", host = "desk",
    },
    status = "complete", seconds = 512.3,
  }
  for name, value in pairs(overrides or {}) do manifest[name] = value end
  return setmetatable({ folder = folder, manifest = manifest, planned = 0 }, Fake)
end

-- What training would give: rises with width and depth, more slowly with sigmoid, falls far from a rate of 0.001.
local function accuracy_of(params, seed)
  local far = math.abs(math.log(params.learning_rate / 0.001, 10))
  return 0.957 + 0.0045 * math.log(params.width / 50) / math.log(2) ^ 0.5 + 0.002 * (params.depth - 2)
    - (params.activation == "sigmoid" and 0.012 or 0) - 0.01 * far + 0.0012 * noise(id_of(params, seed), "score")
end

local function history_of(params, seed)
  local final, lines, last = accuracy_of(params, seed), { "epoch,loss,accuracy,val_loss,val_accuracy,seconds" }, nil
  for epoch = 1, params.epochs do
    local part = CURVES[epoch] or 1
    local validation = 1 - (1 - final) * (1 + 1.3 * (1 - part)) + 0.0006 * noise(id_of(params, seed), epoch)
    local training = 1 - (1 - final) * (1.9 - 1.65 * part * epoch / params.epochs)
    last = { loss = (1 - training) * 3.4, accuracy = training }
    last.val_loss, last.val_accuracy = (1 - validation) * 3.3, validation
    lines[#lines + 1] = ("%d,%.9g,%.9g,%.9g,%.9g,%.9g"):format(epoch, last.loss, last.accuracy, last.val_loss,
      last.val_accuracy, params.width / 40)
  end
  return table.concat(lines, "\n") .. "\n", last
end

-- Writes a trial's folder; `changes` go into trial.json, and what they set to false is left out.
function Fake:trial(params, seed, changes)
  local id = id_of(params, seed)
  local folder = self.folder .. "/trials/" .. id
  lfs.mkdir(folder)
  local history, metrics = history_of(params, seed)
  local width = params.width
  local count = 784 * width + width + (params.depth - 1) * (width * width + width) + width * 10 + 10
  local trial = {
    id = id, experiment = self.manifest.name, params = params, seed = seed, status = "complete", metrics = metrics,
    score = metrics.val_accuracy, scored_epoch = params.epochs, epochs = params.epochs, parameters = count,
    seconds = params.epochs * width / 40, started = "2026-01-31T12:00:00Z", finished = "2026-01-31T12:00:09Z",
    peak_memory = 241000000,
  }
  for name, value in pairs(changes or {}) do trial[name] = value or nil end
  write_file(folder .. "/trial.json", json.encode(trial))
  write_file(folder .. "/history.csv", history)
  return id
end

-- A variant of the defaults; `lost` says for a seed what became of its trial: changes, or "missing".
function Fake:variant(changed, lost)
  local params, ids = {}, {}
  for name, value in pairs(self.manifest.params) do params[name] = value end
  for name, value in pairs(changed) do params[name] = value end
  for i, seed in ipairs(self.manifest.seeds) do
    local fate = (lost or {})[seed]
    ids[i] = fate == "missing" and id_of(params, seed) or self:trial(params, seed, fate)
  end
  local differing = {}
  for name, value in pairs(params) do
    if value ~= self.manifest.params[name] then differing[name] = value end
  end
  return { params = params, changed = differing, trials = ids }
end

function Fake:section(section)
  table.insert(self.manifest.sections, section)
  return section
end

-- A sweep over one or two parameters; `lost` maps a value of the first to the fates of its seeds.
function Fake:sweep(title, varied, with, lost)
  local section = { kind = "sweep", title = title, varied = {}, with = with or {}, variants = {}, finished = true }
  for i, pair in ipairs(varied) do section.varied[i] = { name = pair[1], values = pair[2] } end
  for _, first in ipairs(varied[1][2]) do
    for _, second in ipairs(varied[2] and varied[2][2] or { false }) do
      local changed = { [varied[1][1]] = first }
      for name, value in pairs(with or {}) do changed[name] = value end
      if varied[2] then changed[varied[2][1]] = second end
      table.insert(section.variants, self:variant(changed, (lost or {})[first]))
    end
  end
  return self:section(section)
end

function Fake:conclude(variant, fields)
  local matrix, trials = {}, {}
  for i = 1, 10 do
    matrix[i] = {}
    for j = 1, 10 do matrix[i][j] = i == j and 970 or (i * 7 + j * 3) % 5 end
  end
  for i, id in ipairs(variant.trials) do
    trials[i] = { id = id, metrics = { loss = 0.0812 + i / 1000, accuracy = 0.9761 - i / 2000 } }
  end
  local section = {
    kind = "conclusion", variant = variant, score = 0.978, test = { trials = trials }, before_choice = 0,
    confusion = matrix, figures = { "![confusion matrix](charts/confusion.svg)" },
  }
  for name, value in pairs(fields or {}) do section[name] = value end
  self.manifest.test_uses[1] = { when = "2026-01-31T12:09:00Z", what = "conclusion" }
  return self:section(section)
end

function Fake:save()
  self.manifest.progress = self.manifest.progress or { done = 0, planned = 0 }
  write_file(self.folder .. "/experiment.json", json.encode(self.manifest))
  return self.folder
end

-- A sweep over width whose scores are given: scores[width] is a list with one for each seed, or a status; "missing"
-- where there is no folder.
function Fake:scored_sweep(scores)
  local values, fates = {}, {}
  for width, list in pairs(scores) do
    values[#values + 1], fates[width] = width, {}
    for seed, score in ipairs(list) do
      local lost = type(score) == "string"
      fates[width][seed] = score == "missing" and score
        or lost and { status = score, score = false, reason = "r" } or { score = score }
    end
  end
  table.sort(values)
  return self:sweep("Width", { { "width", values } }, nil, fates)
end

return fakes
