--- The CTC loss: its targets are of another length than its predictions.
-- @submodule nn.losses
local Loss = require "nn.losses.base"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local own = require "nn.losses.own"

local BLANK = 0

--- The losses of samples; see CTC.
local function ctc(y_true, y_pred)
  local ops = require "nn.ops"
  local shape = require("nn.ops.base").shape_of(y_pred)
  if #shape ~= 3 or #require("nn.ops.base").shape_of(y_true) ~= 2 then
    blame "CTC: expected targets (n, length) and predictions (n, steps, classes)"
  end
  local is_label = ops.not_equal(y_true, BLANK)
  local steps = ops.add(ops.multiply(ops.sum(is_label, -1), 0), shape[2])
  return ops.ctc_loss(y_true, y_pred, ops.sum(is_label, -1), steps, BLANK)
end

local methods = own.of_call(function() return ctc end)

--- -log of the probability of the labels, whatever their alignment with the steps of the predictions: for speech and
-- writing. Targets (n, length) hold class ids from 1, padded with 0; predictions (n, steps, classes) are logits, in
-- which class 0 is the blank. See `nn.ops.ctc_loss` and `nn.ops.ctc_decode`.
-- @function CTC
-- @usage
-- local labels, logits = nn.tensor{ { 1, 2, 0 }, { 2, 0, 0 } }, nn.zeros{ 2, 5, 3 }
-- nn.losses.CTC{}(labels, logits)
-- nn.losses.ctc(labels, logits)
local construct = Loss.family.define {
  class = "CTC", methods = methods,
  arguments = { { "reduction", "sum_over_batch_size" }, { "name", "ctc" }, { "dtype" } },
  check = function(a) own.check_reduction("CTC", a.reduction) end,
}

Loss.add_function("ctc", arguments.limit("ctc", ctc), construct)
