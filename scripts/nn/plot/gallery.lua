--- Figures made of pictures: what nn.plot.images and nn.plot.weights return.
-- @module nn.plot.gallery
local figure = require "nn.plot.figure"
local files = require "nn.plot.files"
local image = require "nn.image"
local markdown = require "nn.report.markdown"
local sheet = require "nn.plot.sheet"
local tensor = require "engine.tensor"

local gallery = {}

local LINE = string.char(170) -- grey, apart from black and white pictures and pages alike

local function save(path, pictures, self, columns)
  local bytes, height, width = sheet.compose(pictures, {
    height = self.height, width = self.width, channels = self.channels, columns = columns, scale = self.scale,
  }, LINE:rep(self.channels))
  local shape = self.channels == 1 and { height, width } or { height, width, 3 }
  local whole = tensor.from_bytes(bytes, "uint8", shape)
  files.save(path, function(beside) image.save(beside, whole) end)
end

local function split(self)
  local pictures, length = {}, self.height * self.width * self.channels
  for i = 1, self.count do pictures[i] = self.bytes:sub((i - 1) * length + 1, i * length) end
  return pictures
end

-- A table with a line of pictures and a line of words in turn.
local function markdown_table(self, base)
  local lines = {}
  for first = 1, self.count, self.columns do
    local pictures, words = {}, {}
    for j = 1, self.columns do
      local caption = self.captions[first + j - 1]
      local picture = caption and figure.picture(caption, ("%s_%03d.png"):format(base, first + j - 1))
      pictures[j] = picture and markdown.cell(picture) or ""
      words[j] = caption and markdown.cell(markdown.escape(caption)) or ""
    end
    lines[#lines + 1] = "| " .. table.concat(pictures, " | ") .. " |"
    if first == 1 then lines[#lines + 1] = "|" .. (":-:|"):rep(self.columns) end
    lines[#lines + 1] = "| " .. table.concat(words, " | ") .. " |"
  end
  return table.concat(lines, "\n") .. figure.caption(self.caption)
end

local function write_captioned(self, folder, name)
  local base, written, rows = files.last_part(folder) .. "/" .. name, {}, {}
  for i, picture in ipairs(split(self)) do
    local file = ("%s_%03d.png"):format(name, i)
    save(folder .. "/" .. file, { picture }, self, 1)
    written[i], rows[i] = ("%s_%03d.png"):format(base, i), { file, self.captions[i] }
  end
  files.write(folder .. "/" .. name .. ".csv", figure.csv({ "picture", "caption" }, rows))
  written[#written + 1] = base .. ".csv"
  return { markdown = markdown_table(self, base), files = written }
end

local Gallery = {}
Gallery.__index = Gallery

--- Writes the pictures: NAME.png, or with captions NAME_001.png, NAME_002.png, ... and NAME.csv.
-- @tparam string folder such as "reports/lab/charts"; made if it is not there
-- @tparam string name
-- @treturn table `markdown` and `files`, as for charts
-- @raise ends the program with status 4 where a file cannot be written
function Gallery:write(folder, name)
  files.prepare(folder, name)
  if self.captions then return write_captioned(self, folder, name) end
  local path = files.last_part(folder) .. "/" .. name .. ".png"
  save(folder .. "/" .. name .. ".png", split(self), self, self.columns)
  return { markdown = figure.picture(self.alt, path, self.caption), files = { path } }
end

--- Makes the figure.
-- @tparam table pictures `bytes`: of all, one after the other; `count`, `height`, `width`, `channels`; `columns`,
--   `scale`; `captions`: words for each, or nil; `caption`, `alt`: words for all
-- @treturn table with the method write
function gallery.new(pictures)
  return setmetatable(pictures, Gallery)
end

return gallery
