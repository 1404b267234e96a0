--- What a syntax error may come from: one sentence for each habit of Python, C or JavaScript.
local syntax = {}

local LOOKED_BACK = 4 -- lines before the one that Lua names, which may be the cause

-- What other languages write for `local`.
local DECLARATIONS = { let = true, const = true, var = true, int = true, float = true, double = true, bool = true,
  auto = true, string = true }

local COLON = {
  ["if"] = "if ... then, and end closes it", ["elif"] = "elseif ... then", ["elseif"] = "elseif ... then",
  ["else"] = "else alone", ["for"] = "for ... do, and end closes it", ["while"] = "while ... do, and end closes it",
}

local function declaration(word, name)
  return DECLARATIONS[word] and ("a new name is declared with local: local %s = ..."):format(name)
end

local function in_place(name, operator, value)
  value = value:match "^(.-)%s*;?%s*$"
  local own = operator == "**" and "^" or operator
  return ("Lua has no %s=; write %s = %s %s %s"):format(operator, name, name, own, value)
end

local function step(name, operator)
  return ("Lua has no %s%s; write %s = %s %s 1"):format(operator, operator, name, name, operator)
end

local function colon(word)
  return COLON[word] and ("a block does not begin with a colon; write %s"):format(COLON[word])
end

local function brace(word)
  return COLON[word] and ("a block is not put in braces; write %s"):format(COLON[word])
end

local function step_before(operator, name)
  return step(name, operator)
end

local function range(name, bounds)
  local first, last = bounds:match "^%s*([^,]-)%s*,%s*([^,]-)%s*$"
  if last then last = math.tointeger(last) and math.tointeger(last) - 1 or last .. " - 1" end
  return ("a loop over numbers is for %s = %s, %s do ... end; the last number is included"):format(name, first or 1,
    last or bounds)
end

local SLICE = "a slice is x[{ { 1, 10 } }]: positions count from 1, and both ends are included"
local FIELDS = 'fields of a table are { name = value }, or { ["a name"] = value }'
local TERNARY = "a choice within an expression is condition and a or b"
local UNEQUAL = "not equal is written ~="
local QUOTES = "a text of several lines is [[ ... ]], and a comment of several lines --[[ ... ]]"
local CONTINUE = "there is no continue; write goto continue, and ::continue:: before the end of the loop"
local CATCH = "errors are caught by local ok, message = pcall(function() ... end)"
local RAISE = 'an error is raised by error("...")'
local IMPORT = 'there is no import; write local nn = require "nn", and local Dense = nn.layers.Dense'

-- `line`: what the line looks like without strings and comments (`raw`: with them); `said`: what Lua says; `hint`: the
-- sentence, or a function of what the pattern captures. `before`: the cause may be a few lines above; `in_block`: or
-- anywhere in the block that lacks its end. The first rule that fits is taken.
local RULES = {
  { raw = '"""', said = "unfinished string", before = true, hint = QUOTES },
  { raw = '"""', said = "near '[\"']", before = true, hint = QUOTES },
  { raw = "'''", said = "unfinished string", before = true, hint = QUOTES },
  { raw = "'''", said = "near '[\"']", before = true, hint = QUOTES },
  { line = "^%s*import%f[%W]", hint = IMPORT },
  { line = "^%s*from%s+[%w_.]+%s+import%f[%W]", hint = IMPORT },
  { line = "^%s*async%s+def%s+([%w_]+)", hint = "a function is function %s(...) ... end" },
  { line = "^%s*def%s+([%w_]+)", hint = "a function is function %s(...) ... end" },
  { line = "^%s*func?%s+([%w_]+)%s*%(", hint = "a function is function %s(...) ... end" },
  { line = "^%s*fn%s+([%w_]+)%s*%(", hint = "a function is function %s(...) ... end" },
  { line = "^%s*class%s+[%w_]+", hint = "there is no class; a table with functions in it does that work" },
  { line = "%f[%w_]lambda%f[^%w_]", hint = "a function without a name is function(x) return ... end" },
  { line = "=>", hint = "a function without a name is function(x) return ... end" },
  { line = "^%s*try%f[^%w_]", before = true, hint = CATCH },
  { line = "^%s*except%f[^%w_]", hint = CATCH },
  { line = "^%s*catch%f[^%w_]", hint = CATCH },
  { line = "^%s*raise%f[^%w_]", before = true, hint = RAISE },
  { line = "^%s*throw%f[^%w_]", before = true, hint = RAISE },
  { line = "^%s*assert%s+[^%s(]", hint = "assert is a function: assert(condition, \"message\")" },
  { line = "^%s*[%w_.:]+%s*[\"'{].*,", said = "near ','", hint = "a call with several arguments needs parentheses" },
  { line = "^%s*with%s+.+%s+as%s", hint = "a file that closes itself is local file <close> = io.open(path)" },
  { line = "^%s*del%s+([%w_.]+)", hint = "a name is given up by %s = nil" },
  { line = "^%s*global%s+[%w_]+", hint = "names are global unless they are declared local; leave this line out" },
  { line = "^%s*pass%s*$", before = true, hint = "an empty block needs no pass; leave it out" },
  { line = "%f[%w_]continue%s*;?%s*$", before = true, hint = CONTINUE },
  { line = "%f[%w_]continue%s*;?%s*end", hint = CONTINUE },
  { line = "^%s*@", hint = "there are no decorators; call the function: f = decorator(f)" },
  { line = "^%s*elif%f[^%w_]", hint = "elif is written elseif ... then" },
  { line = "^%s*elsif%f[^%w_]", hint = "elsif is written elseif ... then" },
  { line = "%f[%w_]else%s+if%f[^%w_]", in_block = true, said = "expected",
    hint = "else if begins an if that needs an end of its own; elseif does not" },
  { line = "^%s*for%s+([%w_]+)%s+in%s+range%s*%((.-)%)%s*:", before = true, hint = range },
  { line = "^%s*for%s+([%w_]+%s*,%s*[%w_]+)%s+in%s+enumerate%s*%(", before = true,
    hint = "a loop over a list is for %s in ipairs(list) do ... end" },
  { line = "^%s*for%s+([%w_]+%s*,%s*[%w_]+)%s+in%s+[%w_.]+%.items%s*%(", before = true,
    hint = "a loop over a table is for %s in pairs(t) do ... end" },
  { line = "^%s*for%s+([%w_]+)%s+in%s+[%w_.]+%s*:%s*$", before = true,
    hint = "a loop over a list is for i, %s in ipairs(list) do ... end" },
  { line = "^%s*for%s*%(.*;", hint = "a loop over numbers is for i = 1, n do ... end" },
  { line = "^%s*(%l+)%f[^%w_].*:%s*$", before = true, hint = colon },
  { line = "^%s*(%l+)%f[^%w_].*:%s+%S", hint = colon },
  { line = "^%s*}?%s*(%l+)%f[^%w_].*{%s*$", before = true, hint = brace },
  { line = "^%s*[%w_ ]*function.*%)%s*{", hint = "a block is not put in braces; write function(...) ... end" },
  { line = "^%s*(.-%S)%s*(//)=%s*(.+)$", hint = in_place },
  { line = "^%s*(.-%S)%s*(%*%*)=%s*(.+)$", hint = in_place },
  { line = "^%s*(.-%S)%s*(%.%.)=%s*(.+)$", hint = in_place },
  { line = "^%s*([^=]-[%w_%])])%s*([-+*/%%^|&])=%s*([^=].*)$", hint = in_place },
  { line = "^%s*([%w_.%[%]]+)%s*(%+)%+", hint = step },
  { line = "^%s*(%+)%+([%w_.]+)", hint = step_before },
  { raw = "^%s*([%w_.]+)(%-)%-%s*;?%s*$", before = true, hint = step },
  { line = ":=", hint = "a value is given by = in a line of its own" },
  { line = "!==?", hint = UNEQUAL },
  { line = "<>", hint = UNEQUAL },
  { line = "===", hint = "equal is written ==" },
  { line = "&&", hint = "&& is written and" },
  { line = "||", hint = "|| is written or" },
  { line = "!", hint = "! is written not" },
  { line = "?", hint = TERNARY },
  { line = "=.+%f[%w_]if%f[^%w_].+%f[%w_]else%f[^%w_]", hint = TERNARY },
  { line = "return%s.+%f[%w_]if%f[^%w_].+%f[%w_]else%f[^%w_]", hint = TERNARY },
  { line = "%f[%w_]is%s+not%s+None%f[^%w_]", hint = "write ~= nil" },
  { line = "%f[%w_]is%s+None%f[^%w_]", hint = "write == nil" },
  { line = "%f[%w_]is%f[^%w_]", said = "near 'is'", hint = "to compare, write == or ~=" },
  { line = "%f[%w_]in%f[^%w_]", said = "expected near 'in'",
    hint = "there is no operator in; a table by keys is asked set[x], a text text:find(x, 1, true)" },
  { line = "^%s*#", hint = "a comment begins with --" },
  { line = "#", said = "near '#'", hint = "a comment begins with --" },
  { line = "^%s*//", hint = "a comment begins with --; // divides and rounds down" },
  { line = "/%*", hint = "a comment begins with --, one of several lines is --[[ ... ]]" },
  { line = "^%s*(%l+)%s+([%w_]+)%s*=", hint = declaration },
  { line = "^%s*(%l+)%s+([%w_]+)%s*;?$", hint = declaration },
  { line = "[%w_%])]%s*@%s*[%w_(]", hint = "a matrix product is a:matmul(b)" },
  { line = "%*%*", hint = "a power is x ^ 2" },
  { line = "%[.*%f[%w_]for%f[^%w_].*%f[%w_]in%f[^%w_].*%]",
    hint = "there are no list comprehensions; fill a table in a loop: list[#list + 1] = value" },
  { line = "[%w_%])]%[[^%]]*:[^%]]*%]", said = "near '[]:]'", hint = SLICE },
  { line = "[%w_%])]%[[^%]]*:[^%]]*%]", said = "function arguments expected", hint = SLICE },
  { line = "[%w_%])]%[[^%]]*::[^%]]*%]", hint = SLICE },
  { line = "[%w_%])]%[[^%]]*,[^%]]*%]", said = "'%]' expected near ','",
    hint = "several positions go in one table: x[{ 1, 2 }]" },
  { line = "^%s*local%s+[%w_]+%s*:", hint = "names have no types; leave the type out" },
  { line = "function.*%(.*:", said = "near ':'", hint = "parameters have no types; leave the type out" },
  { line = "function.*%(.*=", said = "near '='",
    hint = "parameters have no defaults; write name = name or VALUE within the function" },
  { line = "[\"']%s*:", said = "'}' expected.* near ':'", hint = FIELDS },
  { line = "[%w_]%s*:", said = "'}' expected.* near ':'", hint = FIELDS },
  { line = "[{,]%s*[%w_]+%s*:", said = "<name> expected", hint = FIELDS },
  { line = "[\"']%s*=", said = "'}' expected.* near '='", hint = FIELDS },
  { said = "unexpected symbol near '%['", hint = "a list is written { 1, 2, 3 }, not [ ... ]" },
  { line = "[(,]%s*end%s*=", hint = "io.write(...) prints without an end of the line" },
  { line = "^%s*if%s", said = "near '='", hint = "to compare, write ==; = gives a value" },
  { line = "^%s*while%s", said = "near '='", hint = "to compare, write ==; = gives a value" },
  { said = "'%)' expected.* near '='",
    hint = 'named arguments go in one table: Dense{ 10, activation = "relu" }, model:fit(x, y, { epochs = 5 })' },
  { line = "%([^()]*,", said = "'%)' expected.* near ','", hint = "a list, or a shape, is written { 28, 28 }" },
  { said = "malformed number near '%d+%.%.", hint = "a loop over numbers is for i = 1, 10 do ... end" },
  { said = "malformed number near '%d+_", hint = "numbers have no underscores: 10000" },
  { said = "unfinished string", hint = "the text has no closing quote on its line; one of several lines is [[ ... ]]" },
  { said = "near '<\\226>'", hint = "a character that is not Lua's: quotes are \" or ', minus is -" },
  { said = "'then' expected near ':'", hint = colon "if" },
  { said = "'do' expected near ':'", hint = "a block does not begin with a colon; write do" },
  { said = "'then' expected", hint = "write if ... then ... end" },
  { said = "'do' expected", hint = "write for ... do ... end, or while ... do ... end" },
  { said = "'end' expected %(to close '(%l+)' at line (%d+)%) near <eof>", hint = "the %s of line %s lacks its end" },
  { said = "'end' expected near <eof>", hint = "an end is missing: each function, if, for, while and do needs one" },
  { line = "%f[%w_]return%f[^%w_]", said = "expected.* near", before = true,
    hint = "return must be the last statement of its block" },
  { said = "<eof> expected near '(%l+)'", hint = "no block is open here; is there one end too many above this %s?" },
  { said = "'}' expected.* near '[])]'", hint = "a table is closed by }" },
  { said = "'}' expected %(to close '{' at line (%d+)%)", hint = "is a comma missing, or the } of line %s?" },
  { said = "'}' expected", hint = "is a comma or a } missing?" },
  { line = ",%s*%)", said = "unexpected symbol near '%)'", hint = "no comma stands after the last argument of a call" },
  { line = ",%s*$", said = "unexpected symbol near '%)'", before = true,
    hint = "no comma stands after the last argument of a call" },
  { said = "unexpected symbol near '([])}])'", hint = "there is one %s too many" },
  { said = "'%)' expected %(to close '%(' at line (%d+)%)", hint = "is a comma missing, or the ) of line %s?" },
  { said = "'%)' expected", hint = "is a comma or a ) missing?" },
}

--- A line without its comment, as it stands and with its strings blanked.
local function code_of(line)
  local function blank(text) return text:sub(1, 1) .. ("_"):rep(#text - 2) .. text:sub(-1) end
  local code = line:gsub("\\.", "__"):gsub('"[^"]*"', blank):gsub("'[^']*'", blank)
  local comment = code:find("--", 1, true)
  if comment then return line:sub(1, comment - 1), code:sub(1, comment - 1) end
  return line, code
end

local function fill(hint, ...)
  if type(hint) == "function" then return hint(...) end
  return hint:find("%s", 1, true) and hint:format(...) or hint
end

--- The hint of a rule for a line, nil where it does not fit.
local function try(rule, line, said)
  local told = table.pack(said:match(rule.said or ""))
  if not told[1] then return nil end
  local pattern = rule.raw or rule.line
  if not pattern then return fill(rule.hint, table.unpack(told)) end
  local written, code = code_of(line)
  if rule.raw then written, code = line, line end
  if not code:find(pattern) then return nil end
  local found = table.pack(written:match(pattern))
  return fill(rule.hint, table.unpack(found))
end

--- The lines that may be the cause: the one that Lua names, those before it, and all of a block that lacks its end.
local function suspects(lines, number, opened)
  local list = { { text = lines[number] or "", is_named = true } }
  for i = number - 1, math.max(1, opened or number - LOOKED_BACK), -1 do list[#list + 1] = { text = lines[i] or "" } end
  return list
end

local function find_hint(lines, number, said)
  local opened = tonumber(said:match "'end' expected %(to close '%l+' at line (%d+)%)")
  local list = suspects(lines, number, opened)
  for _, rule in ipairs(RULES) do
    for _, each in ipairs(list) do
      local is_looked_at = each.is_named or rule.before or opened and rule.in_block
      local hint = is_looked_at and try(rule, each.text, said)
      if hint then return hint end
    end
  end
end

--- A syntax error with a hint below it, where one is known.
-- @tparam string message of `load`: "lab.lua:3: unexpected symbol near '['"
-- @tparam string source the text that was loaded
-- @treturn string
-- @usage syntax.explain("lab.lua:1: syntax error near '+'", "x += 1")
function syntax.explain(message, source)
  local number, said = message:match ":(%d+): (.*)$"
  if not number then return message end
  local lines = {}
  for line in (source .. "\n"):gmatch "(.-)\r?\n" do lines[#lines + 1] = line end
  local hint = find_hint(lines, tonumber(number), said)
  return hint and ("%s\nhint: %s"):format(message, hint) or message
end

return syntax
