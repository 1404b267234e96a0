--- The end of a report: trials without a result, changed files, how to run it again.
return {
  lost_alike = "{text}; the first is {trial}.",
  -- also looked for in a report that was written before
  changed = "Files were changed after nnrun sealed them, so this report cannot be trusted:",
  again = "Finished trials are read from their folders; `--fresh` trains them again. {report} writes this page again "
    .. "without training.",
  files = "The numbers of all trials are in [trials.csv](trials.csv). A trial's name leads to its folder with learning "
    .. "curves, weights and log.",
  seal = "{hash}, line {line} of seals.jsonl",
}
