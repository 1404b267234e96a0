--- Command lines that a user can type again.
local shell = {}

--- How the user called nnrun: "./nnrun". The command line sets it.
shell.program = "nnrun"

--- A word as a shell reads it.
-- @tparam string word
-- @treturn string
-- @usage shell.word "two words" --> "'two words'"
function shell.word(word)
  return word:find "^[%w_./=:@,%%+-]+$" and word or "'" .. word:gsub("'", "'\\''") .. "'"
end

--- A command line.
-- @tparam {string,...} words
-- @treturn string
function shell.line(words)
  local quoted = {}
  for i, word in ipairs(words) do quoted[i] = shell.word(word) end
  return table.concat(quoted, " ")
end

--- A command of nnrun, for messages that say what to do.
-- @tparam string ... its words
-- @treturn string
-- @usage shell.nnrun("data", "fetch", "mnist") --> "./nnrun data fetch mnist"
function shell.nnrun(...)
  return shell.line { shell.program, ... }
end

return shell
