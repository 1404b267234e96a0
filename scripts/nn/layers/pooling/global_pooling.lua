--- One vector of features from all places of a sample.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"

local FORMATS = { channels_last = true, channels_first = true }

--- Nodes: the features' axis to the end, the pool, and with keepdims the places' axes as ones.
local function nodes_for(engine, places)
  return function(self, emit, inputs, shapes)
    local shape, first = shapes[1], self.arguments.data_format == "channels_first"
    if #shape ~= places + 1 then
      blame.at(self.where, "%s: wants samples of %d axes, got %d", self:title(), places + 1, #shape)
    end
    local features = first and 1 or #shape
    local input = self:to_last(emit, inputs[1], { features }, #shape)
    local pooled = self:emit_plain(emit, engine, {}, { input, inputs[2] })
    if not self.arguments.keepdims then return pooled end
    local kept = {}
    for i = 1, #shape do kept[i] = i == features and shape[features] or 1 end
    return self:emit_plain(emit, "reshape", { target_shape = kept }, { pooled })
  end
end

local function define(class, engine, places, reads_mask)
  layer.define {
    class = class,
    aliases = { (class:gsub("Average", "Avg"):gsub("Pooling", "Pool")) },
    engine = engine,
    reads_mask = reads_mask,
    second_inputs = reads_mask and { "mask" } or nil,
    arguments = { { "data_format" }, { "keepdims", false } },
    check = function(a)
      if a.data_format ~= nil and not FORMATS[a.data_format] then
        blame("%s: data_format: expected channels_last or channels_first, got %s", class, blame.got(a.data_format))
      elseif type(a.keepdims) ~= "boolean" then
        blame("%s: keepdims: expected true or false, got %s", class, blame.got(a.keepdims))
      end
    end,
    methods = { nodes = nodes_for(engine, places), config = function() return {} end },
    examples = {
      { {}, { 3, table.unpack({ 2, 4, 2 }, 1, places) } },
      { { "channels_first", keepdims = true }, { 3, table.unpack({ 2, 4, 2 }, 1, places) } },
    },
  }
end

--- The mean over all places: (n, places, features) becomes (n, features).
-- @function GlobalAveragePooling1D
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (features, places)
-- @tparam[opt] boolean keepdims (false): keeps the places' axis with length 1
-- With a mask (of Embedding{ mask_zero = true }, Masking, or given to the call) only places that count are averaged; a
-- sample without any gives 0.
-- @usage GlobalAveragePooling1D{}
define("GlobalAveragePooling1D", "global_average_pooling", 1, true)
--- The mean over all places of a picture. Arguments as for GlobalAveragePooling1D.
-- @function GlobalAveragePooling2D
-- @usage GlobalAveragePooling2D{}
define("GlobalAveragePooling2D", "global_average_pooling", 2)
--- The mean over all places of a volume. Arguments as for GlobalAveragePooling1D.
-- @function GlobalAveragePooling3D
-- @usage GlobalAveragePooling3D{}
define("GlobalAveragePooling3D", "global_average_pooling", 3)
--- The greatest value over all places: (n, places, features) becomes (n, features).
-- @function GlobalMaxPooling1D
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (features, places)
-- @tparam[opt] boolean keepdims (false): keeps the places' axis with length 1
-- @usage GlobalMaxPooling1D{}
define("GlobalMaxPooling1D", "global_max_pooling", 1)
--- The greatest value over all places of a picture. Arguments as for GlobalMaxPooling1D.
-- @function GlobalMaxPooling2D
-- @usage GlobalMaxPooling2D{}
define("GlobalMaxPooling2D", "global_max_pooling", 2)
--- The greatest value over all places of a volume. Arguments as for GlobalMaxPooling1D.
-- @function GlobalMaxPooling3D
-- @usage GlobalMaxPooling3D{}
define("GlobalMaxPooling3D", "global_max_pooling", 3)
