-- Records read from files: what is wrong with a damaged one is told in a sentence.
local expect = require "tests.support.expect"
local fakes = require "tests.support.experiment_fakes"
local nn = require "nn"
local schema = require "nn.support.schema"
local snapshot = require "nn.tensor.snapshot"
local Store = require "nn.store"

teardown(fakes.clean)

describe("nn.schema", function()
  local kind = schema.object({
    name = schema.text, sizes = schema.list(schema.count), by_name = schema.map(schema.number), is_good = schema.flag,
    mode = schema.one_of("max", "min"), parts = schema.list(schema.object({ id = schema.text }, { "id" })),
  }, { "name" })

  it("accepts what is of the type, missing fields and others", function()
    for _, value in ipairs { { name = "a" }, { name = "a", other = {}, sizes = {}, by_name = { x = 0 / 0 } },
      { name = "a", sizes = { 1, 0 }, is_good = false, mode = "min", parts = { { id = "b", more = 1 } } } } do
      assert.is_nil(schema.fault(value, kind))
    end
  end)

  it("tells where a value is not of the type", function()
    for want, value in pairs {
      ['expected a table, found 5'] = 5,
      ["name: is missing"] = {},
      ["name: expected a text, found 5"] = { name = 5 },
      ["sizes[2]: expected a whole number of at least 0, found 1.5"] = { name = "a", sizes = { 1, 1.5 } },
      ["sizes.x: expected a list"] = { name = "a", sizes = { x = 1 } },
      ['by_name.x: expected a number, found "1"'] = { name = "a", by_name = { x = "1" } },
      ["by_name[1]: expected names, not positions"] = { name = "a", by_name = { 1 } },
      ["parts[1].id: is missing"] = { name = "a", parts = { {} } },
      ['mode: expected "max" or "min", found "mean"'] = { name = "a", mode = "mean" },
    } do
      assert.are.equal(want, schema.fault(value, kind))
    end
  end)
end)

describe("a damaged record", function()
  it("of a trial is none, and says why", function()
    local whole = '{"id":"a","status":"complete","metrics":{"loss":1}%s}'
    assert.are.equal(1, Store.decode(whole:format "").metrics.loss)
    for want, more in pairs {
      ["seconds: expected a number"] = ',"seconds":"x"',
      ["model.config.layers[1]: expected a table"] = ',"model":{"config":{"layers":[1]}}',
      ["compile.loss[1]: expected a table"] = ',"compile":{"loss":[1]}',
      ["weights.epochs: is missing"] = ',"weights":{}',
      ["not valid JSON at byte 52: something follows the value"] = "}",
    } do
      local record, fault = Store.decode(whole:format(more))
      assert.is_nil(record)
      assert.is_truthy(fault:find(want, 1, true), fault)
    end
  end)

  it("of an experiment is named with its file", function()
    local folder = fakes.folder()
    fakes.write(folder .. "/experiment.json",
      '{"objective":"loss","sections":[{"kind":"sweep","variants":[{"trials":["a"]}]}]}')
    local manifest, fault = Store.manifest(folder)
    assert.is_nil(manifest)
    assert.are.equal(folder .. "/experiment.json is damaged: sections[1].variants[1].params: is missing", fault)
    expect.fails("experiment.json is damaged: sections[1].variants[1].params: is missing; run the experiment again",
      function() require("nn.report").write(folder) end)
  end)
end)

describe("a damaged checkpoint", function()
  it("is not gone on with, whatever bit of it changed", function()
    local path = fakes.folder() .. "/checkpoint"
    assert(snapshot.write(path, { epochs = 3, weights = { nn.tensor { 1, 2, 3 } } }))
    assert.are.equal(3, snapshot.read(path).epochs)
    local file = assert(io.open(path, "rb"))
    local bytes = file:read "a"
    file:close()
    for at = 9, #bytes, 7 do
      fakes.write(path, bytes:sub(1, at - 1) .. string.char(bytes:byte(at) ~ 4) .. bytes:sub(at + 1))
      local value, message = snapshot.read(path)
      assert.is_nil(value)
      assert.is_truthy(message:find(path, 1, true), message)
    end
  end)
end)
