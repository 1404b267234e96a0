--- A report's pictures inside of its page: charts as SVG, whose colours follow the theme, others as data.
-- @module nn.report.page.picture
local files = require "nn.support.files"

local picture = {}

local TYPES = { png = "png", jpg = "jpeg", jpeg = "jpeg", gif = "gif", webp = "webp" }
local DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

-- Two digits for each number of 12 bits.
local PAIRS = {}
for number = 0, 4095 do
  local high, low = number >> 6, number & 63
  PAIRS[number] = DIGITS:sub(high + 1, high + 1) .. DIGITS:sub(low + 1, low + 1)
end

-- Base64 (RFC 4648): three bytes are four digits.
local function base64(bytes)
  local digits, missing = {}, -#bytes % 3
  bytes = bytes .. ("\0"):rep(missing)
  for i = 1, #bytes, 3 do
    local number = (">I3"):unpack(bytes, i)
    digits[#digits + 1] = PAIRS[number >> 12]
    digits[#digits + 1] = PAIRS[number & 4095]
  end
  local text = table.concat(digits)
  return text:sub(1, #text - missing) .. ("="):rep(missing)
end

-- gnuplot's hypertext asks for a script of gnuplot's own, and each curve is titled by its number. A title is what a
-- mouse shows without any script, so a point's text becomes one and the others go.
local function with_titles(svg)
  svg = svg:gsub("<title>[Gg]nuplot[^<]*</title>%s*", "")
  return (svg:gsub("<g onmousemove=\"gnuplot_svg%.showHypertext%(evt,'(.-)'%)\"[^>]*><title>[^<]*</title>",
    '<g class="value"><title>%1</title>'))
end

-- The chart as an element of the page. Names inside get a beginning of their own: all charts have the same.
local function inline(svg, alt, number)
  local own = ("c%d-"):format(number)
  svg = svg:match "<svg.*</svg>"
  if not svg or svg:find "<script" then return nil end
  svg = with_titles(svg):gsub("<g [^>]*>%s*</g>%s*", ""):gsub("<desc>.-</desc>%s*", "")
  svg = svg:gsub("%sid=(['\"])", " id=%1" .. own):gsub("href='#", "href='#" .. own):gsub("url%(#", "url(#" .. own)
  local width, height = svg:match '^<svg[^>]-width="(%d+)" height="(%d+)"'
  local head = ('<svg role="img" aria-label="%s" viewBox="0 0 %s %s" width="%s">'):format(alt, width, height, width)
  return width and (svg:gsub("^<svg.->", function() return head end, 1))
end

--- The element that shows a picture.
-- @tparam string folder the report's
-- @tparam string path as the report names it, escaped for HTML
-- @tparam string alt words for those who do not see it, escaped for HTML
-- @tparam integer number of the picture in the page
-- @treturn string HTML; a sentence where the picture is not in the folder, so that the page asks no network for it
function picture.element(folder, path, alt, number)
  local name = path:gsub("%%(%x%x)", function(code) return string.char(tonumber(code, 16)) end):gsub("&amp;", "&")
  local is_inside = not (name:find "^/" or name:find "^%a[%w+.-]*:" or ("/" .. name .. "/"):find("/../", 1, true))
  local bytes = is_inside and files.read(folder .. "/" .. name)
  local kind = name:lower():match "%.(%w+)$"
  local element
  if bytes and kind == "svg" then
    element = inline(bytes, alt, number)
  elseif bytes and TYPES[kind] then
    element = ('<img alt="%s" src="data:image/%s;base64,%s">'):format(alt, TYPES[kind], base64(bytes))
  end
  return element or ("<em>%s (the picture %s is not part of this page)</em>"):format(alt, path)
end

return picture
