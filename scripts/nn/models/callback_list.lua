--- Calling the callbacks of a fit.
--
-- A callback is a table with any of Keras' methods: on_train_begin(logs), on_epoch_begin(epoch, logs),
-- on_epoch_end(epoch, logs), on_train_batch_begin(batch, logs), on_train_batch_end(batch, logs),
-- on_test_begin(logs), on_test_end(logs), on_train_end(logs); epochs and batches count from 0, as Keras'. A function
-- whose first parameter is called self is given the callback itself, whose `model` and `params` are set. Also
-- on_train_progress(done, total, logs, order), a few times a second.
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local nearest = require "nn.support.nearest"
local vocabulary = require "nn.callbacks"

local Calls = {}
Calls.__index = Calls

local function is_callable(value)
  return type(value) == "function"
end

local function wants_self(method)
  return debug.getlocal(method, 1) == "self"
end

local is_hook = {}
for _, name in ipairs(vocabulary.hooks) do is_hook[name] = true end

--- Raises an error where a callback of the user's own has a name like those that fit calls, but not one of them: it
-- would never be called. Other fields are the user's business.
local function check_hooks(callback)
  local own = callback
  while type(own) == "table" do
    for name, value in pairs(own) do
      if type(name) == "string" and name:find "^on_" then
        if not is_hook[name] then
          local near = nearest(name, vocabulary.hooks)
          blame("fit: callbacks: %s is never called%s", name, near and ("; did you mean %s?"):format(near)
            or "; called are " .. table.concat(vocabulary.hooks, ", "))
        elseif type(value) ~= "function" then
          blame("fit: callbacks: %s: expected a function, got %s", name, blame.got(value))
        end
      end
    end
    local meta = getmetatable(own)
    own = meta and meta.__index
  end
end

--- One of the user's callbacks: a table of functions, an object of nn.callbacks, or such a one's name.
local function check(callback, position)
  if type(callback) == "string" then return vocabulary.family.get(callback, "fit: callbacks") end
  if type(callback) ~= "table" then
    blame("fit: callbacks: expected a table of functions at position %d, got %s%s", position, blame.got(callback),
      type(callback) == "function" and "; call it: EarlyStopping{ ... }, or give { on_epoch_end = function }" or "")
  end
  if not vocabulary.family.is(callback) then check_hooks(callback) end
  return callback
end

local function has_class(list, class)
  for _, callback in ipairs(list) do
    if callback.class_name == class then return true end
  end
end

local calls = {}

--- What a user gave as callbacks as a list: a list, one callback, or nothing.
-- @treturn {table|string,...}
function calls.list(given)
  if given == nil then return {} end
  local is_list = type(given) == "table" and not getmetatable(given)
  local has_positions = false
  for key in pairs(is_list and given or {}) do has_positions = has_positions or math.type(key) == "integer" end
  if is_list and (has_positions or next(given) == nil) then return arguments.check_list("fit: callbacks", given) end
  return { given }
end

--- @tparam table model
-- @tparam table params what fit runs with
-- @tparam[opt] {table,...} callbacks the user's: a list, or one callback
-- @tparam {table,...} own nnrun's, called after the user's
function calls.new(model, params, callbacks, own)
  local list = {}
  for i, callback in ipairs(calls.list(callbacks)) do list[i] = check(callback, i) end
  local shows = has_class(list, "ProgbarLogger")
  for _, callback in ipairs(own) do
    if not (shows and callback.class_name == "ProgbarLogger") then list[#list + 1] = callback end
  end
  local every_batch = false
  for _, callback in ipairs(list) do
    callback.model, callback.params = model, params
    every_batch = every_batch or callback.on_train_batch_begin ~= nil or callback.on_train_batch_end ~= nil
  end
  return setmetatable({ list = list, every_batch = every_batch }, Calls)
end

--- Calls that method of each callback that has it.
function Calls:call(name, ...)
  for _, callback in ipairs(self.list) do
    local method = callback[name]
    if is_callable(method) then
      if wants_self(method) then method(callback, ...) else method(...) end
    end
  end
end

return calls
