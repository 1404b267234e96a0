--- What the data are and where they come from.
return {
  source = "Source: {name}, read from {folder}.",
  source_generated = "Source: **generated** data in place of {name}.",
  class = "{name} ({id})",
  class_counts = "Samples of each class:",
  class_range = "There are {count} classes of {ranges} each.",
  class_range_of = "{low} to {high} {split} samples",
  class_weights = "Class weights in training: {weights}.",
  class_weight_of = "{weight} for {class}",
}
