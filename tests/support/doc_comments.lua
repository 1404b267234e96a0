--- The doc comments of Lua sources, as LDoc reads them.
local doc_comments = {}

local TAG = "^@(%w+)%[?([^%s%]]*)%]?%s*(.*)$"

-- What a line of code defines: "name" of `function module.name(`, `module.name = ` or `local function name(`.
local function name_in(line)
  return line:match "^%s*function%s+[%w_]+%.([%w_]+)" or line:match "^%s*function%s+([%w_]+:[%w_]+)"
    or line:match "^%s*[%w_]+%.([%w_]+)%s*="
end

local function is_local(line)
  return line:find "^%s*local%s" ~= nil
end

--- One comment: its text, its tags and what it is about.
local function parse(lines, code)
  local block = { tags = {}, text = {}, is_local = is_local(code) }
  local into = block.text
  for _, line in ipairs(lines) do
    local tag, modifier, rest = line:match(TAG)
    if tag then
      into = { rest }
      table.insert(block.tags, { name = tag, modifier = modifier, lines = into })
      if tag == "local" then block.is_local = true end
      if tag == "function" then block.name, block.is_local = rest:match "^%S+", false end
      if tag == "module" or tag == "submodule" then block.module = rest:match "^%S+" end
    else
      into[#into + 1] = line
    end
  end
  block.name = block.name or not block.module and name_in(code) or nil
  return block
end

--- The comments of a file, in order.
-- @tparam string path
-- @treturn {{name=string,module=string,is_local=boolean,line=integer,text={string},tags={table}},...}
function doc_comments.read(path)
  local blocks, lines, first, number = {}, nil, nil, 0
  for line in io.lines(path) do
    number = number + 1
    if lines and line:find "^%s*%-%-" then
      lines[#lines + 1] = line:match "^%s*%-%-%-*%s?(.*)$"
    elseif lines then
      local block = parse(lines, line)
      block.line, block.path = first, path
      blocks[#blocks + 1], lines = block, nil
    elseif line:find "^%s*%-%-%-[^-]" then
      lines, first = { line:match "^%s*%-%-%-%s?(.*)$" }, number
    end
  end
  return blocks
end

--- The text of a block's tags of one name.
function doc_comments.tags(block, name)
  local found = {}
  for _, tag in ipairs(block.tags) do
    if tag.name == name then found[#found + 1] = table.concat(tag.lines, "\n") end
  end
  return found
end

return doc_comments
