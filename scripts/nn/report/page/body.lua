--- The body of a report's page: what md4c makes of the Markdown, in sections that fold, with charts beside each other
-- and tables that scroll by themselves.
-- @module nn.report.page.body
local Markdown = require "engine.markdown"
local markdown = require "nn.report.markdown"
local picture = require "nn.report.page.picture"

local body = {}

local ENTITIES = { amp = "&", lt = "<", gt = ">", quot = '"' }

local function plain(html)
  return (html:gsub("<[^>]*>", ""):gsub("&(%a+);", ENTITIES))
end

-- Each heading gets the anchor that links of the report lead to.
local function with_anchors(html)
  local taken = {}
  return (html:gsub("<(h%d)>(.-)</h%d>", function(tag, title)
    return ('<%s id="%s">%s</%s>'):format(tag, markdown.anchor(plain(title), taken):gsub('"', ""), title, tag)
  end))
end

-- The page stands alone: what it links to beside itself and the web is not there.
local function without_files(html)
  return (html:gsub('<a href="([^"]*)"[^>]*>(.-)</a>', function(target, text)
    if target:find "^#" or target:find "^https?:" then return nil end
    return ('<span title="%s">%s</span>'):format(target, text)
  end))
end

-- A region that scrolls has to be reached by the keyboard, and for that needs a name: its section's title.
local function with_tables(html, title)
  return (html:gsub("<table>.-</table>", function(element)
    return ('<div class="table" role="region" tabindex="0" aria-label="%s">%s</div>'):format(title, element)
  end))
end

-- A picture and the caption below it are a figure; figures that follow each other stand beside each other. A picture is
-- long: a mark stands for it until all else is done.
local function with_figures(html, folder)
  local pictures = {}
  html = html:gsub('<img src="([^"]*)" alt="([^"]*)"[^>]*>', function(path, alt)
    pictures[#pictures + 1] = picture.element(folder, path, alt, #pictures + 1)
    return ("\1%d\2"):format(#pictures)
  end)
  html = html:gsub("<p>(\1%d+\2)</p>\n<p><em>([^\n]*)</em></p>\n",
    '<div class="figures"><figure>%1<figcaption>%2</figcaption></figure>\3\n')
  html = html:gsub("<p>(\1%d+\2)</p>\n", '<div class="figures"><figure>%1</figure>\3\n')
  return html:gsub('\3\n<div class="figures">', "\n"):gsub("\3", "</div>"), pictures
end

local function section(html, is_folded)
  local id, title, rest = html:match '^<h2 id="([^"]*)">(.-)</h2>(.*)$'
  local name = title:gsub("<[^>]*>", ""):gsub('"', "&quot;")
  html, rest = with_tables(html, name), with_tables(rest, name)
  if not is_folded[plain(title)] then return ('<section aria-labelledby="%s">\n%s</section>\n'):format(id, html) end
  return ('<details><summary><h2 id="%s">%s</h2></summary>%s</details>\n'):format(id, title, rest)
end

-- The answer first, then the contents, then the sections.
local function in_sections(html, folded)
  local is_folded, parts, links = {}, {}, {}
  for _, title in ipairs(folded) do is_folded[title] = true end
  local first = html:find("<h2 ", 1, true) or #html + 1
  local opening = html:sub(1, first - 1)
  local place = first
  while place <= #html do
    local after = html:find("<h2 ", place + 1, true) or #html + 1
    local text = html:sub(place, after - 1)
    local id, title = text:match '^<h2 id="([^"]*)">(.-)</h2>'
    links[#links + 1] = ('<li><a href="#%s">%s</a></li>'):format(id, title)
    parts[#parts + 1], place = section(text, is_folded), after
  end
  -- the report's own list of contents is a line of links; here it is a list
  opening = opening:gsub('<p>[^<\n]*<a href="#[^\n]*</a></p>\n$', "")
  local contents = #links == 0 and "" or ('<nav aria-label="contents"><ul>%s</ul></nav>\n'):format(table.concat(links))
  local name = (opening:match "<h1[^>]*>(.-)</h1>" or "table"):gsub("<[^>]*>", ""):gsub('"', "&quot;")
  return with_tables(opening, name) .. contents .. table.concat(parts)
end

--- What stands inside of the page's body.
-- @tparam string text the report as Markdown
-- @tparam string folder the report's, with the pictures
-- @tparam {string,...} folded titles of the sections that are folded at first
-- @treturn string HTML
function body.html(text, folder, folded)
  text = text:gsub("[\1\2\3]", "")
  local html = without_files(with_anchors(Markdown.html(text)))
  local marked, pictures = with_figures(html, folder)
  return (in_sections(marked, folded):gsub("\1(%d+)\2", function(number) return pictures[tonumber(number)] end))
end

return body
