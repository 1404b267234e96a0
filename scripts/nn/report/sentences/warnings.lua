--- What a reader has to know before believing a result: plain text, on the terminal and in the report.
return {
  generated_digits = "the data are GENERATED digits, not MNIST; every number below is about them",
  generated_data = "the data are GENERATED, not {name}; every number below is about them",
  single_seed = "each variant is trained with a single seed, so random variation cannot be estimated; use --seeds N",
  test_contains = "the test data contain some of the {part} data, so the test result says little about new data",
  chosen_by_test = "variants are chosen by {objective}, so the test score is no independent check",
  no_validation = "there are no validation data: variants are compared by {objective}, on the data they were trained "
    .. "with",
  looked = "the script {how} before the choice ({where}). If it chooses by that, the test score is no longer an "
    .. "independent check",
  record_changed = "experiment.json was changed after an earlier run wrote it ({fields}): what it says of that run, "
    .. "such as how often the test data were used, cannot be trusted",
  border_of = "{section}: the best {name}, {value}, is the {place} value tried; {beyond} values may be better",
  twins = "{section}: {name} makes no difference: all its values give the same model and settings, and so the same "
    .. "trials; does build read {name}?",
  unknown = "{what}: it cannot be compared with that of an earlier run, so trials with it are trained each time",
  unknown_output = "a callback reads the {what}, which may be another one in the next run, so trials with it are "
    .. "trained each time",
  no_trials = "the script ran no trial of this experiment; {folder}/report.md stays as it was",
  no_evaluation = "conclude: the test data were not used, because the chosen trial gave no compiled model; compile the "
    .. "model that `report` is given, or give the experiment evaluate = function(model, test, params)",
  idle_setting = "{name}={value} changed nothing: each section sets {name} itself, in what it varies or in `with`",
}
