-- tostring(tensor): the expected texts are what NumPy 1.24 prints for the same arrays.
local nn = require "nn.tensor"

local function lines(...) return table.concat({ ... }, "\n") end

local function prints(expected, values, dtype)
  assert.equal(expected, tostring(nn.tensor(values, dtype)))
end

describe("tostring of a tensor", function()
  it("aligns columns", function()
    prints(lines("[[1. 1. 1.]", " [1. 1. 1.]]"), { { 1, 1, 1 }, { 1, 1, 1 } })
    prints(lines("[[  -1.       2.5  ]", " [  10.    -100.125]]"), { { -1, 2.5 }, { 10, -100.125 } })
    prints("[0.1        0.25       0.33333334]", { 0.1, 0.25, 1 / 3 })
    prints("[0.01234568 0.001     ]", { 0.012345678912, 0.001 })
    prints("[-0.9360419  0.8845548  0.10129  ]", { -0.9360419, 0.8845548, 0.101290003 })
    prints("[99999992.  1000000.]", { 99999992, 1e6 })
    prints("[ 0. -0.]", { 0, -0.0 })
    prints(lines("[[  0 255]", " [  7  10]]"), { { 0, 255 }, { 7, 10 } }, "uint8")
    prints(lines("[[ -5 100]", " [  7  10]]"), { { -5, 100 }, { 7, 10 } }, "int32")
  end)

  it("uses exponents where numbers are far apart", function()
    prints("[1.e-05 1.e+00 1.e+03]", { 1e-5, 1, 1000 })
    prints(lines("[[ 1.5e+10 -2.0e+00]", " [ 3.0e+00  4.0e+00]]"), { { 1.5e10, -2 }, { 3, 4 } })
    prints("[1.2345679e+05 1.2345678e-01 1.2345000e+03]", { 123456.789, 0.12345678, 1234.5 })
    prints("[0.001 1.   ]", { 0.001, 1 })
    prints("[1.0e-03 1.1e+00]", { 0.001, 1.1 })
    prints("[1.e-45 1.e+30 1.e+00]", { 1e-45, 1e30, 1 })
  end)

  it("writes nan and inf", function()
    local nan, inf = math.abs(0 / 0), math.huge
    prints("[ nan   1.  inf -inf]", { nan, 1, inf, -inf })
    prints("[nan nan]", { nan, nan })
    prints("[   nan 1.e-06 2.e+00]", { nan, 1e-6, 2 })
  end)

  it("separates planes", function()
    assert.equal(lines("[[[[ 0.  1.]", "   [ 2.  3.]]", "", "  [[ 4.  5.]", "   [ 6.  7.]]]", "", "",
      " [[[ 8.  9.]", "   [10. 11.]]", "", "  [[12. 13.]", "   [14. 15.]]]]"),
      tostring(nn.arange(16):reshape(2, 2, 2, 2)))
  end)

  it("breaks long rows", function()
    assert.equal(lines(
      "[[0.         0.14285715 0.2857143  0.42857143 0.5714286  0.71428573",
      "  0.85714287 1.         1.1428572  1.2857143 ]",
      " [1.4285715  1.5714285  1.7142857  1.8571428  2.         2.142857",
      "  2.2857144  2.4285715  2.5714285  2.7142856 ]]"),
      tostring((nn.arange(20) / 7):reshape(2, 10)))
  end)

  it("abridges more than 1000 elements", function()
    assert.equal("[   0.    1.    2. ...  998.  999. 1000.]", tostring(nn.arange(1001)))
    assert.is_nil(tostring(nn.arange(1000)):find("...", 1, true))
    assert.equal(lines("[[   0    1    2 ...  197  198  199]", " [ 200  201  202 ...  397  398  399]",
      " [ 400  401  402 ...  597  598  599]", " ...", " [ 800  801  802 ...  997  998  999]",
      " [1000 1001 1002 ... 1197 1198 1199]", " [1200 1201 1202 ... 1397 1398 1399]]"),
      tostring(nn.arange(1400, "int32"):reshape(7, 200)))
  end)

  it("writes what has no elements or no axes", function()
    prints("[]", {})
    assert.equal("[]", tostring(nn.zeros { 2, 0 }))
    local scalars = { [5] = "5.0", [0.1] = "0.1", [1e-5] = "1e-05", [1e16] = "1e+16", [1e15] = "1000000000000000.0",
      [123456.789] = "123456.79", [99999992] = "99999990.0", [-math.huge] = "-inf", [3.4e38] = "3.4e+38" }
    for value, expected in pairs(scalars) do prints(expected, value) end
    prints("5", 5, "uint8")
  end)
end)
