--- The titles of a report's own sections.
return {
  all_variants = "All variants",
  how_to_read = "How to read the scores",
  conclusion_title = "Conclusion",
  without_result = "Trials without a result",
  warnings_title = "Warnings",
  data_title = "Data",
  running_again = "Running it again",
  what_it_ran_on = "What it ran on",
}
