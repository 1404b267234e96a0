-- nn.notation: values and names as people read them.
local notation = require "nn.support.notation"

local INF = math.huge

-- Texts that a value must never be shown as: on several lines, with what does not show, or not UTF-8.
local function assert_legible(text)
  assert.is_nil(text:find "%c")
  assert.truthy(utf8.len(text))
  for _, code in utf8.codes(text) do
    assert.is_false(code == 0xFEFF or code >= 0x200E and code <= 0x200F or code >= 0x2028 and code <= 0x202E, text)
  end
end

describe("a value as text", function()
  it("is what a script would write", function()
    for expected, value in pairs {
      ["0.0001"] = 1e-4, ["1e-5"] = 1e-5, ["12345678"] = 12345678, ["1"] = 1.0, ["inf"] = INF, ["-inf"] = -INF,
      ["nan"] = 0 / 0, ["true"] = true, relu = "relu", ["two words"] = "two words", ["{ 50, 50, name = x }"] =
        { 50, 50, name = "x" }, ["{}"] = {}, ["-"] = nil,
    } do
      assert.equal(expected, notation.text(value))
    end
    assert.equal("-", notation.text(nil))
    assert.equal('{ ["a b"] = 1 }', notation.text { ["a b"] = 1 })
  end)

  it("has quotes where it would be taken for another value", function()
    for _, text in ipairs { "1", "1e5", "0x10", "true", "nil", "nan", "-inf", "-", "", " a", "a ", "a  b", "{ 1 }",
      '"a"' } do
      assert.matches('^".*"$', notation.text(text))
    end
    assert.equal('{ "a, b" }', notation.text { "a, b" })
    assert.equal('"a \\x20b"', notation.text "a  b")
    assert.equal('"a\\nb"', notation.text "a\nb")
  end)

  it("hides nothing and is one line of UTF-8", function()
    for _, text in ipairs { "a\0b", "\27[31m", "a\tb", "\xFF\xFEa", "a\u{202E}b", "\u{FEFF}", "a\u{A0}",
      "\u{FFFF}", "é\xC3" } do
      assert_legible(notation.text(text))
      assert_legible(notation.legible(text))
      assert.not_equal(text, notation.text(text))
    end
    assert.equal("a\\x00b \\u{202E}\\xFF", notation.legible "a\0b\n\u{202E}\xFF")
    assert.equal("größer ∞ 👩‍🔬", notation.legible "größer ∞ 👩‍🔬")
  end)

  it("stays fast on many bytes that are no UTF-8", function()
    local text = notation.legible(("\xFF"):rep(300000))
    assert.equal(4 * 300000, #text)
  end)
end)

describe("the values of a parameter", function()
  local function texts(list)
    local text, all, seen = notation.namer(list), {}, {}
    for i = 1, #list do
      all[i] = text(list[i])
      assert.is_nil(seen[all[i]], all[i])
      seen[all[i]] = true
    end
    return all
  end

  it("look different where they are different", function()
    assert.same({ "0.30000000000000004", "0.3", "0.5" }, texts { 0.1 + 0.2, 0.3, 0.5 })
    assert.same({ "1", '"1"', "true", '"true"' }, texts { 1, "1", true, "true" })
    assert.same({ "a", '"a "', '" a"', '"a\\xA0"', '"a\\u{A0}"' }, texts { "a", "a ", " a", "a\xA0", "a\u{A0}" })
    assert.same({ "{ 0.3 }", "{ 0.30000000000000004 }" }, texts { { 0.3 }, { 0.1 + 0.2 } })
    assert.same({ "16777216", "16777217" }, texts { 16777216.0, 16777217.0 })
    texts { '"1"', "1", 1, "{ 1 }", { 1 }, { "1" }, "", {}, "inf", INF, -INF, "nan", 0 / 0 }
  end)

  it("have more digits only where they need them", function()
    assert.same({ "0.333333", "0.666667" }, texts { 1 / 3, 2 / 3 })
  end)

  it("lose the middle of long texts and differ still", function()
    local long = ("ä long text "):rep(20)
    local list = { long .. "1" .. long, long .. "2" .. long, "short", 7 }
    local text, seen = notation.namer(list, 20), {}
    for _, value in ipairs(list) do
      assert.is_nil(seen[text(value)])
      seen[text(value)] = true
      assert.is_true(utf8.len(text(value)) <= 25)
    end
    assert.equal(text(list[2]), text(list[2]))
    assert.equal("short", text "short")
  end)

  it("are the same where Lua takes them for equal", function()
    assert.is_true(notation.same(1, 1.0))
    assert.is_true(notation.same(0.0, -0.0))
    assert.is_true(notation.same({ b = 1, a = {} }, { b = 1.0, a = {} }))
    assert.is_true(notation.same(nil, nil))
    for _, pair in ipairs { { 1, "1" }, { true, "true" }, { INF, -INF }, { INF, 0 / 0 }, { 2 ^ 53, 2 ^ 53 | 1 },
      { nil, "nil" }, { { 1 }, { 1, 2 } }, { 0.1 + 0.2, 0.3 } } do
      assert.is_false(notation.same(pair[1], pair[2]))
    end
  end)
end)
