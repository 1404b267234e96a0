--- Data of the shapes that networks of pictures and sequences take, where only speed and a score that all programs
-- reach alike matter. Each function gives the bytes of x and y to train with, then of those to test with.
local nn = require "nn"

local synthetic = {}

--- float32 of what make(split, count) gives for both parts.
local function bytes(make, count, test_count)
  local x, y = make(count)
  local x_test, y_test = make(test_count)
  local all = { x, y, x_test, y_test }
  for i, values in ipairs(all) do all[i] = values:astype("float32"):bytes() end
  return table.unpack(all)
end

local function class_ids(shape, classes)
  return nn.ops.floor(nn.random.uniform { shape = shape } * classes):astype "int32"
end

--- Noise on a color of the picture's class.
-- @tparam integer side of a picture
-- @tparam integer classes
-- @tparam integer count
-- @tparam integer test_count
function synthetic.pictures(side, classes, count, test_count)
  nn.utils.set_random_seed(1)
  local colors = nn.random.normal { shape = { classes, 3 } }
  return bytes(function(n)
    local y = class_ids({ n }, classes)
    local color = nn.ops.take(colors, y, 1):reshape { n, 1, 3 }
    return color / 2 + nn.random.normal { shape = { n, side * side, 3 } }, y
  end, count, test_count)
end

--- Ids of words; reviews of one class have more of the frequent ones.
function synthetic.reviews(words, steps, count, test_count)
  nn.utils.set_random_seed(1)
  return bytes(function(n)
    local y = class_ids({ n, 1 }, 2)
    local draw = nn.random.uniform { shape = { n, steps } }
    return nn.ops.floor(draw ^ (y + 1) * words), y
  end, count, test_count)
end

--- Ids of characters. The next is most often that of a fixed table, else any.
function synthetic.characters(characters, steps, count, test_count)
  nn.utils.set_random_seed(1)
  local follower = {}
  for id = 1, characters do follower[id] = math.random(0, characters - 1) end
  local function row(text)
    local id = math.random(0, characters - 1)
    for t = 1, steps + 1 do
      text[t] = id
      id = math.random() < 0.8 and follower[id + 1] or math.random(0, characters - 1)
    end
    return text
  end
  return bytes(function(n)
    local x, y = {}, {}
    for i = 1, n do
      local text = row {}
      x[i], y[i] = table.move(text, 1, steps, 1, {}), table.move(text, 2, steps + 1, 1, {})
    end
    return nn.tensor(x), nn.tensor(y)
  end, count, test_count)
end

return synthetic
