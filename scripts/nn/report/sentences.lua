--- All sentences about results: templates with named slots, filled by the modules that know the numbers.
-- Names of variants, scores and links come as Markdown.
-- @module nn.report.sentences
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"

local sentences = {}

-- Fills "{name}" with slots.name.
local function fill(template, slots)
  return (template:gsub("{(%w+)}", function(name)
    local value = assert(slots[name], name)
    if math.type(value) == "integer" then return format.integer(value) end
    return tostring(value)
  end))
end

--- What a metric's name says in words, as Markdown (see `format.metric`).
-- @tparam string name
-- @tparam[opt] string other
-- @treturn string
function sentences.metric(name, other)
  return markdown.escape(format.metric(name, other))
end

local TEXTS = {
  -- a score with its interval
  in_all = "{score} in all {runs}",
  two_runs = "{score} (2 runs only)",
  over_seeds = "{score} (95 % interval over seeds {low} to {high})",
  over_seeds_here = "{score} (95 % interval over seeds {low} to {high}; it does not cover other {noun}s)",
  for_samples = "{score} (95 % interval for new {noun}s {low} to {high})",
  for_both = "{score} (95 % interval for new {noun}s and new seeds {low} to {high})",
  for_both_beside = "{score} (95 % interval for new {noun}s and new seeds {low} to {high}; over seeds alone {innerlow} "
    .. "to {innerhigh})",
  title_seeds = "95 % interval over seeds",
  title_samples = "95 % interval for new {noun}s",
  -- the best variant
  none = "No trial has a score yet.",
  alone = "The {metric} is {score}.",
  only = "{name} is the only variant {with}: its {metric} is {score}.",
  only_so_far = "with a result so far",
  only_result = "with a result",
  only_whole = "whose runs all finished",
  best = "{name} has the {superlative} {metric}, {score}.",
  best_whole = "Of the variants whose runs all finished, {name} has the {superlative} {metric}: {score}.",
  all_equal = "{All} variants have the same {metric}, {score}.",
  all_equal_whole = "{All} variants whose runs all finished have the same {metric}, {score}.",
  share = "{names} share the {superlative} {metric}, {score}.",
  -- how the others stand to it
  next = "The next is {name} ({score}).",
  one_seed = "With one seed for each variant, a difference may be luck; `--seeds {needed}` would allow a test.",
  too_few_pairs = "{Seeds} are too few to test {all} variants against each other; `--seeds {needed}` would do.",
  too_few = "{Seeds} are too few for a test; `--seeds {needed}` would do.",
  not_separated = "The next is {name} ({score}). The test finds no significant difference between the best and "
    .. "{others}.",
  partly_separated = "The best is significantly better than {count} of {all} others; the closest that is not separated "
    .. "from it is {name} ({score}).",
  separated = "It is significantly better than {others}; the next is {name} ({score}).",
  -- values and runs
  border = "The best {name}, {value}, is the {place} value tried; {beyond} values may be better.",
  lost_some = "The mean of {name} is over {done} of its {runs} runs; {fates}.",
  lost_one = "{name} has no score: its run {fates}.",
  lost_all = "{name} has no score: {fates}.",
  lost_one_of_many = "{Count} variants have no score: their runs {fates}.",
  lost_all_of_many = "{Count} variants have no score: of each, {fates}.",
  collapsed_one = "One of the {runs} runs of {name} collapsed to {scores}; their median is {median}.",
  collapsed_some = "{Count} of the {runs} runs of {name} collapsed, to {scores}; their median is {median}.",
  collapsed_many = "Runs of {count} variants collapsed, far below the others with the same settings.",
  -- differences from a baseline
  compared = "Each variant minus {baseline}, seed by seed. Intervals and p-values are corrected for {comparisons} "
    .. "({test}, Holm's method).",
  compared_all = "Each variant minus the best, {baseline}, seed by seed. As the best was chosen by its score, "
    .. "intervals and p-values are corrected for all {comparisons} of two variants ({test}, Holm's method).",
  compared_untested = "Each variant minus {baseline}, seed by seed. The 95 % intervals (Student's t) are not corrected "
    .. "for their number.",
  none_significant = "No variant differs significantly from {baseline}.",
  significant = "Compared with {baseline}, {names}.",
  better = "{name} is better by {difference}, in {wins} of {seeds}",
  worse = "{name} is worse by {difference}, in {wins} of {seeds}",
  over_common = "the {seeds} that both finished",
  lost_beside = "; of its {runs} runs, {fates}",
  rests = "; without the runs that collapsed the difference is {difference}",
  rests_alone = "; without the runs that collapsed the difference is {difference}, which is not significant",
  many_rest = "Without the runs that collapsed, {count} of them would not be significant.",
  rare = "A failure that is rarer than one run in {runs} need not show in these runs.",
  many_significant = "Compared with {baseline}, {better} variants are significantly better and {worse} significantly "
    .. "worse.",
  power = "With {seeds} and this spread, a true difference of {difference} would be found four times in five.",
  simplest = "{name} has the fewest parameters ({parameters}) of those within one standard error ({error}) of the "
    .. "best.",
  effects = "An effect is the mean difference that a change makes, over all settings of the other factors. An "
    .. "interaction is how much more two changes do together than the sum of what each does alone. The 95 % intervals "
    .. "(Student's t over the seeds) are not corrected for their number.",
  -- the answer
  result = "The best variant is {name}{section}: {metric} {score}{test}.",
  result_only = "The only variant, {name}, has a {metric} of {score}{test}.",
  result_test = ", {metric} **{score}**",
  result_test_fresh = "; {metric} of the fresh seeds **{score}**",
  best_of = "As the best of {count}, its {metric} tends to be too good.",
  fresh_beside = "{score} on {count}, {before} on {seeds} that chose it",
  fresh_score = "On {count} its {metric} is {score}; {seeds} that chose it gave {before}.",
  chosen_of_equals = "The first of them was chosen, {name}{test}.",
  chosen_other = "The variant chosen by the script's conclusion is {name}{test}.",
  every_trial_tested = "**Every trial was measured on the test data too.** Do not choose a model by these scores: the "
    .. "best of many test scores is partly luck, and no unseen data remain to show how much.",
  chosen = "Chosen: {name}.",
  chosen_best = "Chosen: {name}, with the {superlative} {metric}{among}: {score}.",
  chosen_equal = "Chosen: {name}, the first of {count} variants that share the {superlative} {metric}{among}: {score}.",
  among_all = " of the {count} variants",
  among_whole = " of the variants whose runs all finished",
  parameters = "All its parameters: {settings}.",
  test = "On the test data: **{metric} {score}**{others}.",
  test_fresh = "On the test data the networks of the fresh seeds have: **{metric} {score}**{others}.",
  fresh_lost = "No run with a fresh seed has a score.",
  fresh_trials = "Its trials with fresh seeds: {list}.",
  no_test = "It was not measured on test data.",
  not_finite = "not a finite number",
  not_finite_of = "not a finite number in {count} of {runs} runs",
  chosen_tests = "Test result of each trial that chose it: {list}.",
  each_test = "Test result of each trial: {list}.",
  its_trials = "Its trials: {list}.",
  its_trial = "Its trial: {list}.",
  used_once = "The test set was used once, {when} the choice.",
  used_each = "The test set was used once for each of the {count} trained networks, after the choice.",
  used = "The test set was used {count} times, {before} of them before the choice.",
  peeked = "The variant was chosen by its {metric} alone. But if you looked at test results while deciding what to try "
    .. "next, the test score is no longer an independent check.",
  selected_fresh = "The best of several scores tends to be too good. Fresh seeds had no part in the choice, but the "
    .. "same validation {noun}s had. The test result is free of both, but still varies with the {samples}.",
  selected = "The best of several scores tends to be too good. The test result is free of that, but still varies with "
    .. "the {samples}.",
  recall = "Recall: of all {noun}s of the class, the share that was found. Precision: of all {noun}s labelled as the "
    .. "class, the share that was correct.",
  first_trial = "The tables and pictures below are of the first trial, {trial}.",
  -- the question
  question = "{experiment} looks for the {superlative} {metric}: {extent}.",
  question_alone = "{experiment} looks for the {superlative} {metric}.",
  last_epoch = "A trial's score is its {metric} after the last epoch.",
  restored = "A trial's score is its {metric} after the last epoch, or after the earlier epoch whose weights a "
    .. "callback restored. The best of several epochs tends to be too good.",
  evaluated_again = "If a trial keeps weights that no epoch ended with, such as the averages of `use_ema`, they are "
    .. "evaluated after the training, and that is its score.",
  best_epoch = "A trial's score is its {metric} after its best epoch, whose weights are kept. The best of several "
    .. "epochs tends to be too good.",
  seeds_interval = "A variant's score is the mean over its {seeds}. The 95 % interval over seeds (Student's t) shows "
    .. "where the mean over other seeds is likely to lie. It does not show how much other {noun}s would "
    .. "change the score.",
  both_interval = "An interval for new {noun}s and new seeds shows that too.",
  samples_interval = "The 95 % interval for new {noun}s shows where the score on other {noun}s is likely to lie. It "
    .. "does not show how much another seed would change the score.",
  no_interval = "With one seed there is no interval.",
  two_seeds = "A variant's score is the mean over its two seeds. Two runs are too few for an interval.",
  interrupted = "**Interrupted** after {done} of {planned}. The command at the end of this page continues.",
  broken = "**Ended by an error** after {done} of {planned}: {error}. Finished trials are kept. Correct the script, "
    .. "then run the command at the end of this page.",
  unfinished = "**Not finished**: {done} of {planned} done when this page was written.",
  generated = "**GENERATED DATA.** This is not the real {names}: nnrun generated data of the same shape. The numbers "
    .. "below say nothing about the real data. Do not compare them with results on it.",
  shown = "The {shown} best of {all} variants with a score.",
  beside = "; {answer} gives {score}",
  compared_with = "For comparison: {answer} gives a {metric} of {score}.",
  answer_class = "always answering class {class}",
  answer_labels = "always giving the more frequent answer for each label",
  answer_shares = "always answering the shares of the classes in training",
  answer_mean = "always answering the mean of the training targets",
  answer_median = "always answering the median of the training targets",
  answer_previous = "answering the previous value",
  worst_rows = "The {count} test rows with the largest residuals (true minus predicted){output}:",
  of_output = " of output {output}",
  first_outputs = "The model predicts {all} numbers for each sample; the first {shown} are shown.",
  many_outputs = "The model predicts {all} numbers for each sample, too many to show one by one.",
  -- a section
  varied = "Varied: {what}.",
  listed = "Variants as listed.",
  method = "Method: {method}.",
  pruned = "Pruned by the {rule} rule.",
  with = "With {settings}.",
  sorted = "The table is sorted by score.",
  so_far = "**{done} of {planned} done so far.**",
  model = "The model: {model}.",
}

-- The templates as functions of their slots: sentences.say.next { name = ..., score = ... }.
sentences.say = setmetatable({}, { __index = function(_, name)
  local template = assert(TEXTS[name], name)
  return function(slots) return fill(template, slots or {}) end
end })

--- Sentences as a paragraph; empty ones are left out.
-- @tparam string ...
-- @treturn string
function sentences.paragraph(...)
  local said = {}
  for _, text in ipairs { ... } do
    if text ~= "" then said[#said + 1] = text end
  end
  return table.concat(said, " ")
end

return sentences
