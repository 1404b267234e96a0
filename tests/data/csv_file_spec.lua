-- nn.csv_file: what is written is read again as it was, by spreadsheets too.
local csv_file = require "nn.support.csv_file"

local NAMES = { "plain", "a,b", 'say "hi"', "two\nlines", "\ttab", "=1+1", "-x", "+x", "@x",
  "'=x", "''-x", "'x", "", "\r" }

describe("a CSV file", function()
  it("gives every name and text back", function()
    local names, rows = csv_file.read(csv_file.text(NAMES, { NAMES }))
    assert.same(NAMES, names)
    assert.same({ NAMES }, rows)
  end)

  it("gives every number back, by columns", function()
    local numbers = { 0.1 + 0.2, 1 / 3, -1e-300, 5e-324, math.huge, -math.huge, 2 ^ 53 | 1 }
    local rows = {}
    for i, x in ipairs(numbers) do rows[i] = { x } end
    rows[#rows + 1] = { 0 / 0 }
    local column = csv_file.columns(csv_file.text({ "a,b" }, rows))["a,b"]
    for i, x in ipairs(numbers) do assert.equal(x, column[i]) end
    assert.is_true(column[#rows] ~= column[#rows])
  end)

  it("has no text that a spreadsheet takes for a formula, and leaves numbers alone", function()
    for _, name in ipairs(NAMES) do
      assert.is_nil(csv_file.line { name }:find '^"?[=+%-@\t\r]')
    end
    assert.equal("-1.5,'-1.5,\n", csv_file.line({ -1.5, "-1.5" }, 3))
  end)

  it("may have another separator", function()
    assert.equal('1;"a;b";a,b\n', csv_file.line({ 1, "a;b", "a,b" }, 3, ";"))
  end)

  it("lacks a row that was not written to its end", function()
    assert.same({ a = { 1 }, b = { 2 } }, csv_file.columns "a,b\n1,2\n3")
    assert.same({}, csv_file.columns "")
    assert.same({}, csv_file.columns '"never closed')
  end)
end)
