--- Jobs for a source whose batches differ in shape: one for each shape that came, as making one costs far more than
-- running it. The sums of loss and metrics go on from one to the next.
--
-- It is used as a single job is.
local Jobs = {}
Jobs.__index = Jobs

local MOST = 32 -- shapes whose jobs are kept: each has memory for a batch

--- @tparam function make (source) -> a job
-- @tparam table source that holds its first batch
-- @treturn table the jobs; `engine` is that of the last batch's
function Jobs.new(make, source)
  local self = setmetatable({ make = make, kept = {}, count = 0 }, Jobs)
  self:hold(source)
  return self
end

local function add_shapes(texts, tensors)
  for i, t in pairs(tensors or {}) do texts[#texts + 1] = ("%d:%s"):format(i, table.concat(t.shape, "x")) end
  texts[#texts + 1] = "/"
end

local function shapes_of(source)
  local texts = {}
  add_shapes(texts, source.inputs)
  add_shapes(texts, source.targets)
  add_shapes(texts, source.weights)
  return table.concat(texts, " ")
end

function Jobs:new_job(source, shapes)
  if self.count == MOST then self.kept, self.count = {}, 0 end
  self.kept[shapes], self.count = self.make(source), self.count + 1
  return self.kept[shapes]
end

--- Takes the batch that a source holds.
function Jobs:hold(source)
  local sums, shapes = self.engine and self.engine:sums(), shapes_of(source)
  local job = self.kept[shapes]
  if not (job and job:feed(source)) then job = self:new_job(source, shapes) end
  if self.job then job:share_metrics(self.job) end
  self.job, self.engine = job, job.engine
  if sums and job.mode ~= "predict" then job.engine:set_sums(sums) end
end

--- As of a job.
function Jobs:run(first, count)
  return self.job:run(first, count)
end

--- As of a job.
function Jobs:own_metrics()
  return self.job:own_metrics()
end

--- As of a job.
function Jobs:clear()
  self.job:clear()
end

--- As of a job.
function Jobs:results()
  return self.job:results()
end

--- As of a job: what the last batch gave.
function Jobs:predictions()
  return self.job:predictions()
end

return Jobs
