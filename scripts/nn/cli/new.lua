--- `nnrun new NAME`: a script to begin with, complete and commented, that runs as it is.
local blame = require "nn.support.blame"
local files = require "nn.support.files"

local command = { summary = "Write a script to begin with: complete, commented, and it runs as it is." }

local TEMPLATES = { "classify", "regress", "images", "text", "custom" }
local USAGE_ERROR = 2

--- Declares the words of the command.
-- @param parser of argparse
function command.configure(parser)
  parser:argument("name", "The experiment's name; a folder may stand before it: experiments/my_lab."):argname "NAME"
  parser:option("-t --template", "What it begins with: " .. table.concat(TEMPLATES, ", ") .. ".")
    :argname "TEMPLATE":default "classify":choices(TEMPLATES)
end

--- Writes the script.
-- @tparam table arguments `name`, `template`
-- @treturn integer the exit status
function command.run(arguments)
  local folder, name = arguments.name:gsub("%.lua$", ""):match "^(.-)([^/]*)$"
  if not name:find "^[%w_][%w_.-]*$" then
    blame.fatal(USAGE_ERROR, "new: expected a name of letters, digits, _ and -, such as my_lab, got '%s'", name)
  end
  local path = folder .. name .. ".lua"
  if files.read(path) then blame.fatal(USAGE_ERROR, "new: %s is there already; nothing was written", path) end
  local text = require("nn.cli.templates." .. arguments.template):gsub("NAME%.lua", path):gsub("NAME", name)
  if folder ~= "" then files.make_folder(folder) end
  local done, message = files.write(path, text)
  if not done then blame.fatal(USAGE_ERROR, "new: cannot write %s: %s", path, message) end
  print(("%s is written. Run it with: nnrun %s"):format(path, path))
  return 0
end

return command
