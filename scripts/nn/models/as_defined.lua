--- What a model gives in the form in which it was defined: one tensor, a list, or a table by names.
-- @tparam table model
-- @tparam {tensor,...} outputs
-- @treturn tensor|table
return function(model, outputs)
  if not model.gives_names then return #outputs == 1 and outputs[1] or outputs end
  local by_name = {}
  for i, name in ipairs(model.output_names) do by_name[name] = outputs[i] end
  return by_name
end
