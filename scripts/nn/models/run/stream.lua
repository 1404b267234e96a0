--- Streams: sources that hold one batch of a dataset at a time (see nn.models.run.source).
--
-- Where epochs have a given number of steps, reading goes on in the next epoch where it stopped, as in Keras. A stream
-- is restored by its state: which epoch's pass it reads, and how many batches of it were taken.
local blame = require "nn.support.blame"
local Jobs = require "nn.models.run.jobs"
local node = require "nn.data.node"
local pass = require "nn.data.pass"

local Stream = { is_stream = true, is_seen_once = true }
Stream.__index = Stream

--- @tparam table fields dataset; convert: function(element, number) -> what the batch is as a source: inputs, targets,
-- weights, n; what: begins messages; limit: how many batches an epoch takes, nil for all, and limit_name: the option
-- that says so; restarts: whether each epoch begins with the first batch in any case
-- @treturn table the stream, before its first batch
function Stream.new(fields)
  local self = setmetatable(fields, Stream)
  self.length = node.count(self.dataset)
  if self.length == math.huge and not self.limit then
    blame("%sthe dataset never ends, so give %s", self.what, self.limit_name)
  end
  return self
end

local function open(self, seed, epoch, start)
  self.read = node.open(self.dataset, pass.new(seed, epoch), start)
  self.epoch, self.taken, self.pending = epoch, start or 0, nil
end

local function hold(self, element, number)
  local batch = self.convert(element, number)
  self.inputs, self.targets, self.weights = batch.inputs, batch.targets, batch.weights
  self.n, self.batch_size = batch.n, batch.n
end

local function blame_empty(self) blame("%sthe dataset is empty: it gave no batch", self.what) end

--- Reads the first batch of an epoch, which shows what the others are like. `begin` goes on with it.
function Stream:peek(seed, epoch)
  open(self, seed, epoch)
  self.pending = self.read()
  if not self.pending then blame_empty(self) end
  hold(self, self.pending, 1)
end

--- What goes through batches of several shapes.
-- @tparam function make (source) -> a job
function Stream:jobs(make)
  return Jobs.new(make, self)
end

--- How many batches an epoch has; nil before the end of the first one, if the dataset cannot tell.
function Stream:steps()
  return self.limit or self.length
end

local function goes_on(self, epoch)
  if not self.read then return false end
  return self.taken == 0 and self.epoch == epoch or self.limit ~= nil and not self.restarts
end

--- Gets ready for an epoch.
function Stream:begin(_, seed, epoch)
  local saved = self.saved
  self.seed, self.next_epoch, self.saved = seed, epoch, nil
  if saved then
    open(self, seed, saved.epoch, saved.taken)
  elseif not goes_on(self, epoch) then
    open(self, seed, epoch)
  end
end

-- The next batch; that of a new pass, if the last epoch ended together with its pass.
local function read_next(self, done)
  local element = self.pending or self.read()
  self.pending = nil
  if element or done > 0 or self.taken == 0 then return element end
  open(self, self.seed, self.next_epoch)
  return self.read()
end

local function check_end(self, done)
  if done == 0 then blame_empty(self) end
  if not self.limit then return end
  blame("%sthe dataset ended after %d of %d batches (%s); add :repeated() to it, or lower %s", self.what, done,
    self.limit, self.limit_name, self.limit_name)
end

--- The next batch.
-- @tparam table jobs
-- @tparam integer done how many batches of this epoch are done
-- @treturn ?integer 1; nil if the epoch is over
-- @treturn integer 1
function Stream:next(jobs, done)
  if self.limit and done >= self.limit then return nil end
  local element = read_next(self, done)
  if not element then
    check_end(self, done)
    self.read, self.length = nil, done
    return nil
  end
  self.taken = self.taken + 1
  hold(self, element, self.taken)
  jobs:hold(self)
  return 1, 1
end

--- Where it is, for a checkpoint.
function Stream:state()
  return self.read and { epoch = self.epoch, taken = self.taken } or nil
end

--- Goes on where an earlier one was, with the next epoch that begins.
function Stream:restore(earlier)
  self.saved = earlier
end

return Stream
