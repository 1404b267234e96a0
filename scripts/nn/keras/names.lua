--- What older generations of Keras call classes and arguments.
local names = {}

-- Classes, by their old names.
names.classes = {
  Model = "Functional", Convolution1D = "Conv1D", Convolution2D = "Conv2D", Convolution3D = "Conv3D",
  AtrousConvolution1D = "Conv1D", AtrousConvolution2D = "Conv2D", Deconvolution2D = "Conv2DTranspose",
  Convolution2DTranspose = "Conv2DTranspose", SeparableConvolution2D = "SeparableConv2D",
  BatchNormalizationV1 = "BatchNormalization", BatchNormalizationV2 = "BatchNormalization",
  SyncBatchNormalization = "BatchNormalization", CuDNNLSTM = "LSTM", CuDNNGRU = "GRU", LSTMV2 = "LSTM",
  GRUV2 = "GRU", LSTMV1 = "LSTM", GRUV1 = "GRU", TimeDistributedDense = "Dense", DepthwiseConvolution2D =
  "DepthwiseConv2D", OrthogonalInitializer = "Orthogonal", IdentityInitializer = "Identity",
  GroupedQueryAttention = "GroupQueryAttention",
}

-- Classes whose name in Python, after which weights are kept, is not the public one.
names.in_python = { GroupQueryAttention = "GroupedQueryAttention" }

-- Arguments of Keras 1 and 2, by their old names. One that the class has itself keeps its name: output_dim of
-- Embedding.
names.arguments = {
  output_dim = "units", nb_filter = "filters", filter_length = "kernel_size", subsample = "strides",
  subsample_length = "strides", border_mode = "padding", bias = "use_bias", init = "kernel_initializer",
  inner_init = "recurrent_initializer", inner_activation = "recurrent_activation", W_regularizer =
  "kernel_regularizer", U_regularizer = "recurrent_regularizer", b_regularizer = "bias_regularizer", W_constraint =
  "kernel_constraint", U_constraint = "recurrent_constraint", b_constraint = "bias_constraint", dropout_W = "dropout",
  dropout_U = "recurrent_dropout", p = "rate", sigma = "stddev", pool_length = "pool_size", stride = "strides",
  dim_ordering = "data_format", length = "size", atrous_rate = "dilation_rate", alpha = "negative_slope",
  lr = "learning_rate", gamma_init = "gamma_initializer",
  beta_init = "beta_initializer",
}

-- Values, by argument.
names.values = {
  data_format = { tf = "channels_last", th = "channels_first", default = "channels_last" },
}

-- What recurrent layers of Keras 1 and 2 did before they had the argument: class -> argument -> value.
names.old_defaults = { GRU = { reset_after = false } }

-- Arguments that count axes from 0.
names.axes = { axis = true, axes = true, shared_axes = true, attention_axes = true }

-- Arguments that only work as nnrun does if they are off.
names.refused = { "time_major", "ragged", "renorm" }

return names
