--- The kinds of advice: under which name each is given and turned off, and what it is about.
--
-- `about` decides when an experiment gives it:
--
-- * "data": at once, and once, as all its trials have the same data
-- * "model": before the variants of a section are trained, in one line for all that call for it
-- * "outcome": found by the process that trains a trial and kept in its trial.json; in one line for all variants of a
--   section when they are trained, also where trials of an earlier run are used again
--
-- With `is_choice` it depends on what a sweep varies or draws on purpose: it is given only where all variants of a
-- section call for it in the same words.
--
-- With `follows_rate` it is what a wrong learning rate leads to. Where the variants of a section differ in their
-- optimizer, some are meant to fail: it is given only where the best of them calls for it too.
local kinds = {}

local CHOICE, FOLLOWS_RATE = { is_choice = true }, { follows_rate = true }

local function kind(name, about, text, when)
  when = when or {}
  kinds[name] = { about = about, text = text, is_choice = when.is_choice, follows_rate = when.follows_rate }
end

kind("output_activation", "model", "the activation of the output does not fit the loss")
kind("softmax_one_unit", "model", "softmax over one unit is always 1")
kind("loss_and_output", "model", "the loss does not fit the output")
kind("loss_and_labels", "model", "the loss does not fit the labels")
kind("learning_rate", "model", "a learning rate that the optimizer hardly works with", CHOICE)
kind("unused_units", "model", "units that no label uses")
kind("output_range", "model", "targets that the activation of the output never gives")
kind("metric_and_output", "model", "a metric that does not fit the output")
kind("class_weight", "model", "class weights that favour the larger class")
kind("batch_size", "model", "batches larger than the data")
kind("monitor_mode", "outcome", "a callback or an experiment that takes worse for better")
kind("early_stopping", "outcome", "early stopping by the training data")
kind("unequal_epochs", "model", "variants that are trained for different numbers of epochs")
kind("search_edge", "model", "a search whose best values lie at the edge of its space")
kind("target_range", "model", "targets far from what the outputs reach in the time of training", CHOICE)

kind("not_finite", "data", "data that are not a number, or infinite")
kind("input_range", "data", "inputs far outside -10 to 10")
kind("input_scale", "data", "training and other inputs on different scales")
kind("separate_scaling", "data", "a scaler fitted to each part of the data")
kind("joint_scaling", "data", "a scaler that was also fitted to later data of a series")
kind("overlapping_windows", "data", "windows of a series in two parts of the data, which overlap")
kind("shared_rows", "data", "rows that are in two parts of the data")
kind("missing_class", "data", "a class that one part of the data lacks")
kind("sorted_targets", "data", "targets that were sorted before they were split")
kind("constant_feature", "data", "a feature that is the same in all samples")
kind("sentinel", "data", "a value such as -999 that stands for a missing one")
kind("leaky_feature", "data", "a feature that is nearly the target or the class")

kind("loss_not_falling", "outcome", "training that did not bring the loss down", FOLLOWS_RATE)
kind("slow_learning", "outcome", "weights and loss that hardly move", FOLLOWS_RATE)
kind("one_class", "outcome", "predictions of one class only", FOLLOWS_RATE)
kind("no_better", "outcome", "predictions no better than a constant answer or the previous value", FOLLOWS_RATE)
kind("dead_units", "outcome", "relu units that are 0 for every sample", FOLLOWS_RATE)
kind("nan_metric", "outcome", "a loss or metric that is nan")
kind("perceptron_unfinished", "outcome", "a perceptron that did not come to rest")

return kinds
