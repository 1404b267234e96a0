--- Names that Keras has and nnrun has not, each with the reason. The same as in scripts/keras_names.md.
local absent = {}

-- Where Keras has them -> lists of a reason ("" for none) and the names.
local NAMES = {
  layers = {
    { "", [[
      ReversibleEmbedding
    ]] },
    { "not yet", [[
      RandomElasticTransform AugMix MaxNumBoundingBoxes
    ]] },
    { "no audio", [[
      MelSpectrogram STFTSpectrogram
    ]] },
    { "", [[
      Wrapper InputSpec
    ]] },
    { "other programs' layers", [[
      FlaxLayer JaxLayer TFSMLayer TorchModuleWrapper
    ]] },
  },
  layer = {
    { "", [[
      variables compute_dtype variable_dtype dtype_policy path metrics metrics_variables supports_masking
      input_spec input_dtype quantization_mode call compute_output_shape compute_output_spec add_weight add_variable
      add_loss add_metric get_build_config build_from_config quantize rematerialized_call stateless_call
      symbolic_call load_own_variables save_own_variables
    ]] },
  },
  models = {
    { "write model:save(path)", [[
      save_model
    ]] },
  },
  model = {
    { "", [[
      metrics dtype dtype_policy jit_compile distribute_strategy supports_masking input_spec path
      operations compute_mask compute_output_shape compute_output_spec rematerialized_call symbolic_call
      add_variable
    ]] },
    { "", [[
      quantize get_compile_config compile_from_config get_build_config build_from_config reset_metrics
      compute_loss compute_metrics train_step test_step predict_step add_weight add_loss stateless_call
      load_own_variables save_own_variables
    ]] },
  },
  ops = {
    { "Lua has if and for", [[
      associative_scan cond fori_loop map scan switch vectorize vectorized_map while_loop
    ]] },
    { "no audio", [[
      extract_sequences fft fft2 ifft2 irfft istft rfft stft
    ]] },
    { "no complex numbers", [[
      angle conj conjugate imag iscomplexobj isreal real view_as_complex view_as_real
    ]] },
    { "write x:totable()", [[
      convert_to_numpy
    ]] },
    { "", [[
      bitwise_and bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor
      cholesky_inverse custom_gradient eig lstsq lu_factor solve_triangular unravel_index
    ]] },
  },
  ["ops.image"] = {
    { "", [[
      scale_and_translate
    ]] },
  },
  optimizers = {
    { "all numbers are float32", [[
      LossScaleOptimizer
    ]] },
    { "which rule a variable follows depends on the names of layers, which no optimizer here sees", [[
      Muon
    ]] },
    { "", [[
      Optimizer
    ]] },
  },
  ["optimizers.schedules"] = {
    { "", [[
      LearningRateSchedule
    ]] },
  },
  losses = {
    { "", [[
      Loss
    ]] },
  },
  metrics = {
    { "", [[
      Metric
    ]] },
  },
  initializers = {
    { "no audio", [[
      STFT STFTInitializer stft
    ]] },
    { "", [[
      Initializer
    ]] },
  },
  regularizers = {
    { "", [[
      Regularizer
    ]] },
  },
  constraints = {
    { "", [[
      Constraint
    ]] },
  },
  callbacks = {
    { "an experiment never trains a finished trial again", [[
      BackupAndRestore
    ]] },
    { "with use_ema, fit ends with the averages", [[
      SwapEMAWeights
    ]] },
    { "reports are Markdown and CSV, and nothing is sent over the network", [[
      TensorBoard RemoteMonitor OrbaxCheckpoint
    ]] },
    { "", [[
      CallbackList
    ]] },
  },
  utils = {
    { "nn.utils.train_test_split", [[
      split_dataset
    ]] },
    { "data are tensors", [[
      audio_dataset_from_directory
      pack_x_y_sample_weight unpack_x_y_sample_weight
    ]] },
    { "any object with __len and get(i) is one", [[
      PyDataset Sequence
    ]] },
    { "", [[
      FeatureSpace get_file Progbar Config clear_session is_keras_tensor standardize_dtype get_source_inputs
      convert_data_format convert_to_channels_first convert_to_channels_last bounding_boxes legacy
    ]] },
    { "no custom objects", [[
      CustomObjectScope custom_object_scope get_custom_objects get_registered_name get_registered_object
      register_keras_serializable serialize_keras_object deserialize_keras_object
    ]] },
    { "-q and -v", [[
      enable_interactive_logging disable_interactive_logging is_interactive_logging_enabled
    ]] },
  },
  preprocessing = {
    { "see nn.utils", [[
      image_dataset_from_directory text_dataset_from_directory timeseries_dataset_from_array
    ]] },
  },
  random = {
    { "x:gather(nn.random.permutation(#x) + 1)", [[
      shuffle
    ]] },
    { "the layer, called with training = true", [[
      dropout
    ]] },
    { "nn.utils.set_random_seed, and seed", [[
      SeedGenerator
    ]] },
    { "", [[
      beta binomial categorical gamma
    ]] },
  },
  applications = {
    { "each network's module has preprocess_input and decode_predictions", [[
      imagenet_utils
    ]] },
    { "", [[
      ConvNeXtTiny ConvNeXtSmall ConvNeXtBase ConvNeXtLarge ConvNeXtXLarge EfficientNetV2B0 EfficientNetV2B1
      EfficientNetV2B2 EfficientNetV2B3 EfficientNetV2S EfficientNetV2M EfficientNetV2L InceptionResNetV2
      MobileNetV3Large MobileNetV3Small NASNetLarge NASNetMobile convnext efficientnet_v2 inception_resnet_v2
      mobilenet_v3 nasnet
    ]] },
  },
  datasets = {
    { "", [[
      boston_housing reuters
    ]] },
  },
}

-- Module -> name in small letters -> the reason.
local reasons = {}
for module, groups in pairs(NAMES) do
  reasons[module] = {}
  for _, group in ipairs(groups) do
    for name in group[2]:gmatch "%S+" do reasons[module][name:lower()] = group[1] end
  end
end

--- How a message goes on that says of a name that it is unknown, where Keras has it.
-- @tparam string module such as "layers", "callbacks"; "model" and "layer" for the methods and fields of one
-- @tparam string name as Keras writes it, or in small letters, as a name that stands for an object
-- @treturn ?string nil for a name that Keras has not either
-- @usage absent.reason("layers", "MelSpectrogram") --> " here: no audio"
function absent.reason(module, name)
  local known, lower = reasons[module] or {}, tostring(name):lower()
  local reason = known[lower] or known[(lower:gsub("_", ""))]
  return reason and (reason == "" and " here, though Keras has it" or " here: " .. reason)
end

return absent
