-- A model that does as its parameters say, in microseconds, and what else the specs of experiments share.
local process = require "engine.process"
local parameters = require "nn.experiment.parameters"
local tensor = require "nn.tensor"
local files = require "nn.support.files"
local in_memory = require "tests.support.in_memory"

local fakes = {}

local Fake = {}
Fake.__index = Fake

function Fake:__digest() return { self.p.level or 0, self.p.act, self.kernel } end

function Fake:to_json() return ('{"class_name":"Fake","level":%.17g}'):format(self.p.level or 0) end
function Fake:compile_config() return { loss = "none", act = self.p.act } end
function Fake:count_params() return 7, 5 end
function Fake:named_weights() return { { name = "fake/kernel", tensor = self.kernel } } end
function Fake:get_weights() return { self.kernel:copy() } end
function Fake:set_weights(list) self.kernel = list[1]:copy() end

function Fake:load_weights(path)
  self.kernel = assert(require("nn.tensor.safetensors").read(path))["fake/kernel"]
end

local acts = {
  crash = function() process.kill(process.pid(), "ABRT") end,
  vanish = function() process.exit_now(0) end,
  die = function() process.kill(process.pid(), "KILL") end,
  hang = function() while true do process.poll({}, 1000) end end,
  fail = function() error("the fake was told to fail", 0) end,
}

-- The score of epoch e is level + e / 100, but in the last epoch of "drop" it falls to level.
local function logs_of(self, epoch, epochs)
  local score = (self.p.level or 0) + epoch / 100
  if self.p.act == "drop" and epoch == epochs then score = self.p.level end
  return { loss = 1 - score / 2, accuracy = score / 2, val_loss = 1 - score, val_accuracy = score }
end

function Fake:fit(_, _, options)
  self.fitted_with = options
  local history = { history = {}, outcome = "complete" }
  for epoch = 1, options.epochs do
    for _, callback in ipairs(options.callbacks) do
      callback.model = self
      if callback.on_epoch_begin then callback:on_epoch_begin(epoch - 1, {}) end
    end
    if acts[self.p.act] then acts[self.p.act]() end
    self.kernel = tensor.tensor { self.p.level or 0, epoch }
    local logs = logs_of(self, epoch, options.epochs)
    if self.p.act == "diverge" then logs = { loss = 0 / 0, accuracy = 0.5 } end
    for _, callback in ipairs(options.callbacks) do
      if callback.on_epoch_end then callback:on_epoch_end(epoch - 1, logs) end
    end
    if self.stop_training then break end
    if self.p.act == "diverge" then
      history.outcome, history.reason = "diverged", "the loss is not finite at epoch 1"
      break
    end
  end
  return history
end

-- As good on the test data as its kernel says.
function Fake:evaluate() return { loss = 1, accuracy = self.kernel[1] } end

function Fake:predict(x) return tensor.full({ #x, 2 }, 0.5) end

-- p.act: "crash", "vanish", "hang", "fail", "diverge", "drop" or nothing; p.level: how good it is.
function fakes.build(p)
  return setmetatable({ p = parameters.copy(p), kernel = tensor.zeros { 2 },
    outputs = { { shape = { 2 } } }, output_names = { "fake" },
    compiled = { loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } } }, Fake)
end

local count = 0

-- A folder that is removed by fakes.clean().
function fakes.folder()
  count = count + 1
  local path = ("%s/nnrun_spec_%d_%d"):format(in_memory.folder, process.pid(), count)
  files.remove(path)
  assert(files.make_folder(path))
  return path
end

function fakes.clean()
  for i = 1, count do
    files.remove(("%s/nnrun_spec_%d_%d"):format(in_memory.folder, process.pid(), i))
  end
end

function fakes.write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

-- Whether a process is there and no zombie.
function fakes.is_alive(pid)
  local stat = files.read(("/proc/%d/stat"):format(pid))
  return stat ~= nil and stat:match "%) (%a)" ~= "Z"
end

-- Calls a function until it gives something true, for a few seconds.
function fakes.wait_for(condition, seconds)
  for _ = 1, 100 * (seconds or 5) do
    local value = condition()
    if value then return value end
    process.poll({}, 10)
  end
end

return fakes
