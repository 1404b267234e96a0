--- How the variants of a section differ from a baseline, and the effects of an ablation.
return {
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
  rest_better = "; without the runs that collapsed it is better by {difference}",
  rest_worse = "; without the runs that collapsed it is worse by {difference}",
  rest_not_significant = ", which is not significant",
  many_rest = "Without the runs that collapsed, {count} of them would not be significant.",
  rare = "A failure that is rarer than one run in {runs} may not show in these runs.",
  many_better = "Compared with {baseline}, {better} significantly better.",
  many_worse = "Compared with {baseline}, {worse} significantly worse.",
  many_both = "Compared with {baseline}, {better} significantly better and {worse} significantly worse.",
  one_is = "one variant is",
  some_are = "{count} variants are",
  power = "With {seeds} and this spread, a true difference of {difference} would be found four times in five.",
  power_of_half = "With {seeds}, half of these comparisons would find a true difference of {difference} four times in "
    .. "five.",
  simplest = "{name} has the fewest parameters ({parameters}) of those within one standard error ({error}) of the "
    .. "best.",
  effects = "An effect is the mean difference that a change makes, over all settings of the other factors. An "
    .. "interaction is how much more two changes do together than the sum of what each does alone.",
  effects_intervals = "The 95 % intervals (Student's t over the seeds) are not corrected for their number.",
}
