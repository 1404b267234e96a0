--- What belongs to one output of a model, in values for all of them.
local by_output = {}

--- Of targets or sample weights: the value itself if the model has one output, else an entry of the list.
-- @param value nil stays nil
-- @tparam integer i which output
-- @tparam integer count of outputs
function by_output.given(value, i, count)
  if count == 1 then return value end
  return value and value[i]
end

--- Of what the model gave, which is a table by names if it was defined so.
-- @tparam table model
-- @param y_pred
-- @tparam integer i which output
-- @treturn tensor
function by_output.predicted(model, y_pred, i)
  if model.gives_names then return y_pred[model.output_names[i]] end
  return by_output.given(y_pred, i, #model.outputs)
end

return by_output
