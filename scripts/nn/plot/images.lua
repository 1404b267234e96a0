--- Pictures: contact sheets, and galleries with words below each picture.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local check = require "nn.plot.check"
local gallery = require "nn.plot.gallery"
local sheet = require "nn.plot.sheet"
local tensor = require "nn.tensor"
local text = require "nn.plot.text"

local OPTIONS = { "columns", "scale", "captions", "caption", "title" }
local MOST = 1000
local CAPTIONED_COLUMNS, CAPTIONED_SIZE = 5, 96

local function check_shape(images)
  local shape = images.shape
  local channels = #shape == 3 and 1 or #shape == 4 and shape[4]
  if channels ~= 1 and channels ~= 3 then
    blame("plot.images: expected a tensor (n, height, width) or (n, height, width, 3), got shape %s",
      table.concat(shape, "x"))
  end
  if shape[1] * shape[2] * shape[3] == 0 then
    blame("plot.images: there are no pictures in shape %s", table.concat(shape, "x"))
  end
  if shape[1] > MOST then
    blame("plot.images: %d pictures are too many for one sheet; take some of them: x[{{1, 100}}]", shape[1])
  end
  return shape[1], shape[2], shape[3], channels
end

local function to_bytes(images)
  if images.dtype == "uint8" then return images:bytes() end
  local low, high, top = images:min(), images:max(), images.dtype == "int32" and 255 or 1
  if not (low >= 0 and high <= top) then
    blame("plot.images: expected %s pictures with values from 0 to %d, got values from %s to %s", images.dtype, top,
      text.number(low), text.number(high))
  end
  return (images * (255 // top)):round():astype("uint8"):bytes()
end

--- Shows pictures: without captions as one contact sheet, with captions as a table of pictures with the words below
-- each.
-- @tparam tensor images (n, height, width) or (n, height, width, 3): uint8, or float32 from 0 to 1
-- @tparam[opt] table options
-- @tparam[opt] integer options.columns (as many as fit a page; 5 with captions)
-- @tparam[opt] integer options.scale how often each pixel is repeated (so that the sheet fits a page)
-- @tparam[opt] {string,...} options.captions one for each picture, such as "true 4, predicted 9 (98 %)"
-- @tparam[opt] string options.caption a sentence below them all
-- @tparam[opt] string options.title words for those who do not see the pictures
-- @treturn table a figure
-- @raise where the shape is another, values lie outside their range, or captions are too many or few
-- @usage nn.plot.images(images, { caption = "The first digits" })
-- @function images
return function(images, options)
  options = options or {}
  arguments.check(options, OPTIONS, "plot.images")
  if not tensor.is_tensor(images) then blame("plot.images: expected a tensor, got %s", type(images)) end
  local count, height, width, channels = check_shape(images)
  local captions = options.captions and check.texts(options.captions, count, "plot.images: captions")
  local columns = captions and math.min(count, CAPTIONED_COLUMNS) or sheet.columns(count, width)
  columns = check.count(options.columns, columns, "plot.images: columns")
  local scale = captions and math.max(1, CAPTIONED_SIZE // math.max(height, width)) or sheet.scale(columns, width)
  return gallery.new {
    bytes = to_bytes(images), count = count, height = height, width = width, channels = channels, columns = columns,
    scale = check.count(options.scale, scale, "plot.images: scale"), captions = captions, caption = options.caption,
    alt = options.title or options.caption or ("%d pictures"):format(count),
  }
end
