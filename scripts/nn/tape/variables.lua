--- What is known of the tensors that training changes: a layer's weights and what `nn.Variable` makes.
local variables = {}

-- By tensor: { name =, trainable = } of a Variable, { owner =, index = } of a layer's weight.
local known = setmetatable({}, { __mode = "k" })

--- Makes a tensor a variable.
-- @tparam tensor t
-- @tparam table about name and trainable; or owner (a layer) and index (which of its weights it is)
-- @treturn tensor t
function variables.register(t, about)
  known[t] = about
  return t
end

--- Whether a tensor is a variable.
function variables.is(t) return known[t] ~= nil end

--- Whether a tensor is a variable that training changes, as things stand now.
function variables.is_trainable(t)
  local about = known[t]
  if not about then return false end
  local owner = about.owner
  if not owner then return about.trainable end
  return owner.trainable and owner.weight_is_state ~= nil and not owner.weight_is_state[about.index]
end

--- What messages call a variable, such as "dense/kernel"; nil for another tensor.
function variables.name_of(t)
  local about = known[t]
  if not about then return nil end
  return about.name or about.owner.name .. "/" .. about.owner.weight_names[about.index]
end

--- The name that the script gave a variable; nil if it gave none.
function variables.given_name_of(t) return known[t] and known[t].is_named and known[t].name or nil end

--- The layer that has a tensor as a weight, and which of its weights it is; nil for another tensor.
function variables.owner_of(t)
  local about = known[t]
  if about and about.owner then return about.owner, about.index end
end

--- The limit that a variable is brought within after an update.
-- @treturn ?table as engine.rules takes it; nil if it has none
function variables.constraint_of(t)
  local about = known[t]
  local owner = about and about.owner
  if not owner then return nil end
  local own = rawget(owner, "own_weights") -- of layers of a script's own
  return (own and own.constraints or owner.weight_constraints)[about.index]
end

--- The regularizer and the constraint of a layer's weight, as objects.
-- @treturn table regularizer, constraint; empty for another tensor
function variables.rules_of(t) return known[t] and known[t].rules or {} end

return variables
