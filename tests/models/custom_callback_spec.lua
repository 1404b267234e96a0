-- Callbacks of one's own as classes.
local expect = require "tests.support.expect"
local nn = require "nn"

local function fit(callback, epochs)
  nn.utils.set_random_seed(1)
  local model = nn.Sequential { nn.Input { shape = { 3 } }, nn.layers.Dense { 1 } }
  model:compile { optimizer = "sgd", loss = "mse" }
  return model:fit(nn.random.normal { shape = { 20, 3 } }, nn.ones { 20, 1 },
    { epochs = epochs, verbose = 0, callbacks = { callback } })
end

describe("nn.callbacks.Callback:extend", function()
  it("gives a class whose objects have what they are given, and what they note", function()
    local Stop = nn.callbacks.Callback:extend {
      name = "Stop",
      note = function(self, loss)
        self.losses = self.losses or {}
        table.insert(self.losses, loss)
      end,
      on_epoch_end = function(self, epoch, logs)
        self:note(logs.loss)
        if epoch + 1 >= self.epochs then self.model.stop_training = true end
      end,
    }
    local one, other = Stop { epochs = 2 }, Stop { epochs = 3 }
    assert.are.equal(2, #fit(one, 10).epoch)
    assert.are.equal(3, #fit(other, 10).epoch)
    assert.are.equal("<callback Stop>", tostring(one))
    assert.is_number(one.losses[1])
  end)

  it("refuses functions that fit never calls, and what is no table", function()
    expect.fails("on_epoch_ned is never called; did you mean on_epoch_end?", function()
      fit(nn.callbacks.Callback:extend { on_epoch_ned = print } {}, 1)
    end)
    expect.fails("Callback:extend: expected a table of functions such as on_epoch_end, got 5", function()
      nn.callbacks.Callback:extend(5)
    end)
    expect.fails("Mine: expected a table of its fields, got 5", function()
      nn.callbacks.Callback:extend { name = "Mine" } (5)
    end)
  end)
end)
