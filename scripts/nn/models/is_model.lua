--- Whether a value is a model, of whatever class.
return function(value)
  local meta = type(value) == "table" and getmetatable(value)
  return meta and meta.__name == "nn.model" or false
end
