--- A page of Markdown (CommonMark with GitHub's tables) that also reads well as plain text.
-- @module nn.report.markdown
local notation = require "nn.support.notation"

local markdown = {}

local Page = {}
Page.__index = Page

-- What would make a block of its own of a text that begins so: a heading, a list, a quotation, a rule.
local BLOCKS = { "^(#+ )", "^([-+] )", "^(>)", "^(%-%-%-+)$", "^(=+)$" }

--- Text on one line that shows as it stands, whatever characters it has: never Markdown, HTML or a formula. What is
-- harmless where it stands, such as an underscore inside a word, is left alone.
-- @tparam string text
-- @treturn string
function markdown.escape(text)
  text = notation.legible(text):gsub("%s+", " "):gsub("[\\`*%[%]<~$]", "\\%0"):gsub("&#?%w+;", "\\%0")
  return (text:gsub("()_()", function(first, after)
    local inside = text:sub(first - 1, first - 1):find("%w") and text:sub(after, after):find("%w")
    return inside and "_" or "\\_"
  end))
end

--- Escaped text as an item of a list or a paragraph of its own, where "1. Width" would begin a list.
-- @tparam string text
-- @treturn string
function markdown.item(text)
  text = markdown.escape(text)
  for _, block in ipairs(BLOCKS) do text = text:gsub(block, "\\%1") end
  return (text:gsub("^(%d+)([.)] )", "%1\\%2"))
end

--- A code span that shows the text as it stands, also within a table.
-- @tparam string text
-- @treturn string
function markdown.code(text)
  text = notation.legible(text):gsub("%s+", " ")
  if text:find("\\|", 1, true) then return markdown.escape(text) end -- a cell of a table cannot hold that as code
  local fence = "`"
  while text:find(fence, 1, true) do fence = fence .. "`" end
  local space = (text:find("^`") or text:find("`$") or text == "") and " " or ""
  return fence .. space .. text .. space .. fence
end

--- Markdown made of escaped text, code spans and bold text, without the marks.
-- @tparam string text
-- @treturn string
function markdown.plain(text)
  local spans = {}
  text = text:gsub("(`+)( ?)(.-)%2%1", function(_, _, code)
    spans[#spans + 1] = code
    return "\0" .. #spans .. "\0"
  end)
  text = text:gsub("%*%*", ""):gsub("\\(%p)", "%1")
  return (text:gsub("%z(%d+)%z", function(i) return spans[tonumber(i)] end))
end

--- A block of code with a language's name.
-- @tparam string language
-- @tparam string text
-- @treturn string
function markdown.code_block(language, text)
  local fence = "```"
  while text:find(fence, 1, true) do fence = fence .. "`" end
  return fence .. language .. "\n" .. text .. "\n" .. fence
end

--- A heading.
-- @tparam integer level 1 to 6
-- @tparam string text
-- @treturn string
function markdown.heading(level, text)
  return ("#"):rep(level) .. " " .. markdown.escape(text):gsub("#+ ?$", "\\%0")
end

--- A block set apart from the text, for what must not be overlooked.
-- @tparam string text
-- @treturn string
function markdown.quote(text)
  return "> " .. text:gsub("\n", "\n> ")
end

--- A list with dots.
-- @tparam {string,...} items
-- @treturn string
function markdown.list(items)
  return "- " .. table.concat(items, "\n- ")
end

--- Markdown as a cell of a table: a bar ends a cell even inside a code span, unless it is escaped.
-- @tparam string cell
-- @treturn string
function markdown.cell(cell)
  return (cell:gsub("(\\*)|", function(before) return #before % 2 == 0 and before .. "\\|" or nil end))
end

local function width(text)
  return utf8.len(text) or #text
end

local function column_widths(lines, count)
  local widths = {}
  for i = 1, count do
    widths[i] = 3
    for _, cells in ipairs(lines) do widths[i] = math.max(widths[i], width(cells[i])) end
  end
  return widths
end

local function table_line(cells, columns, widths)
  local padded = {}
  for i, column in ipairs(columns) do
    local space = (" "):rep(widths[i] - width(cells[i]))
    padded[i] = column.left and cells[i] .. space or space .. cells[i]
  end
  return "| " .. table.concat(padded, " | ") .. " |"
end

local function table_rule(columns, widths)
  local cells = {}
  for i, column in ipairs(columns) do
    cells[i] = ("-"):rep(widths[i] - 1) .. (column.left and "-" or ":")
  end
  return table_line(cells, columns, widths)
end

--- A table.
-- @tparam {table,...} columns each `{ title = "seconds" }`, aligned right, or left with `left = true`
-- @tparam {table,...} rows each a list of Markdown texts without line breaks
-- @treturn string
-- @usage markdown.table({ { title = "width" }, { title = "trial", left = true } }, { { "50", "[a1b2c3]" } })
function markdown.table(columns, rows)
  local cells = { {} }
  for i, column in ipairs(columns) do cells[1][i] = markdown.cell(column.title) end
  for r, row in ipairs(rows) do
    cells[r + 1] = {}
    for i in ipairs(columns) do cells[r + 1][i] = markdown.cell(row[i]) end
  end
  local widths = column_widths(cells, #columns)
  local lines = { table_line(cells[1], columns, widths), table_rule(columns, widths) }
  for r = 2, #cells do lines[r + 1] = table_line(cells[r], columns, widths) end
  return table.concat(lines, "\n")
end

--- An empty page.
-- @treturn Page
function markdown.page()
  return setmetatable({ anchors = {}, headings = {}, by_key = {} }, Page)
end

--- Adds blocks; an empty line will stand between them. Empty blocks are left out.
-- @tparam string ... Markdown
function Page:add(...)
  for _, block in ipairs { ... } do
    if block ~= "" then self[#self + 1] = block end
  end
end

--- The anchor that GitHub gives a heading.
-- @tparam string title
-- @tparam table taken how often each anchor was given already; it is counted further
-- @treturn string
function markdown.anchor(title, taken)
  local slug = notation.legible(title):lower():gsub("[^%w\128-\255 _-]", ""):gsub(" ", "-")
  local count = taken[slug]
  taken[slug] = (count or 0) + 1
  return count and slug .. "-" .. count or slug
end

--- Adds a heading that can be linked to.
-- @tparam integer level 1 to 6
-- @tparam string title
-- @param[opt] key what `link` finds it by, the title if left out
function Page:heading(level, title, key)
  local heading = { level = level, title = title, anchor = markdown.anchor(title, self.anchors) }
  self.headings[#self.headings + 1] = heading
  self.by_key[key or title] = heading
  self:add(markdown.heading(level, title))
end

-- Takes note of the headings of a text that somebody else wrote: their anchors are taken.
function Page:add_foreign(text)
  for _, pattern in ipairs { "^#+ +([^\n]+)", "\n#+ +([^\n]+)" } do
    for title in text:gmatch(pattern) do markdown.anchor(title:gsub("[*`#]", ""):gsub("%s+$", ""), self.anchors) end
  end
  self:add(text)
end

--- A link to a heading that was added.
-- @param key
-- @tparam[opt] string text its title if left out
-- @treturn string Markdown
function Page:link(key, text)
  local heading = self.by_key[key]
  return ("[%s](#%s)"):format(markdown.escape(text or heading.title), heading.anchor)
end

--- A list of links to all headings of the second level.
-- @treturn string Markdown; empty where there is none
function Page:contents()
  local links = {}
  for _, heading in ipairs(self.headings) do
    local text = markdown.escape(heading.title)
    if heading.level == 2 then links[#links + 1] = ("[%s](#%s)"):format(text, heading.anchor) end
  end
  return table.concat(links, " · ")
end

--- Leaves room for a block that is known later.
-- @treturn integer its position, for `fill`
function Page:reserve()
  self[#self + 1] = ""
  return #self
end

--- Puts a block where room was left.
-- @tparam integer position
-- @tparam string block
function Page:fill(position, block) self[position] = block end

--- The page as text.
-- @treturn string
function Page:text()
  local blocks = {}
  for _, block in ipairs(self) do
    if block ~= "" then blocks[#blocks + 1] = block end
  end
  return table.concat(blocks, "\n\n") .. "\n"
end

return markdown
