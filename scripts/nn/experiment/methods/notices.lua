--- What an experiment says on the terminal and in its record: warnings, advice, remarks; each once.
local pieces = require "nn.advice.pieces"
local warnings = require "nn.report.warnings"

local methods = {}

-- Notes warnings in the record and shows them, each once.
-- @tparam {string,...} list
function methods:warn(list)
  for _, text in ipairs(list) do
    if not self.has_warned[text] then
      self.has_warned[text] = true
      table.insert(self.manifest.warnings, text)
      self.progress:warn(text)
    end
  end
end

-- Gives advice, and notes it in the record, each in the same words once.
-- @tparam {piece,...} list see nn.advice.pieces
function methods:advise(list)
  for _, piece in ipairs(list) do
    local key = ("%s\0%s"):format(piece.name, piece.raw or piece.text)
    if pieces.is_wanted(piece.name) and not self.has_warned[key] then
      self.has_warned[key], piece.is_of_experiment = true, true
      table.insert(self.manifest.warnings, pieces.line(piece))
      self.progress:erase()
      pieces.give(piece)
    end
  end
end

-- Shows what is to be said of the declaration; a script with an error shows that alone.
function methods:announce()
  for _, text in ipairs(self.remarks) do self.progress:say(text) end
  self.remarks = {}
  for _, text in ipairs(self.unsaid) do self.progress:warn(text) end
  self.unsaid = {}
end

-- Warns, once, where the script looks at test results before it concludes.
-- @tparam string how
-- @tparam string where such as "evaluate at lab.lua:31"
function methods:peek(how, where)
  if self.chosen or self.has_peeked then return end
  self.has_peeked = true
  self:warn { warnings.of_peeking(how, where) }
end

return methods
