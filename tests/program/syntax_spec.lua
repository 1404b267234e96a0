-- The hints below syntax errors: what habits of other languages give, and what a correct line must not be blamed for.
local files = require "nn.support.files"
local fakes = require "tests.support.experiment_fakes"
local runs = require "tests.support.runs"
local syntax = require "nn.cli.syntax"

-- The hint that a text gets; nil for none, false where the text is valid.
local function hint_of(text)
  local chunk, message = load(text, "=script")
  if chunk then return false end
  local explained = syntax.explain(message, text)
  assert.equal(message, explained:sub(1, #message)) -- Lua's own words come first
  return explained:sub(#message + 1):match "^\nhint: (.+)$"
end

-- By what the hint must say.
local HABITS = {
  ["a list is written { 1, 2, 3 }"] = { "x = [1, 2]", "m = nn.Sequential([Dense(10)])", "f([1, 2])", "return [1]" },
  ["a slice is x[{ { 1, 10 } }]"] = { "y = x[0:10]", "y = x[:10]", "y = x[5:]", "y = x[::2]", "y = x[:, 0]",
    "y = x[a:b]", "y = x[i:i+5]", "x_train[0:5, :] = 1" },
  ["several positions go in one table"] = { "y = x[0, 1]" },
  ["named arguments go in one table"] = { 'Dense(10, activation = "relu")', "m:fit(x, y, epochs=1)",
    "m:fit(x, y,\n  epochs = 1,\n  batch_size = 2)", "m.compile(optimizer='adam', loss='mse')" },
  ["there is no import"] = { "import numpy", "import numpy as np", "from keras.layers import Dense, Flatten" },
  ["a function is function f(...) ... end"] = { "def f(x):\n  return x", "async def f():", "fn f(x)", "func f(x)" },
  ["there is no class"] = { "class A:\n  pass", "class A(B):" },
  ["Lua has no +=; write x = x + 1"] = { "x += 1", "x += 1 -- one more", "  x += 1;" },
  ["Lua has no -=; write t[i].n = t[i].n - a * b"] = { "t[i].n -= a * b" },
  ["Lua has no *="] = { "x *= 2" }, ["Lua has no /="] = { "x /= 255" }, ["Lua has no //="] = { "x //= 2" },
  ["Lua has no **=; write x = x ^ 2"] = { "x **= 2" },
  ['write s = s .. "--x"'] = { 's ..= "--x" -- text' },
  ["Lua has no ++; write x = x + 1"] = { "x++", "++x", "x++;" }, ["Lua has no --; write x = x - 1"] = { "x--\ny = 2" },
  ["not equal is written ~="] = { "if x != 1 then end", "if x <> 1 then end", "if x !== 1 then end" },
  ["a comment begins with --"] = { "# comment", "x = 1 # one", "x = f(y)  # one", "// comment", "/* comment */" },
  ["elif is written elseif"] = { "if x then\nelif y then\nend" },
  ["elseif does not"] = { "if x then\n a()\nelse if y then\n b()\nend", "if x then y = 1 else if z then y = 2 end" },
  ["if ... then"] = { "if x > 1:\n f()\nend", "if x:\n f(x)\nend", "if x == 1: f()", "if a and\n b == 2:\n f()\nend",
    "if x\n f()\nend", "if (x > 1) {\n y = 2\n}" },
  ["while ... do"] = { "while x < 3:\n f()", "while f(x): g()", "while x > 0 {\n f()\n}" },
  ["write else alone"] = { "if x then a()\nelse:\n b()\nend" },
  ["for i = 1, 10 do"] = { "for i in range(10):\n f(i)", "for i in range(10): f(i)", "for i in 1..10 do end" },
  ["for i = 2, 9 do"] = { "for i in range(2, 10):\n f(i)" },
  ["for i = 1, n do"] = { "for (i = 0; i < n; i++) {\n f()\n}" },
  ["for i, x in ipairs(list) do"] = { "for x in xs:\n f(x)\nend", "for i, x in enumerate(xs):\n f(x)" },
  ["for k, v in pairs(t) do"] = { "for k, v in d.items():\n f(k)" },
  ["a function without a name is function(x)"] = { "f = lambda x: x + 1", "f = lambda: 1", "f(x => x + 1)" },
  ["errors are caught by local ok, message = pcall"] = { "try:\n  f()\nexcept:\n  pass" },
  ["an error is raised by error"] = { "raise ValueError('x')", "throw 1" },
  ["a text of several lines is [["] = { "'''text\nmore'''", '"""text"""', 'x = """a\nb"""' },
  ["a power is x ^ 2"] = { "y = x ** 2", "y = x**2" },
  ["local x = ..."] = { "let x = 1", "const x = 1;", "var x = 1", "int x = 1;", "int x;" },
  ["&& is written and"] = { "if a && b then end" }, ["|| is written or"] = { "if a || b then end" },
  ["! is written not"] = { "if !x then end", "y = !x" },
  ["the function of line 1 lacks its end"] = { "function f()\n  return 1\n" },
  ["the for of line 2 lacks its end"] = { "x = 1\nfor i = 1, 3 do\n  f()\n" },
  ["an end is missing"] = { "local function f(x) return x" },
  ["one end too many"] = { "f()\nend" },
  ["for ... do"] = { "for i = 1, 10\n f(i)\nend" },
  ["a comma"] = { "t = { 1, 2\n 3 }", "nn.Sequential{ Dense{ 1 } Dense{ 2 } }", "m.fit(x y)" },
  ["no comma stands after the last argument"] = { "f(x, y,)", "f(\n x,\n y,\n)" },
  ["fields of a table are { name = value }"] = { 'x = { "a": 1 }', "x = { a: 1 }", 'x = { "a" = 1 }',
    "lab:sweep('W', { width: [50] })" },
  ["written { 28, 28 }"] = { "input_shape = (28, 28)", "Dense(10, { input_shape = (4, 4) })" },
  ["condition and a or b"] = { "x = a if b else c", "x = a ? b : c", "return a if b else c" },
  ["to compare, write =="] = { "if x = 1 then end", "while x = 1 do end" },
  ["write == nil"] = { "if x is None then end" }, ["write ~= nil"] = { "if x is not None then end" },
  ["there is no operator in"] = { "if x in xs then end", "if not x in xs then end" },
  ["there are no list comprehensions"] = { "x = [f(i) for i in xs]" },
  ["write goto continue"] = { "for i = 1, 3 do\n continue\nend", "for i = 1, 3 do\n if x then continue end\nend" },
  ["local file <close>"] = { "with open(p) as f:\n  g(f)" },
  ["needs no pass"] = { "if x then\n pass\nend" },
  ["a call with several arguments needs parentheses"] = { 'lab:sweep "W", { width = { 1 } }', 'print "a", b' },
  ["parameters have no defaults"] = { "function f(x, y = 2) end" },
  ["a matrix product is a:matmul(b)"] = { "y = a @ b" },
  ["return must be the last statement"] = { "function f()\n return 1\n g()\nend" },
  ["no closing quote"] = { 'x = "abc', "x = 'it's'" },
  ["quotes are \" or '"] = { "x = “abc”" },
}

-- Lines that are right, beside an error that none of the habits explains.
local RIGHT = {
  "y = a // b", "y = x ^ 2", "if a ~= b then end", 'print "# not a comment"', 'print "x += 1"', "t = [[ ''' ]]",
  "y = #x", "y = a and b or c", "y = t[f:name()]", "-- import numpy", "y = not x", "y = a & b | c", "y = { [1] = 2 }",
}

describe("a syntax error", function()
  teardown(fakes.clean)

  for wanted, texts in pairs(HABITS) do
    it("is explained: " .. wanted, function()
      for _, text in ipairs(texts) do
        local hint = hint_of(text)
        assert.is_truthy(hint and hint:find(wanted, 1, true), ("%s\n--> %s"):format(text, tostring(hint)))
      end
    end)
  end

  it("is not blamed on a line that is right", function()
    for _, line in ipairs(RIGHT) do
      assert.is_function(load(line), line)
      assert.is_nil(hint_of(line .. "\nx = 5 y =\n"), line)
    end
  end)

  it("has its hint in scripts, on the command line and at the prompt", function()
    local folder = fakes.folder()
    local function run(words, input)
      fakes.write(folder .. "/lab.lua", "-- a script\nx += 1\n")
      fakes.write(folder .. "/input", input or "")
      os.execute(("cd '%s' && '%s' %s <input >out 2>err"):format(folder, runs.PROGRAM, words))
      return files.read(folder .. "/err")
    end
    assert.equal("nnrun: lab.lua:2: syntax error near '+'\nhint: Lua has no +=; write x = x + 1\n", run "lab.lua")
    assert.matches("hint: Lua has no %+=; write x = x %+ 1\n$", run "check lab.lua")
    assert.matches("hint: Lua has no %+=; write x = x %+ 1\n$", run "-e 'x += 1'")
    assert.matches("hint: Lua has no %+=; write x = x %+ 1\n$", run("repl", "x += 1\n"))
  end)
end)
