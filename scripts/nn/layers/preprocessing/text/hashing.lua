--- Words and numbers in a fixed number of bins, without a vocabulary.
-- @submodule nn.layers
local base = require "nn.layers.preprocessing.text.base"
local blame = require "nn.support.blame"
local encoding = require "nn.layers.preprocessing.text.encoding"
local fingerprint = require "nn.support.fingerprint"
local nested = require "nn.layers.preprocessing.text.nested"

local Hashing, HashedCrossing = {}, {}

local function check_bins(a, class)
  if math.type(a.num_bins) ~= "integer" or a.num_bins < 1 then
    blame("%s: num_bins: expected a whole number of at least 1, got %s", class, blame.got(a.num_bins))
  end
end

local function whole(value, self)
  return math.tointeger(value) or blame("%s: expected texts or whole numbers, got %s", self:title(), blame.got(value))
end

local function shape_for(self, shape)
  return encoding.shape(shape, self.arguments.output_mode, self.arguments.num_bins)
end

-- ---- Hashing -------------------------------------------------------------------------------------------------------

local function hash_of(text, salt)
  return salt and fingerprint.keyed(text, salt[1], salt[2]) or fingerprint.of(text)
end

-- The bin of one entry; bin 0 is that of the mask alone, if there is one.
local function bin_of(self, value, salt)
  local a = self.arguments
  if a.mask_value ~= nil and value == a.mask_value then return 0 end
  local text = type(value) == "string" and value or tostring(whole(value, self))
  local hash = hash_of(text, salt)
  if a.mask_value == nil then return fingerprint.bin(hash, a.num_bins) end
  return 1 + fingerprint.bin(hash, a.num_bins - 1)
end

function Hashing:encode(data)
  local a = self.arguments
  local flat, shape = nested.flatten(data, self:title())
  local salt = math.type(a.salt) == "integer" and { a.salt, a.salt } or a.salt
  for i, value in ipairs(flat) do flat[i] = bin_of(self, value, salt) end
  return encoding.tensor(flat, shape, a.output_mode, a.num_bins)
end

Hashing.shape_for = shape_for

local MODES = { "int", "one_hot", "multi_hot", "count" }

local function is_salt(value)
  if value == nil or math.type(value) == "integer" then return true end
  return type(value) == "table" and #value == 2 and math.type(value[1]) == "integer"
    and math.type(value[2]) == "integer"
end

--- Puts words or whole numbers into bins by a hash, the same bins as in TensorFlow: FarmHash, or with a salt SipHash.
-- @function Hashing
-- @tparam integer num_bins how many, that of the mask included
-- @tparam[opt] string|integer mask_value (none) what goes into bin 0, alone
-- @tparam[opt] integer|{integer,integer} salt (none) another one gives other bins
-- @tparam[opt] string output_mode "int" (default), "one_hot", "multi_hot", "count"
-- @usage Hashing{ 3 }{ "A", "B", "C" } --> 1, 0, 1
base.define {
  class = "Hashing",
  arguments = { { "num_bins", base.required }, { "mask_value" }, { "salt" }, { "output_mode", "int" },
    { "sparse", false } },
  check = function(a)
    check_bins(a, "Hashing")
    encoding.check(a, "Hashing", MODES)
    if not is_salt(a.salt) then
      blame("Hashing: salt: expected a whole number or a list of two, got %s", blame.got(a.salt))
    elseif a.mask_value ~= nil and a.num_bins < 2 then
      blame "Hashing: num_bins: with mask_value there must be at least 2"
    end
  end,
  methods = Hashing,
}

-- ---- HashedCrossing ------------------------------------------------------------------------------------------------

local KEY = 0xDECAFCAFFE -- TensorFlow's

local function feature_hash(value, self)
  return type(value) == "string" and fingerprint.of(value) or whole(value, self)
end

function HashedCrossing:encode(features)
  local a = self.arguments
  if type(features) ~= "table" or #features < 2 then
    blame("%s: expected a list of at least two features, each a list or a tensor, got %s", self:title(),
      blame.got(features))
  end
  local crossed, shape = {}, nil
  for k, feature in ipairs(features) do
    local flat, its_shape = nested.flatten(feature, ("%s: feature %d"):format(self:title(), k))
    if shape and nested.text(its_shape) ~= nested.text(shape) then
      blame("%s: features must have the same shape, got %s and %s", self:title(), nested.text(shape),
        nested.text(its_shape))
    end
    shape = shape or its_shape
    for i, value in ipairs(flat) do crossed[i] = fingerprint.join(crossed[i] or KEY, feature_hash(value, self)) end
  end
  if #shape > 1 and shape[#shape] ~= 1 then
    blame("%s: features have one value a sample: expected shape (n) or (n, 1), got %s", self:title(),
      nested.text(shape))
  end
  for i, hash in ipairs(crossed) do crossed[i] = fingerprint.bin(hash, a.num_bins) end
  return encoding.tensor(crossed, shape, a.output_mode, a.num_bins)
end

function HashedCrossing:shape_for()
  blame("%s joins several features and cannot be a layer of a model: apply it to the data before", self:title())
end

--- Puts pairs (or triples ...) of categories into bins by a hash, the same bins as in TensorFlow.
-- @function HashedCrossing
-- @tparam integer num_bins
-- @tparam[opt] string output_mode "int" (default) or "one_hot"
-- @usage HashedCrossing{ 5 }{ { "A", "B" }, { 101, 101 } } --> 1, 4
base.define {
  class = "HashedCrossing",
  arguments = { { "num_bins", base.required }, { "output_mode", "int" }, { "sparse", false } },
  check = function(a)
    check_bins(a, "HashedCrossing")
    encoding.check(a, "HashedCrossing", { "int", "one_hot" })
  end,
  methods = HashedCrossing,
}
