--- The known name that an unknown one was most likely meant to be.

-- What older versions of Keras, and other libraries, call a thing.
local FORMER = {
  lr = "learning_rate", eta = "learning_rate", learning_rate_schedule = "learning_rate",
  nb_epoch = "epochs", n_epochs = "epochs", num_epochs = "epochs", nb_classes = "num_classes", period = "save_freq",
  input_dim = "input_shape", in_features = "input_shape", batch_input_shape = "input_shape",
  output_dim = "units", out_features = "units", init = "kernel_initializer", bias = "use_bias",
  W_regularizer = "kernel_regularizer", b_regularizer = "bias_regularizer",
  W_constraint = "kernel_constraint", b_constraint = "bias_constraint",
  p = "rate", keep_prob = "rate", sigma = "stddev", std = "stddev", alpha = "negative_slope", lambda = "l2",
  acc = "accuracy", val_acc = "val_accuracy", input = "inputs", output = "outputs",
}

--- Levenshtein distance, case ignored.
local function distance(a, b)
  a, b = a:lower(), b:lower()
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local diagonal = row[0]
    row[0] = i
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      diagonal, row[j] = row[j], math.min(row[j] + 1, row[j - 1] + 1, diagonal + cost)
    end
  end
  return row[#b]
end

--- @tparam string name
-- @tparam {string,...} known
-- @treturn string|nil the nearest of the known names, or what a former name is called now; nil where none is near
local function nearest(name, known)
  local best, least = nil, #name < 3 and 2 or math.max(2, #name // 3) + 1
  for _, candidate in ipairs(known) do
    if candidate == FORMER[name] then return candidate end
    local d = distance(name, candidate)
    if d < least then best, least = candidate, d end
  end
  return best
end

return nearest
