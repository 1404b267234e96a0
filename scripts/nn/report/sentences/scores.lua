--- A score with its interval, and what it says for.
return {
  in_all = "{score} in all {runs}",
  one_run = "{score} (1 run only)",
  two_runs = "{score} (2 runs only)",
  over_seeds = "{score} (95 % interval over seeds {low} to {high})",
  over_seeds_here = "{score} (95 % interval over seeds {low} to {high}; it does not cover other {noun}s)",
  for_samples = "{score} (95 % interval for new {noun}s {low} to {high})",
  for_both = "{score} (95 % interval for new {noun}s and new seeds {low} to {high})",
  for_both_beside = "{score} (95 % interval for new {noun}s and new seeds {low} to {high}; over seeds alone {innerlow} "
    .. "to {innerhigh})",
  title_seeds = "95 % interval over seeds",
  title_samples = "95 % interval for new {noun}s",
}
