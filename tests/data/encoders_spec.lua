-- Encoders, SimpleImputer and dates against scikit-learn's and pandas' numbers.
local expect = require "tests.support.expect"
local nn = require "nn"

local preprocessing = nn.preprocessing
local NAN = 0 / 0
local PEOPLE = { { "Male", 1 }, { "Female", 3 }, { "Female", 2 } }

-- Nested lists, where NaN equals NaN.
local function same(want, got)
  if nn.is_tensor(got) then got = got:totable() end
  assert.are.equal(#want, #got)
  for i, value in ipairs(want) do
    if type(value) == "table" then
      same(value, got[i])
    else
      assert.is_true(value == got[i] or value ~= value and got[i] ~= got[i],
        ("%d: expected %s, got %s"):format(i, tostring(value), tostring(got[i])))
    end
  end
end

describe("OneHotEncoder", function()
  local OneHotEncoder = preprocessing.OneHotEncoder

  it("has a column for each category, as scikit-learn's", function()
    local encoder = OneHotEncoder { handle_unknown = "ignore" }:fit(PEOPLE)
    same({ { "Female", "Male" }, { 1, 2, 3 } }, encoder.categories_)
    same({ { 1, 0, 1, 0, 0 }, { 0, 1, 0, 0, 0 } }, encoder:transform { { "Female", 1 }, { "Male", 4 } })
    same({ { "Male", 1 }, { false, 2 } }, encoder:inverse_transform { { 0, 1, 1, 0, 0 }, { 0, 0, 0, 1, 0 } })
    same({ "g_Female", "g_Male", "n_1", "n_2", "n_3" }, encoder:get_feature_names_out { "g", "n" })
  end)

  it("drops a category of each column, or of those with two", function()
    local first = OneHotEncoder { drop = "first" }
    same({ { 1, 0, 0 }, { 0, 0, 1 }, { 0, 1, 0 } }, first:fit_transform(PEOPLE))
    same({ "x0_Male", "x1_2", "x1_3" }, first:get_feature_names_out())
    same(PEOPLE, first:inverse_transform(first:transform(PEOPLE)))
    local binary = OneHotEncoder { drop = "if_binary" }
    same({ { 1, 1, 0, 0 }, { 0, 0, 0, 1 }, { 0, 0, 1, 0 } }, binary:fit_transform(PEOPLE))
    same(PEOPLE, binary:inverse_transform(binary:transform(PEOPLE)))
    assert.are.same({ 2, 0 }, OneHotEncoder { drop = "first" }:fit_transform({ "a", "a" }).shape)
  end)

  it("takes one column as a list, and tensors", function()
    local encoder = OneHotEncoder()
    same({ { 0, 1 }, { 1, 0 }, { 0, 1 } }, encoder:fit_transform { "b", "a", "b" })
    same({ "b", "a" }, encoder:inverse_transform { { 0, 1 }, { 1, 0 } })
    same({ { 1, 0, 1, 0 }, { 0, 1, 0, 1 } }, OneHotEncoder():fit_transform(nn.tensor { { 1, 5 }, { 2, 6 } }))
    local numbers = OneHotEncoder()
    same({ { 0, 1, 0 }, { 1, 0, 0 }, { 0, 0, 1 } }, numbers:fit_transform(nn.tensor { 7, 5, NAN }))
    assert.are.equal("float32", numbers:inverse_transform(nn.tensor { { 1, 0, 0 } }).dtype)
    same({ { 1, 0 }, { 0, 1 } }, OneHotEncoder():fit_transform { false, true })
  end)

  it("takes categories in an order of their own", function()
    local encoder = OneHotEncoder { categories = { { "small", "large" } } }
    same({ { 0, 1 } }, encoder:fit({ "small" }):transform { "large" })
  end)

  it("names what it does not know", function()
    local encoder = OneHotEncoder():fit { "Bern", "Basel" }
    expect.fails('OneHotEncoder:transform: unknown category "Bren" in column 1, row 2; known are "Basel", "Bern"; '
      .. 'handle_unknown = "ignore"', function() encoder:transform { "Bern", "Bren" } end)
    for message, call in pairs {
      ["call fit first"] = function() OneHotEncoder():transform { "a" } end,
      ["fitted to 1 columns, got 2"] = function() encoder:transform { { "a", "b" } } end,
      ["unknown argument handel_unknown; did you mean handle_unknown?"] = function()
        OneHotEncoder { handel_unknown = "ignore" }
      end,
      ['handle_unknown: expected "error", "ignore", got "skip"'] = function()
        OneHotEncoder { handle_unknown = "skip" }
      end,
      ["row 2 has 1 values, the first one has 2"] = function() OneHotEncoder():fit { { 1, 2 }, { 3 } } end,
      ["a value in it is nil"] = function() OneHotEncoder():fit { "a", nil, "c" } end,
      ["column 1 mixes strings and numbers"] = function() OneHotEncoder():fit { "a", 1 } end,
      ["the data are empty"] = function() OneHotEncoder():fit {} end,
      ["got 3"] = function() OneHotEncoder():fit(3) end,
      ["expected a tensor (n, 2), got a tensor of 1x3"] = function() encoder:inverse_transform { { 1, 0, 0 } } end,
      ["row 1: all numbers of column 1 are zero"] = function() encoder:inverse_transform { { 0, 0 } } end,
      ['unknown category "b" in column 1, row 1'] = function()
        OneHotEncoder { categories = { { "a" } } }:fit { "b" }
      end,
    } do
      expect.fails(message, call)
    end
  end)
end)

describe("OrdinalEncoder", function()
  local OrdinalEncoder = preprocessing.OrdinalEncoder

  it("counts categories from 0, as scikit-learn's", function()
    local encoder = OrdinalEncoder()
    same({ { 1, 0 }, { 0, 2 }, { 0, 1 } }, encoder:fit_transform(PEOPLE))
    same(PEOPLE, encoder:inverse_transform { { 1, 0 }, { 0, 2 }, { 0, 1 } })
    same({ { 1 }, { NAN }, { 0 } }, OrdinalEncoder():fit_transform { { 3 }, { NAN }, { 1 } })
    same({ 1, -2, 0 }, OrdinalEncoder { encoded_missing_value = -2 }:fit_transform { 3, NAN, 1 })
    same({ { -1, 2 } }, OrdinalEncoder { handle_unknown = "use_encoded_value", unknown_value = -1 }:fit(PEOPLE)
      :transform { { "x", 3 } })
  end)

  it("makes labels of a list", function()
    local encoder = OrdinalEncoder()
    local y = encoder:fit_transform { "cat", "dog", "cat" }
    same({ 0, 1, 0 }, y)
    same({ "dog", "cat" }, encoder:inverse_transform(nn.tensor { 1, 0 }))
    same({ 2, 0 }, OrdinalEncoder { categories = { "small", "medium", "large" } }:fit_transform { "large", "small" })
  end)

  it("says what is wrong", function()
    local encoder = OrdinalEncoder():fit { "a", "b" }
    expect.fails('OrdinalEncoder:transform: unknown category "c" in column 1, row 1; known are "a", "b"; '
      .. 'handle_unknown = "use_encoded_value"', function() encoder:transform { "c" } end)
    expect.fails("row 1: column 1 has no category 2.0", function() encoder:inverse_transform { 2 } end)
    expect.fails("go together", function() OrdinalEncoder { unknown_value = -1 } end)
  end)
end)

describe("SimpleImputer", function()
  local SimpleImputer = preprocessing.SimpleImputer
  local NUMBERS = { { 1, 2, NAN }, { NAN, 4, 6 }, { 7, 4, 9 }, { 10, 5, 9 } }

  it("fills in what scikit-learn's does", function()
    for strategy, want in pairs {
      mean = { 6, 3.75, 8 }, median = { 7, 4, 9 }, most_frequent = { 1, 4, 9 }, constant = { 0, 0, 0 },
    } do
      local imputer = SimpleImputer { strategy = strategy }:fit(nn.tensor(NUMBERS))
      same(want, imputer.statistics_)
      same({ { 1, 2, want[3] }, { want[1], 4, 6 }, { 7, 4, 9 }, { 10, 5, 9 } }, imputer:transform(nn.tensor(NUMBERS)))
      same(imputer:transform(nn.tensor(NUMBERS)):totable(), imputer:transform(NUMBERS))
    end
    same({ { 1, 2, 8, 0, 1 }, { 6, 4, 6, 1, 0 } },
      SimpleImputer { add_indicator = true }:fit_transform(NUMBERS)[{ { 1, 2 } }])
    same({ { 5, 5 } }, SimpleImputer { missing_values = -1 }:fit { { -1, 2 }, { 4, -1 }, { 6, 8 } }
      :transform { { -1, -1 } })
    same({ 1, 2, 3 }, SimpleImputer():fit_transform(nn.tensor { 1, NAN, 3 }))
  end)

  it("fills in texts", function()
    local imputer = SimpleImputer { missing_values = "", strategy = "most_frequent" }
    same({ { "b", "x" }, { "b", "x" }, { "a", "y" }, { "a", "y" }, { "a", "x" } },
      imputer:fit_transform { { "b", "" }, { "b", "x" }, { "", "y" }, { "a", "y" }, { "a", "x" } })
    same({ "a", "x" }, imputer.statistics_)
    same({ "b", "missing_value" },
      SimpleImputer { missing_values = "", strategy = "constant" }:fit_transform { "b", "" })
    same({ "b", "?" }, SimpleImputer { missing_values = "", strategy = "constant", fill_value = "?" }
      :fit_transform { "b", "" })
  end)

  it("says what is wrong", function()
    for message, call in pairs {
      ["column 2 has no value at all"] = function() SimpleImputer():fit { { 1, NAN }, { 2, NAN } } end,
      ['strategy = "most_frequent" or "constant" takes texts too'] = function() SimpleImputer():fit { "a" } end,
      ['expected "mean", "median", "most_frequent" or "constant", got "mode"'] = function()
        SimpleImputer { strategy = "mode" }
      end,
      ["unknown argument stratgy; did you mean strategy?"] = function() SimpleImputer { stratgy = "mean" } end,
      ["call fit first"] = function() SimpleImputer():transform { 1 } end,
      ["fitted to 1 columns, got 2"] = function() SimpleImputer():fit({ 1 }):transform { { 1, 2 } } end,
    } do
      expect.fails(message, call)
    end
    same({ { 0 } }, SimpleImputer { keep_empty_features = true }:fit_transform { { NAN } })
  end)
end)

describe("date_features", function()
  local date_features = preprocessing.date_features

  it("gives what pandas gives", function()
    same({ { 2020, 1, 31 }, { 1999, 12, 5 } }, date_features { "2020-01-31", "1999-12-5" })
    same({ { 0, 3, 1 }, { 18322, 6, 61 }, { -1, 2, 365 }, { 10957, 5, 1 } }, date_features(
      { "1970-01-01", "2020-03-01", "1969-12-31", "2000-01-01" }, { "days", "dayofweek", "dayofyear" }))
    same({ { 0.75, 18, 0, 0 }, { 1.5, 12, 0, 0 } }, date_features({ "1970-01-01 18:00", "1970-01-02T12:00:00Z" },
      { "days", "hour", "minute", "second" }))
    same({ { 7, 30.5 } }, date_features({ "2020-01-01 07:07:30.5" }, { "minute", "second" }))
    same({ { NAN } }, date_features({ "" }, "year"))
  end)

  it("says what is no date", function()
    for _, text in ipairs { "2021-02-29", "2020-13-01", "31.1.2020", "2020-01-31 25:00", "2020-01-01 12:00:99", "x" } do
      expect.fails("date 1: expected one such as", function() date_features { text } end)
    end
    expect.fails('unknown part "yaer"; did you mean "year"', function() date_features({ "2020-01-01" }, { "yaer" }) end)
    expect.fails("expected a list of dates", function() date_features "2020-01-01" end)
  end)
end)
