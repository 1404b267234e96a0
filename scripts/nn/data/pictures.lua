--- Datasets of pictures in files. Threads decode the next batches while a model is trained with this one; of all others
-- nothing is in memory, unless all fit into a cache of bytes.
local blame = require "nn.support.blame"
local engine = require "engine.pictures"
local file_list = require "nn.data.file_list"
local machine = require "engine.machine"
local node = require "nn.data.node"
local pass = require "nn.data.pass"
local stop = require "nn.support.stop"
local structure = require "nn.data.structure"
local tensor = require "nn.tensor"

local pictures = {}

pictures.CACHE_MEMORY = 200 -- MB, where nobody says how many: two thousand photographs of 150 x 150 pixels

local MEGABYTE = 1000 * 1000
local MOST_THREADS = 4 -- decoding should leave processors to training
local READ_AT_ONCE = 32 -- single pictures

local function threads() return math.min(MOST_THREADS, machine.blas().threads) end

local function open_stream(self, order, start, size)
  local form = self.settings.form
  local height, width = table.unpack(form.size)
  return engine.open(self.settings.files.paths, height, width, form.channels, form.interpolation, form.fit, order, size,
    start, threads(), self.pixels)
end

-- ---- caches ---------------------------------------------------------------------------------------------------------

local function bytes_of(self)
  local form = self.settings.form
  return form.size[1] * form.size[2] * form.channels
end

-- Made when the first picture is read, so that a process that only declares a dataset keeps nothing.
local function use_cache(self)
  if self.pixels then return end
  local count, size = #self.settings.files.paths, bytes_of(self)
  if count * size <= self.cache_memory * MEGABYTE then self.pixels = engine.cache(count, size) end
end

-- ---- the node -------------------------------------------------------------------------------------------------------

local kind = { name = "image_dataset" }

function kind.count(self)
  local settings = self.settings
  local size = settings.batch_size or 1
  return (#settings.files.paths + size - 1) // size
end

-- The next batch of a stream; nil after the last.
local function read(self, stream, order, done)
  local x, place, message = stream:next(self.settings.is_channels_first)
  if x == "stopped" then stop.check() end
  if x == false then
    blame('%s: %s: %s; take it out of the folder, or give on_error = "skip"', self.settings.what,
      self.settings.files.paths[order[place] + 1], message)
  end
  local y = self.settings.y
  if not x or not y then return x and { n = 1, x } end
  return { n = 2, x, y:gather(order[{ { done + 1, done + #x } }] + 1) }
end

local function read_batches(self, over, start, size)
  use_cache(self)
  local order = pass.order(over, self, #self.settings.files.paths)
  local stream, done = open_stream(self, order, start, size), start * size
  return function()
    if done >= #order then return nil end
    local element = read(self, stream, order, done)
    if element then done = done + #element[1] end
    if done >= #order then stream:close() end
    return element
  end
end

local function read_singles(self, over, start)
  local next_batch = read_batches(self, over, start // READ_AT_ONCE, READ_AT_ONCE)
  local batch, row = nil, 0
  return node.drop(function()
    if not batch or row == #batch[1] then batch, row = next_batch(), 0 end
    if not batch then return nil end
    row = row + 1
    return structure.row(batch, row)
  end, start % READ_AT_ONCE)
end

function kind.open(self, over, start)
  local size = self.settings.batch_size
  return size and read_batches(self, over, start, size) or read_singles(self, over, start)
end

--- All pictures in memory as bytes from their first use on, whatever that takes; each epoch still has an order of its
-- own. What `dataset:cache()` of such a dataset gives.
function kind.cached(self)
  return pictures.node { settings = self.settings, cache_memory = math.huge, pixels = self.pixels }
end

--- @tparam table fields settings: what begins messages; files: see `pictures.files`; y: nil, or labels, one a picture;
-- form: size, channels, interpolation, fit ("stretch", "crop" or "pad"); batch_size: nil for single pictures;
-- is_shuffled, seed; is_channels_first. cache_memory: MB that decoded pictures may take
-- @treturn node
function pictures.node(fields)
  local settings = fields.settings
  local self = node.new(kind, settings, {}, settings.batch_size ~= nil)
  self.cache_memory, self.pixels = fields.cache_memory, fields.pixels
  return self
end

-- What `settings.files` has to be, of paths.
pictures.files = file_list

--- The pictures of a list that cannot be read: all are decoded, as small as that is possible.
-- @tparam {string,...} paths
-- @treturn {[integer]=string} by position what is wrong
function pictures.broken(paths)
  local order, broken, done = tensor.arange(#paths, "int32"), {}, 0
  local stream = engine.open(paths, 1, 1, 3, "bilinear", "stretch", order, 1, 0, threads(), nil)
  while done < #paths do
    local x, _, message = stream:next()
    if x == "stopped" then stop.check() end
    done = done + 1
    if x == false then broken[done] = message end
  end
  stream:close()
  return broken
end

return pictures
