--- `nnrun repl`: a prompt with `nn` loaded.
local prompt = require "engine.prompt"
local machine = require "engine.machine"
local process = require "engine.process"
local blame = require "nn.support.blame"
local files = require "nn.support.files"
local notation = require "nn.support.notation"
local shown = require "nn.support.format"
local stop = require "nn.support.stop"
local syntax = require "nn.cli.syntax"
local with_globals = require "nn.cli.globals"

local command = { summary = "A prompt with `nn` loaded; an expression prints its value." }

local FIRST, NEXT = "> ", ">> "
local STDIN = 0
local HISTORY = 1000 -- lines kept
local KEYWORDS = { "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
  "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while" }

local HELP = [[
nn is loaded; nn.layers and nn.losses show what is in them, and Tab completes a name.
An expression prints its value. A chunk of several lines ends with its last line, or with an empty one.
Ctrl-C ends what is running, Ctrl-D the prompt. `make docs` writes the reference; experiments/ has scripts to read.]]

-- ---- completion -----------------------------------------------------------------------------------------------------

--- The names in a table and those it inherits; a metatable's `__names()` gives those that are not made yet.
local function names_of(value)
  local names, seen = {}, {}
  local function add(name)
    if type(name) == "string" and name:find "^[%a_][%w_]*$" and not seen[name] then
      names[#names + 1], seen[name] = name, true
    end
  end
  while type(value) == "table" do
    for name in pairs(value) do add(name) end
    local meta = getmetatable(value)
    if type(meta) == "table" and meta.__names then
      for _, name in ipairs(meta.__names()) do add(name) end
    end
    value = type(meta) == "table" and rawget(meta, "__index") or nil
  end
  return names
end

local function field(value, name)
  local ok, found = pcall(function() return value[name] end)
  return ok and found or nil
end

--- What an unfinished name may become: "nn.lay" gives { "nn.layers" }.
-- @tparam string text
-- @tparam table environment of the prompt
-- @treturn {string,...} sorted
function command.complete(text, environment)
  local path, last = text:match "^(.*[.:])([%w_]*)$"
  if not path then path, last = "", text end
  if path:find "[.:][.:]" then return {} end
  local value = environment
  for name in path:gmatch "[%a_][%w_]*" do value = field(value, name) end
  local candidates = names_of(value)
  if path == "" then
    table.move(KEYWORDS, 1, #KEYWORDS, #candidates + 1, candidates)
  end
  local list, seen = {}, {}
  for _, name in ipairs(candidates) do
    if name:sub(1, #last) == last and not seen[name] then list[#list + 1], seen[name] = path .. name, true end
  end
  table.sort(list)
  return list
end

-- ---- reading and running --------------------------------------------------------------------------------------------

--- A chunk of one line or more.
-- @treturn ?function nil where it is wrong
-- @treturn ?string what is wrong
-- @treturn boolean whether it only lacks its end
function command.compile(text, environment)
  local chunk = load("return " .. text, "=prompt", "t", environment)
  if chunk then return chunk, nil, false end
  local message
  chunk, message = load(text, "=prompt", "t", environment)
  return chunk, message, message ~= nil and message:find "<eof>$" ~= nil
end

--- Reads a line.
-- @treturn ?string nil at the end of input, and where a signal such as SIGTERM ends the prompt
-- @treturn boolean whether Ctrl-C gave up what was typed
local function read_line(sign, environment)
  if not process.isatty(STDIN) then return io.read "l", false end
  local line = prompt.read(sign, function(part) return command.complete(part, environment) end)
  local is_given_up = process.stop_requests() > 0
  if is_given_up then process.clear_stop() end
  return not stop.is_requested() and line or nil, is_given_up
end

local function read_chunk(environment)
  local text
  while true do
    local line, is_given_up = read_line(text and NEXT or FIRST, environment)
    if is_given_up then
      text = nil
      print()
    elseif not line then
      return nil
    else
      text = text and text .. "\n" .. line or line
      local chunk, message, is_unfinished = command.compile(text, environment)
      if not is_unfinished or line == "" then return text, chunk, message end
    end
  end
end

local function show(ok, ...)
  if not ok then
    io.stdout:flush()
    io.stderr:write(notation.lines(tostring((...))), "\n")
  elseif select("#", ...) > 0 then
    shown.print(...)
  end
  return ok
end

local function history_path()
  local state = os.getenv "XDG_STATE_HOME"
  local home = os.getenv "HOME"
  local folder = state and state ~= "" and state or home and home .. "/.local/state"
  return folder and folder .. "/nnrun/history"
end

--- Runs a chunk, which Ctrl-C ends at once.
local function run(chunk)
  process.polls_stop(false)
  local results = table.pack(xpcall(chunk, blame.text))
  process.polls_stop(true)
  if process.stop_requests() > 0 then process.clear_stop() end
  return table.unpack(results, 1, results.n)
end

--- Runs the command: until the end of input.
-- @treturn integer exit status; where input is no terminal, 1 as soon as a line fails
function command.run()
  local is_terminal = process.isatty(STDIN)
  local path = is_terminal and history_path()
  local help = setmetatable({}, { __tostring = function() return HELP end, __call = function() print(HELP) end })
  local environment = with_globals { nn = require "nn", print = shown.print, help = help }
  if path then prompt.load(path) end
  if is_terminal then
    print(("nnrun %s, %s; nn is loaded; help tells more; Ctrl-D ends"):format(machine.version(), _VERSION))
  end
  local failed = false
  process.polls_stop(true)
  for text, chunk, message in read_chunk, environment do
    if is_terminal and text:find "%S" then prompt.add(text) end
    local ok
    if chunk then ok = show(run(chunk)) else ok = show(false, syntax.explain(message, text)) end
    failed = failed or not ok
  end
  if path and files.make_folder(path:match "^(.*)/") then prompt.save(path, HISTORY) end
  return stop.status() or failed and not is_terminal and 1 or 0
end

return command
