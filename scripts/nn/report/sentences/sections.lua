--- What a section varied.
return {
  varied = "Varied: {what}.",
  value_range = "{count} values from {low} to {high}",
  section_extent = "{variants}, {seeds} each: {trials}.",
  section_alone = "{variants}, {seeds}: {trials}.",
  trial = "Trial: {name}",
  listed = "Variants as listed.",
  method = "Method: {method}.",
  pruned = "Pruned by the {rule} rule.",
  with = "With {settings}.",
  sorted = "The table is sorted by score.",
  so_far = "**{done} of {planned} done so far.**",
  model = "The model: {model}.",
  own_figures = "Pictures kept by trial {trial}:",
  more_figures = "{more} of them are left out here; they are in its folder.",
  own_files = "Files kept by trial {trial}: {files}.",
}
