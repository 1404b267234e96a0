--- The MD5 of a file, as the program md5sum (or md5, on macOS) computes it. Keras names its files' checksums so.
local program = require "nn.support.program"
local stop = require "nn.support.stop"

local PROGRAMS = { { "md5sum", "--" }, { "md5", "-r", "--" } }

--- @tparam string path
-- @treturn ?string 32 hexadecimal digits; nil where it cannot be computed
-- @treturn ?string then why
return function(path)
  for _, words in ipairs(PROGRAMS) do
    words = table.move(words, 1, #words, 1, {})
    words[#words + 1] = path
    local text, problem, why = program.run(words, { on_tick = stop.check })
    if text then return text:match "%x+" end
    if why ~= "missing" then return nil, problem end
  end
  return nil, "the program md5sum is not installed (on Debian: apt-get install coreutils)"
end
