-- nn.read_csv: what RFC 4180 allows, and what a file can have wrong.
local nn = require "nn"

local path

local function write(text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
  return path
end

local function load(text, options)
  return nn.read_csv(write(text), options)
end

local function message_of(...)
  local ok, message = pcall(...)
  assert.is_false(ok)
  return tostring(message)
end

setup(function() path = os.tmpname() end)
teardown(function() os.remove(path) end)

describe("read_csv", function()
  it("reads numbers and names whatever the line ends", function()
    for _, line_end in ipairs { "\n", "\r\n", "\r" } do
      local text = "\u{feff}a,b|1, -2.5e1 |+.5,3|"
      local x, names = load((text:gsub("|", line_end)))
      assert.are.same({ { 1, -25 }, { 0.5, 3 } }, x:totable())
      assert.are.same({ "a", "b" }, names)
      assert.are.equal("float32", x.dtype)
    end
  end)

  it("needs no line end at the end, and skips empty lines", function()
    assert.are.same({ { 1 }, { 2 } }, load("a\n\n1\n\n\n2"):totable())
  end)

  it("reads quoted cells with delimiters, line ends and quotes in them", function()
    local x, names, texts = load('"a","b, ""c"""\n"1","say ""hi""\r\nand, go"\n2,plain\n3,""\n', { text = 'b, "c"' })
    assert.are.same({ { 1 }, { 2 }, { 3 } }, x:totable())
    assert.are.same({ "a" }, names)
    assert.are.same({ 'say "hi"\r\nand, go', "plain", "" }, texts['b, "c"'])
  end)

  it("takes chosen columns in the order asked for", function()
    local text = "a;b;c\n1;2;x\n3;4;y\n"
    local x, names, texts = load(text, { delimiter = ";", columns = { "b", 1 }, text = { "c" } })
    assert.are.same({ { 2, 1 }, { 4, 3 } }, x:totable())
    assert.are.same({ "b", "a" }, names)
    assert.are.same({ "x", "y" }, texts.c)
    assert.are.same({ { 2 }, { 4 } }, load(text, { delimiter = ";", columns = { "b" } }):totable())
  end)

  it("reads files without a header", function()
    local x, names = load("1,2\n3,4\n", { header = false })
    assert.are.same({ { 1, 2 }, { 3, 4 } }, x:totable())
    assert.are.same({ "column_1", "column_2" }, names)
    assert.are.same({ { 3, 4 } }, load("1,2\n3,4\n", { header = true }):totable())
    assert.matches("the first line.*header = false", message_of(load, "a,2\n3,4\n"))
  end)

  it("reads what is missing as NaN, where told so", function()
    local x = load("a,b\n1,\nNA,2\n", { missing = { "", "NA" } })
    assert.is_true(x[1][2] ~= x[1][2] and x[2][1] ~= x[2][1])
    assert.matches('line 2, column 2 %(b%): no value; missing = { "" }', message_of(load, "a,b\n1,\n"))
  end)

  it("reads gzip'ed files", function()
    write "a,b\n1,2\n"
    os.execute(("gzip -c %s > %s.gz"):format(path, path))
    assert.are.same({ { 1, 2 } }, nn.read_csv(path .. ".gz"):totable())
    os.remove(path .. ".gz")
  end)

  it("tells of all columns that are not numbers at once, and what to do about each", function()
    local message = message_of(load, "city,rooms,sold,price\nBasel,NA,2020-01-03,1\nBern,3,2020-02-01,2\n")
    for _, part in ipairs {
      "3 columns have cells that are no numbers:",
      'line 2, column 1 (city): expected numbers, found "Basel", "Bern" in 2 of 2 rows',
      'line 2, column 2 (rooms): expected a number, found "NA"',
      'line 2, column 3 (sold): expected numbers, found dates such as "2020-01-03", "2020-02-01" in 2 of 2 rows',
      'missing = { "NA" } reads such cells as NaN',
      'text = { "city", "sold" } reads words and dates as lists', "columns = { ... } names the columns that are wanted",
    } do
      assert.is_truthy(message:find(part, 1, true), message)
    end
    local x, _, texts = nn.read_csv(path, { text = { "city", "sold" }, missing = { "NA" } })
    assert.are.same({ 2, 2 }, x.shape)
    assert.are.same({ { 0, 1 }, { 1, 0 } }, nn.preprocessing.OneHotEncoder():fit({ "Bern", "Basel" })
      :transform({ texts.city[2], texts.city[1] }):totable())
    assert.are.same({ { 2020, 1, 3 }, { 2020, 2, 1 } }, nn.preprocessing.date_features(texts.sold):totable())
  end)

  it("says which delimiter the file has", function()
    for delimiter, text in pairs {
      [";"] = "a;b\n1,5;2\n", ["\\t"] = "a\tb\n1\t2\n", ["|"] = "a|b\n1|2\n3|4\n",
    } do
      local want = 'say delimiter = "' .. delimiter .. '"'
      assert.is_truthy(message_of(load, text):find(want, 1, true))
      assert.is_truthy(message_of(load, text, { columns = { "a" } }):find(want, 1, true))
    end
    assert.matches('say delimiter = " "', message_of(load, "1 2\n3 4\n", { header = false }))
    assert.matches('say delimiter = ","', message_of(load, "a,b\n1,2\n", { delimiter = ";" }))
    assert.is_nil(message_of(load, "a,b\n1,x;y\n"):find "delimiter")
  end)

  it("reads fractions after a comma, where told so", function()
    assert.are.same({ { 1.5, -0.25 } }, load("a;b\n1,5;-,25\n", { delimiter = ";", decimal = "," }):totable())
    assert.matches('found "1,5"; decimal = ","', message_of(load, "a;b\n1,5;2\n", { delimiter = ";" }))
    assert.matches('expected a number, found "1.5"',
      message_of(load, "a;b\n1.5;2\n", { delimiter = ";", decimal = "," }))
    assert.matches("the first line", message_of(load, "a;1,5\n1;2\n", { delimiter = ";", decimal = "," }))
    assert.matches('decimal: expected', message_of(load, "a,b\n1,2\n", { decimal = "," }))
  end)

  it("refuses columns of one name", function()
    assert.matches('columns 1 and 3 are both called "a"', message_of(load, "a,b,a\n1,2,3\n"))
    assert.matches("both called", message_of(load, "a,b,a\n1,2,3\n", { columns = { "b" } }))
  end)

  it("tells the line and the column of what is wrong", function()
    for text, want in pairs {
      ["a,b\n1,2\n3,x\n"] = 'csv_spec.lua:%d+: read_csv: .*: line 3, column 2 %(b%): expected a number, found "x"',
      ['a,b\n"1\n",2\n3,4,5\n'] = "line 4, column 3: the row has more than 2 cells",
      ["a,b\n1,2\n3\n"] = "line 3, column 1 %(a%): the row has 1 cells instead of 2",
      ['a,b\n1,"2\n'] = "line 2, column 2 %(b%): the quote that begins here has no end",
      ['a,b\n1,"2"3\n'] = 'after the closing quote comes "3"',
      ["a\n1e40\n"] = 'found "1e40"',
      ["a\n0x10\n"] = "expected a number",
      ["a\nnan\n"] = "expected a number",
      ["a\n1 2\n"] = "expected a number",
      ["a\n-\n"] = "expected a number",
      [""] = "is empty",
      ["a,b\n"] = "there are no rows below the first line, which names the columns",
    } do
      assert.matches(want, message_of(load, text))
    end
  end)

  it("refuses wrong arguments", function()
    assert.matches('no column agge; did you mean "age"', message_of(load, "age\n1\n", { columns = { "agge" } }))
    assert.matches("no column 2; there are age", message_of(load, "age\n1\n", { text = { 2 } }))
    assert.matches("named twice", message_of(load, "age\n1\n", { columns = { "age", 1 } }))
    assert.matches("delimiter: expected one character", message_of(load, "a\n1\n", { delimiter = ", " }))
    assert.matches("unknown argument heder", message_of(load, "a\n1\n", { heder = false }))
    assert.matches('expected a table of options, got ";"', message_of(load, "a\n1\n", ";"))
    assert.matches("got a tensor of 2", message_of(load, "a\n1\n", nn.zeros { 2 }))
    assert.matches('missing: expected texts as they stand in the file, such as "%-999", got %-999',
      message_of(load, "a\n1\n", { missing = { -999 } }))
    assert.matches('header: expected true or false, got "no"', message_of(load, "a\n1\n", { header = "no" }))
    assert.matches("No such file", message_of(nn.read_csv, path .. ".none"))
    assert.matches("expected the path", message_of(nn.read_csv, nil))
  end)

  it("survives garbage", function()
    math.randomseed(7, 7)
    local pieces = { ",", '"', "\n", "\r", "1", "x", "\0", ".", "\u{feff}", " " }
    for _ = 1, 200 do
      local text = {}
      for i = 1, math.random(0, 12) do text[i] = pieces[math.random(#pieces)] end
      local ok, x = pcall(load, table.concat(text), { header = math.random(2) == 1 })
      assert.is_true(ok and nn.is_tensor(x) or x:find "read_csv: " ~= nil, x)
    end
  end)

  it("reads real data", function()
    local root = os.getenv "NNRUN_DATA" or "data"
    local ok, x = pcall(nn.read_csv, root .. "/california_housing/cal_housing.data.gz", { header = false })
    if not ok then return pending "California housing is not here" end
    assert.are.same({ 20640, 9 }, x.shape)
    assert.is_near(206855.817, x[{ {}, 9 }]:mean(), 0.5)
  end)
end)
