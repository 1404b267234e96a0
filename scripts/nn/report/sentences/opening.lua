--- How far an experiment is, how to read its scores, what an answer without learning scores.
return {
  word_result = "**Result.**",
  word_so_far = "**So far.**",
  contents = "Contents: {links}",
  question = "{experiment} looks for the {superlative} {metric}: {extent}.",
  question_alone = "{experiment} looks for the {superlative} {metric}.",
  extent = "{variants} in {sections}, {seeds} each: {trials}",
  extent_alone = "one variant, trained with {seeds}",
  defaults = "The parameters and their defaults:",
  given = "{value} (given on the command line)",
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
  both_interval = "An interval for new {noun}s and new seeds includes that.",
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
}
