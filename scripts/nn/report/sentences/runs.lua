--- Values at the border, runs that were lost, runs that collapsed.
return {
  border = "The best {name}, {value}, is the {place} value tried; {beyond} values may be better.",
  not_scored = "ended without a finite score",
  all_runs = "{all} runs {fate}",
  some_runs = "{count} {fate}",
  lost_some = "The mean of {name} is over {done} of its {runs} runs; {fates}.",
  lost_but_one = "Only one of the {runs} runs of {name} has a score; {fates}.",
  lost_one = "{name} has no score: its run {fates}.",
  lost_all = "{name} has no score: {fates}.",
  lost_one_of_many = "{Count} variants have no score: of each, the only run {fates}.",
  lost_all_of_many = "{Count} variants have no score: of each, {fates}.",
  collapsed_one = "One of the {runs} runs of {name} collapsed to {scores}; the median run has {median}.",
  collapsed_some = "{Count} of the {runs} runs of {name} collapsed, to {scores}; the median run has {median}.",
  collapsed_many = "Runs of {count} variants collapsed, far below the others with the same settings.",
}
