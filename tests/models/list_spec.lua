-- Lists that scripts are given: what no list has is an error, and to everything else they are plain tables.
local digest = require "nn.support.digest"
local json = require "nn.support.json"
local nn = require "nn"
local as_list = require "nn.support.list"
local shown = require "nn.support.format"
local fails = require("tests.support.expect").fails

local Dense = nn.layers.Dense

describe("a list that nnrun gives", function()
  local model = nn.Sequential { Dense { 3, input_shape = { 2 } }, Dense { 1 } }
  model:compile { loss = "mse" }
  local history = model:fit(nn.ones { 4, 2 }, nn.ones { 4 }, { epochs = 2, verbose = 0 })
  local input = nn.Input { shape = { 2 } }
  local functional = nn.Model { inputs = { input }, outputs = { Dense { 1 }(input) } }

  local lists = {
    { "layers", model.layers }, { "layers", functional.layers }, { "weights", model.weights },
    { "weights", model:get_weights() }, { "weights", model.layers[1].weights },
    { "weights", model.layers[1].trainable_weights }, { "loss", history.history.loss },
    { "epoch", history.epoch }, { "shape", nn.ones { 2, 3 }.shape },
  }

  for _, case in ipairs(lists) do
    local title, list = case[1], case[2]
    it("has positions from 1: " .. title, function()
      local message = ("]: positions count from 1; the last one is %s[#%s]"):format(title, title)
      fails(title .. "[0" .. message, function() return list[0] end)
      fails(title .. "[-1" .. message, function() return list[-1] end)
      fails(title .. " is a list and has no first; its first entry is " .. title .. "[1]",
        function() return list.first end)
      assert.is_nil(list[#list + 1])
      assert.is_not_nil(list[#list])
    end)
  end

  it("is a plain table otherwise", function()
    local list = as_list({ 3, 1, 2 }, "numbers")
    local copy = {}
    for i, value in ipairs(list) do copy[i] = value end
    assert.same({ 3, 1, 2 }, copy)
    assert.is_falsy(getmetatable(list))
    assert.equal("[3,1,2]", json.encode(list))
    assert.equal("{ 3, 1, 2 }", shown.text(list))
    assert.equal("{ 3, 1, 2 }", tostring(list))
    assert.equal(digest.of { 3, 1, 2 }, digest.of(list))
    assert.equal("[3,1,2]", json.encode(digest.stored(list)))
    table.insert(list, 9)
    table.sort(list)
    assert.equal("1 2 3 9", table.concat(list, " "))
    fails("numbers[0]: positions count from 1; the list is empty", function() return as_list({}, "numbers")[0] end)
  end)

  it("goes where a list is expected", function()
    local x = nn.ones { 2, 3 }
    assert.same({ 2, 3 }, nn.zeros(x.shape).shape)
    assert.equal(2, #nn.tensor(history.history.loss))
    model:set_weights(model:get_weights())
    assert.equal(2, #nn.Sequential(model.layers).layers)
    assert.equal("Flatten", nn.layers.Flatten { input_shape = x.shape }.class_name)
  end)

  it("is not the history itself, which tells where its lists are", function()
    fails("History has no loss; did you mean history.history.loss?", function() return history.loss end)
  end)
end)
