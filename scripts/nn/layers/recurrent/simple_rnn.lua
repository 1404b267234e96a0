--- The simplest recurrent layer.
-- @submodule nn.layers
local recurrent = require "nn.layers.recurrent.base"

--- A recurrent layer: each step's output is activation(x · kernel + h · recurrent_kernel + bias), h the step before's.
-- @function SimpleRNN
-- @tparam integer units how many outputs
-- @tparam[opt] string|activation activation ("tanh")
-- @tparam[opt] boolean use_bias (true)
-- @tparam[opt=0] number dropout in training, the fraction of the inputs that is dropped, the same at all steps
-- @tparam[opt=0] number recurrent_dropout the same for the state, before its product
-- @tparam[opt] integer seed of both (the model's)
-- @tparam[opt] boolean return_sequences (false) whether the output of each step is given, not only the last
-- @tparam[opt] boolean return_state (false) whether the last states are given too, as further results
-- @tparam[opt] boolean go_backwards (false) whether the last step is processed first
-- @tparam[opt] boolean stateful (false) whether a batch goes on from the states that the last one ended with; all
-- batches have the same size then, until `reset_state` is called
-- @tparam[opt] boolean zero_output_for_mask (false) whether a masked step gives 0, not the output before it
-- @tparam[opt] string|initializer kernel_initializer ("glorot_uniform")
-- @tparam[opt] string|initializer recurrent_initializer ("orthogonal")
-- @tparam[opt] string|initializer bias_initializer ("zeros")
-- @tparam[opt] string|regularizer kernel_regularizer; also recurrent_regularizer, bias_regularizer,
-- activity_regularizer
-- @tparam[opt] string|constraint kernel_constraint; also recurrent_constraint, bias_constraint
-- Further arguments of Keras, `unroll` and `implementation`, change nothing here.
-- Shapes: input (n, steps, in), output (n, units) or (n, steps, units); weights kernel (in, units), recurrent_kernel
-- (units, units), bias (units).
-- Options of a call: `mask` (n, steps), 0 at steps that do not count: they keep the state; `initial_state` (n, units).
-- @usage SimpleRNN{ 32, return_sequences = true }
return recurrent.define {
  class = "SimpleRNN",
  engine = "simple_rnn",
  state_count = 1,
  arguments = recurrent.arguments({}, {}, {}),
  examples = {
    { { 3 }, { 4, 2 } }, { { 2, return_sequences = true, go_backwards = true, use_bias = false }, { 3, 2 } },
    { { 3, activation = "gelu", return_sequences = true }, { { 3, 2 }, { 3 } } },
    { { 3, dropout = 0.4, recurrent_dropout = 0.3, activity_regularizer = "l2", kernel_regularizer = "l2" }, { 3, 4 } },
  },
}
