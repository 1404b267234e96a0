--- How far the score of a variant on these samples, over these seeds, may be from its score on all samples over all
-- seeds.
--
-- The value of a run with seed s at sample i is seen as mean + a(s) + b(i) + e(s, i): some seeds train better, some
-- samples are easier, and the rest. The three variances are estimated from the mean squares of a two-way table without
-- repetition, and the variance of the mean from them (Searle, Casella and McCulloch, "Variance components", 1992,
-- chapter 4); its degrees of freedom are Satterthwaite's ("An approximate distribution of estimates of variance
-- components", Biometrics Bulletin 2, 1946). `make calibrate` holds the intervals against simulated runs.
-- @module nn.stats.sampling
local stats = require "nn.stats"

local sampling = {}

local Table = {}
Table.__index = Table

--- An empty table of runs and samples.
-- @treturn table with `add`, `interval`
-- @usage
-- local scores = sampling.new()
-- for _, values in ipairs(runs) do scores:add(values) end
-- local low, high = scores:interval { low = 0, high = 1, proportion = true }
function sampling.new()
  return setmetatable({ runs = {}, samples = {}, squares = 0, total = 0 }, Table)
end

--- Adds a run.
-- @tparam {number,...} values one a sample, the samples of all runs in the same order
function Table:add(values)
  local sum, samples = 0, self.samples
  for i, value in ipairs(values) do
    sum, self.squares = sum + value, self.squares + value * value
    samples[i] = (samples[i] or 0) + value
  end
  self.runs[#self.runs + 1], self.total = sum, self.total + sum
end

--- The mean of all values.
-- @treturn number
function Table:mean()
  return self.total / (#self.runs * #self.samples)
end

-- As if so much of one more sample had been right in all runs, and as much wrong. Where nearly all are right the
-- variances hang on a handful of samples; this leads to what holds whatever the samples share, and is lost among many.
local PRIOR = 0.1

-- The table as the sums that the mean squares take: of a proportion with the samples of the prior.
local function sums_of(self, is_proportion)
  local runs, samples = #self.runs, #self.samples
  local extra = is_proportion and PRIOR or 0
  local sums = { runs = runs, samples = samples + 2 * extra, total = self.total + extra * runs, of_runs = 0,
    of_samples = extra * runs * runs, squares = self.squares + extra * runs }
  for _, sum in ipairs(self.runs) do sums.of_runs = sums.of_runs + (sum + extra) ^ 2 end
  for _, sum in ipairs(self.samples) do sums.of_samples = sums.of_samples + sum * sum end
  return sums
end

-- The mean squares of runs, of samples and of what remains, each with its degrees of freedom.
local function mean_squares(sums)
  local r, n = sums.runs, sums.samples
  local correction = sums.total ^ 2 / (r * n)
  local of_runs = math.max(0, sums.of_runs / n - correction)
  local of_samples = math.max(0, sums.of_samples / r - correction)
  local rest = math.max(0, sums.squares - correction - of_runs - of_samples)
  local function part(squares, df) return { mean = df > 0 and squares / df or 0, df = df } end
  return part(of_runs, r - 1), part(of_samples, n - 1), part(rest, (r - 1) * (n - 1))
end

local function share_of_df(part)
  return part.df > 0 and part.mean ^ 2 / part.df or 0
end

-- The variance of the mean over seeds and samples together, and its degrees of freedom. It is at least that which the
-- samples alone cause, as what the difference leaves for the seeds may come out below 0. Of a proportion that part is
-- known from the proportion itself, as Wilson's interval takes it, and costs no degrees of freedom.
local function variance_of_mean(sums, is_proportion)
  local runs, samples, rest = mean_squares(sums)
  local sum = math.max(samples.mean, runs.mean + samples.mean - rest.mean)
  local divisor = share_of_df(runs) + share_of_df(rest) + (is_proportion and 0 or share_of_df(samples))
  local df = divisor > 0 and math.max(1, sum * sum / divisor) or math.huge
  return sum / (sums.runs * sums.samples), df
end

-- Wilson's interval with the number of independent samples that would have a mean as uncertain as this.
local function proportion_interval(self, level)
  local sums = sums_of(self, true)
  local variance, df = variance_of_mean(sums, true)
  local share = sums.total / (sums.runs * sums.samples)
  local samples = share * (1 - share) / variance * #self.samples / (sums.samples - 1)
  return stats.wilson_interval(math.min(math.max(self:mean(), 0), 1), samples, level, stats.t_quantile(df, level))
end

--- The interval that covers the mean over new samples, and, where there are several runs, over new seeds.
-- @tparam[opt] table traits of the values: `proportion` (each is 0 or 1), `low`, `high` (bounds of the mean)
-- @tparam[opt=0.95] number level
-- @treturn ?number its lower end; nil where there are fewer than two samples
-- @treturn ?number its upper end
function Table:interval(traits, level)
  traits = traits or {}
  if #self.runs == 0 or #self.samples < 2 then return nil end
  if traits.proportion then return proportion_interval(self, level) end
  local variance, df = variance_of_mean(sums_of(self))
  local reach, mean = math.sqrt(variance) * stats.t_quantile(df, level), self:mean()
  return math.max(mean - reach, traits.low or -math.huge), math.min(mean + reach, traits.high or math.huge)
end

return sampling
