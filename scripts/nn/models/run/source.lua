--- Sources: where a run gets its batches from.
--
-- A source has
--
-- - inputs, targets: lists of tensors (n, ...), one for each input and each output of the model; what a job is made
--   for, or is fed. A source for predictions has no targets
-- - weights: nil, or a list of tensors, nil at the place of an output without weights
-- - n: how many samples these tensors hold
-- - is_seen_once: whether no other job will read the inputs, so that nothing is to be prepared for that
-- - batch_size: how many samples a batch has, if that is the source's own business
-- - `source:jobs(make)`: what its batches go through, made by `make(source)`: one job, or several (nn.models.run.jobs)
-- - `source:steps(job)`: how many batches an epoch has; nil if that is not known before its end
-- - `source:begin(job, seed, epoch)`: gets ready for an epoch, also for one that is resumed in its middle
-- - `source:next(job, done, most)`: the next stretch of batches, after `done` of this epoch: has the job hold what is
--   needed for them, and returns the first one and how many, at most `most`; nil if the epoch is over
--
-- A source that has to be told where it was, if a run is resumed, has `state()` and `restore(state)`, too.
--
-- The epoch loop (nn.models.run) knows no more than this. There are three uses:
--
-- All samples are in memory (fit, evaluate, predict). A job is made for the tensors once; `begin` gives it the order in
-- which it takes the samples, and `next` only counts.
--
-- One batch is fed (train_on_batch, test_on_batch, predict_on_batch, a model's call). The source is that batch, which
-- is seen once: a job that was kept takes it by `job:feed(source)` and runs its single batch.
--
-- Batches come one after the other (nn.models.run.stream: datasets). `next` does what these two do: it puts the next
-- batch into inputs, targets and weights, feeds it to a job of its shape, and returns a stretch of that one batch.
local engine_random = require "engine.random"

local Source = {}
Source.__index = Source

--- A source of samples in memory.
-- @tparam table fields inputs, targets, weights, n, is_seen_once, batch_size: as above; is_shuffled: whether each epoch
-- has an order of its own; or positions: function(seed, epoch) that gives it, and count: how many samples an epoch has
-- @treturn table the source; it is the table given
function Source.new(fields)
  return setmetatable(fields, Source)
end

--- The order of an epoch.
-- @tparam integer seed of the run
-- @tparam integer epoch how many epochs there were with this seed, this one included
-- @treturn ?tensor int32 positions from 0; nil if the samples come as they lie
function Source:order(seed, epoch)
  if self.positions then return self.positions(seed, epoch) end
  return self.is_shuffled and engine_random.permutation(seed, epoch, self.n) or nil
end

--- What its batches go through.
-- @tparam function make (source) -> a job
-- @treturn table
function Source:jobs(make)
  return make(self)
end

--- How many batches an epoch has.
-- @tparam table job made for this source
-- @treturn ?integer
function Source:steps(job)
  local size = job.engine:batch_size()
  return ((self.count or self.n) + size - 1) // size
end

--- Gets ready for an epoch.
-- @tparam table job made for this source
-- @tparam integer seed as for `order`
-- @tparam integer epoch as for `order`
function Source:begin(job, seed, epoch)
  job.engine:set_order(self:order(seed, epoch))
end

--- The next stretch of batches.
-- @tparam table job made for this source
-- @tparam integer done how many batches of this epoch are done
-- @tparam integer most how many the stretch may have
-- @treturn ?integer the first batch, from 1; nil if the epoch is over
-- @treturn integer how many
function Source:next(job, done, most)
  local steps = self:steps(job)
  if done >= steps then return nil end
  return done + 1, math.min(most, steps - done)
end

local function slice(tensors, first, last)
  local part = {}
  for i, t in pairs(tensors) do part[i] = t[{ { first, last } }] end
  return part
end

--- Some of the samples.
-- @tparam integer first
-- @tparam integer last
-- @treturn table a source
function Source:part(first, last)
  return Source.new {
    inputs = slice(self.inputs, first, last), targets = slice(self.targets, first, last), n = last - first + 1,
    weights = self.weights and slice(self.weights, first, last), is_shuffled = self.is_shuffled,
  }
end

return Source
