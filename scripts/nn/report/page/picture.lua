--- A report's pictures inside of its page: charts as SVG, whose colours follow the theme, others as data.
-- @module nn.report.page.picture
local files = require "nn.support.files"

local picture = {}

local TYPES = { png = "png", jpg = "jpeg", jpeg = "jpeg", gif = "gif", webp = "webp" }
local DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

-- Base64 (RFC 4648): three bytes are four digits.
local function base64(bytes)
  local digits = {}
  for i = 1, #bytes, 3 do
    local a, b, c = bytes:byte(i, i + 2)
    local number = a << 16 | (b or 0) << 8 | (c or 0)
    local group = ""
    for shift = 18, 0, -6 do
      local digit = number >> shift & 63
      group = group .. DIGITS:sub(digit + 1, digit + 1)
    end
    digits[#digits + 1] = c and group or b and group:sub(1, 3) .. "=" or group:sub(1, 2) .. "=="
  end
  return table.concat(digits)
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
