--- The pieces of advice of a script: which were given, which are turned off, which are held back until it is known
-- whether they are to be given.
local pieces = {}

local silenced, said, list = {}, {}, {}
local held -- while some advice is held back: `names`, and the pieces in order

--- Forgets all, as at the start of a script.
function pieces.reset()
  silenced, said, list, held = {}, {}, {}, nil
end

--- Turns a name off.
function pieces.silence(name)
  silenced[name] = true
end

--- Whether a piece of that name would be given.
function pieces.is_wanted(name)
  return not (said[name] or silenced[name])
end

--- Those given so far, each with name and text.
function pieces.list()
  local copy = {}
  for i, each in ipairs(list) do copy[i] = { name = each.name, text = each.text } end
  return copy
end

--- Gives a piece, unless one of its name was given or is turned off.
-- @tparam {name=,text=,where=} piece
function pieces.give(piece)
  if not pieces.is_wanted(piece.name) then return end
  said[piece.name] = true
  list[#list + 1] = piece
  io.stderr:write(("%sadvice: %s [%s]\n"):format(piece.where, piece.text, piece.name))
end

--- Gives a piece, or holds it back where its name is.
function pieces.take(piece)
  if held and held.names[piece.name] then held[#held + 1] = piece else pieces.give(piece) end
end

--- Calls a function and holds back advice of some names.
-- @tparam {[string]=true,...} names
-- @tparam function action
-- @param ... its arguments
-- @treturn {table,...} the pieces held back, for `give`
-- @return what the function returns
function pieces.hold(names, action, ...)
  local before, own = held, { names = names }
  held = own
  local results = table.pack(pcall(action, ...))
  held = before
  if not results[1] then error(results[2], 0) end
  return own, table.unpack(results, 2, results.n)
end

return pieces
