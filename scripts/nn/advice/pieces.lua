--- The pieces of advice of a script: which were given, which are turned off, which are collected for an experiment.
--
-- A piece is `{ name =, text =, where = "lab.lua:14: ", about =, part = }`; `about` is the thing it concerns: a model,
-- or what stands for a set of data; `part` names the part of a model that it is; `size`, where there is one,
-- says how bad it is. Of one name a piece is given once for each thing, and the same words once for each line of the
-- script, so that a loop that makes a hundred models is told once.
local kinds = require "nn.advice.kinds"

local pieces = {}

local MOST = 3 -- pieces of one name and line that are shown; more are only listed

local silenced, list, said, shown, concerned
local collected -- a list while pieces are collected

--- Forgets all, as at the start of a script.
function pieces.reset()
  silenced, list, said, shown, collected = {}, {}, {}, {}, nil
  concerned = {} -- name -> things, which go when nobody else refers to them
end

pieces.reset()

--- Turns a name off.
function pieces.silence(name) silenced[name] = true end

local function is_concerned(name, about)
  return about ~= nil and concerned[name] ~= nil and concerned[name][about] == true
end

--- Whether a piece of that name would be taken. What is collected may be for another report than what was given.
-- @tparam string name
-- @param about the thing it would concern; nil where that is not known
function pieces.is_wanted(name, about)
  return not silenced[name] and (collected ~= nil or not is_concerned(name, about))
end

--- Those given so far.
-- @treturn {{name=,text=,where=},...}
function pieces.list()
  local copy = {}
  for i, each in ipairs(list) do copy[i] = { name = each.name, text = each.text, where = each.where } end
  return copy
end

--- Those shown so far that no experiment has given.
function pieces.of_script()
  local some = {}
  for _, each in ipairs(list) do
    if not (each.is_of_experiment or each.is_hidden) then some[#some + 1] = each end
  end
  return some
end

--- A piece as the console and the report show it.
-- @tparam[opt] string word before the text, such as "advice: "
function pieces.line(piece, word)
  return ("%s%s%s [%s]"):format(piece.where or "", word or "", piece.text, piece.name)
end

--- Some of the pieces: those whose name is about "data", a "model" or an "outcome".
-- @tparam {piece,...} some
-- @tparam string about see nn.advice.kinds
function pieces.about(some, about)
  local chosen = {}
  for _, piece in ipairs(some) do
    if (kinds[piece.name] or {}).about == about then chosen[#chosen + 1] = piece end
  end
  return chosen
end

-- Notes that a piece concerns its thing; whether it did before.
local function is_told(piece)
  local key = ("%s\0%s\0%s"):format(piece.name, piece.where, piece.text)
  local is_old = said[key] or is_concerned(piece.name, piece.about)
  said[key] = true
  if piece.about ~= nil then
    concerned[piece.name] = concerned[piece.name] or setmetatable({}, { __mode = "k" })
    concerned[piece.name][piece.about] = true
  end
  return is_old
end

local function show(piece)
  local place = ("%s\0%s"):format(piece.name, piece.where)
  shown[place] = (shown[place] or 0) + 1
  piece.is_hidden = shown[place] > MOST
  if shown[place] > MOST + 1 then return end
  io.stderr:write(shown[place] <= MOST and pieces.line(piece, "advice: ")
    or ("%sadvice: more of this kind; nn.advice.list() has all [%s]"):format(piece.where, piece.name), "\n")
end

--- Gives a piece, unless that was done before or its name is turned off.
function pieces.give(piece)
  if silenced[piece.name] or is_told(piece) then return end
  list[#list + 1] = piece
  show(piece)
end

--- Gives a piece, or adds it to those that are collected.
function pieces.take(piece)
  if not collected then return pieces.give(piece) end
  for _, each in ipairs(collected) do
    local is_same = each.about ~= nil and each.about == piece.about or each.text == piece.text
    if each.name == piece.name and is_same then return end
  end
  collected[#collected + 1] = piece
end

--- Calls a function and collects its advice instead of giving it.
-- @tparam function action
-- @param ... its arguments
-- @treturn {piece,...}
-- @return what the function returns
function pieces.collect(action, ...)
  local before, own = collected, {}
  collected = own
  local results = table.pack(pcall(action, ...))
  collected = before
  if not results[1] then error(results[2], 0) end
  return own, table.unpack(results, 2, results.n)
end

return pieces
