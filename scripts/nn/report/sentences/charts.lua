--- The captions of charts.
return {
  curves = "{Metric} after each epoch (training: the mean over the epoch){variants}{seeds}.",
  curves_best = "; the {shown} best of {all} variants",
  curves_means = "; means over the seeds",
  curves_bands = "; means over the seeds, bands from the lowest to the highest seed",
  score_by = "{Metric} by {name}",
  score_dots = "{Metric} of the variants, best first",
  score_bars = "{text}; bars are 95 % intervals over the {over}.",
  score_alone = "{text}.",
  heatmap = "{Metric} by {across} and {down}; darker is higher.",
  sheet = "The first {count} training samples",
}
