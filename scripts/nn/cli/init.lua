--- The command line: finds the command, parses its arguments, turns errors into one line and an exit status.
--
-- A command is a module nn.cli.NAME with `summary`, `configure(parser)` and `run(arguments) -> exit status`. A word
-- that is no command is a script to run.
local argparse = require "argparse"
local machine = require "engine.machine"
local process = require "engine.process"
local blame = require "nn.support.blame"
local nearest = require "nn.support.nearest"
local notation = require "nn.support.notation"
local reads = require "nn.trials.reads"
local shell = require "nn.support.shell"
local shown = require "nn.support.format"
local stop = require "nn.support.stop"
local syntax = require "nn.cli.syntax"
local with_globals = require "nn.cli.globals"

local USAGE_ERROR = 2

-- In the order of the help text.
local COMMANDS = { "new", "check", "runs", "show", "compare", "verify", "report", "export", "data", "repl", "doctor" }

local HELP = [[
nnrun SCRIPT.lua [NAME=VALUE ...] [-- ARGS]   run an experiment
nnrun new NAME [--template KIND]              write a script to begin with: classify, regress, images, text, custom
nnrun check SCRIPT.lua [NAME=VALUE ...]       build every variant without training: shapes, memory, time
nnrun runs [EXPERIMENT]                       list experiments, or the trials of one
nnrun show TRIAL                              everything about one trial
nnrun compare TRIAL TRIAL...                  what differs in parameters and metrics
nnrun verify TRIAL                            train it again and compare weights and metrics, epoch by epoch
nnrun report EXPERIMENT [--check]             write a report again without training, or look for changed files
nnrun export EXPERIMENT --to tensorboard|csv    its learning curves, for other programs
nnrun data [list | fetch NAME]                the data sets, where each was found
nnrun repl                                    a prompt with `nn` loaded
nnrun doctor                                  what works on this machine, what is missing
nnrun -e CODE                                 run a line of Lua with `nn` loaded; an expression is printed

A trial is named by its id, a beginning of it, @last or @best.
nnrun SCRIPT.lua --help and nnrun COMMAND --help tell the options.]]

local function is_command(word)
  for _, name in ipairs(COMMANDS) do
    if name == word then return true end
  end
  return false
end

--- Parses words with an argparse parser; a wrong one ends the program with status 2 and the usage.
local function parse(parser, words)
  local ok, parsed = parser:pparse(words)
  if ok and parsed.reports == "" then ok, parsed = false, "--reports: expected a folder, got ''" end
  if ok then return parsed end
  blame.fatal(USAGE_ERROR, "%s\n%s", parsed, parser:get_usage())
end

local function run_command(name, words)
  local command = require("nn.cli." .. name)
  local parser = argparse("nnrun " .. name, command.summary)
  if command.configure then command.configure(parser) end
  if not command.takes_script then return command.run(parse(parser, words)) end
  local own, rest = require("nn.cli.run").split_words(words)
  local args = parse(parser, own)
  args.arguments = rest
  return command.run(args)
end

--- A script that does not end in .lua is a Lua program of its own, such as busted: it gets all its arguments.
local function run_program(path, words)
  _G.arg = { [0] = path, table.unpack(words) }
  local chunk, message = loadfile(path)
  if not chunk then blame.fatal(USAGE_ERROR, "%s", message) end
  chunk(table.unpack(words))
  return 0
end

local CODE_HELP = [[
Usage: nnrun -e CODE [ARGS]

Runs a line of Lua with `nn` loaded; an expression prints its value: nnrun -e 'nn.zeros{ 2, 3 }'. ARGS are its
table `arg`.]]

-- What an expression gives, but what io.write gives, the file, is no answer.
local function show(...)
  if (...) ~= nil and not io.type((...)) then shown.print(...) end
end

local function run_code(code, words)
  local environment = with_globals { print = shown.print, arg = words }
  local function compile(text)
    return load("local nn = require 'nn'; " .. text, "=(command line)", "t", environment)
  end
  local expression, unfinished = compile("return " .. code)
  if expression then
    show(expression(table.unpack(words)))
    return 0
  end
  local chunk, message = compile(code)
  if not chunk then
    if unfinished:find "near <eof>$" and not message:find "near <eof>$" then message = unfinished end
    blame.fatal(USAGE_ERROR, "%s", syntax.explain(message, code))
  end
  chunk(table.unpack(words))
  return 0
end

local function rest(words, first)
  return table.move(words, first, #words, 1, {})
end

-- `nnrun help`, as other programs have it, beside --help.
local function help(word)
  if word and not is_command(word) then
    blame.fatal(USAGE_ERROR, "help: there is no command %s; make docs writes the reference of nn", word)
  elseif word then
    return run_command(word, { "--help" })
  end
  print(HELP)
  return 0
end

local function dispatch(words)
  local first = words[1]
  if first == nil or first == "-h" or first == "--help" then
    print(HELP)
    return first and 0 or USAGE_ERROR
  elseif first == "help" then
    return help(words[2])
  elseif first == "-V" or first == "--version" then
    print("nnrun " .. machine.version())
    return 0
  elseif first == "-e" then
    if not words[2] then blame.fatal(USAGE_ERROR, "-e: expected a line of Lua") end
    if words[2] == "-h" or words[2] == "--help" then
      print(CODE_HELP)
      return 0
    end
    return run_code(words[2], rest(words, 3))
  elseif is_command(first) then
    return run_command(first, rest(words, 2))
  elseif first:sub(1, 1) ~= "-" and not first:find "%.lua$" then
    local file = io.open(first)
    if not file then
      local near = nearest(first, COMMANDS)
      blame.fatal(USAGE_ERROR, "there is no command and no file named %s; %s", first, near and ("did you mean %s?")
        :format(near) or "commands are: " .. table.concat(COMMANDS, ", "))
    end
    file:close()
    return run_program(first, rest(words, 2))
  end
  return require("nn.cli.run").main(words, parse)
end

local function has(words, word)
  for _, each in ipairs(words) do
    if each == "--" then return false end
    if each == word then return true end
  end
  return false
end

--- Runs the program.
-- @tparam {string,...} words the command line
-- @treturn integer exit status
return function(words)
  shell.program = words[0] or shell.program
  os.setlocale = require "nn.support.locale" -- luacheck: ignore
  reads.begin()
  local trace = has(words, "--trace")
  blame.shows_trace = trace
  local function explain(problem)
    if blame.is_fatal(problem) then return problem end
    local text = blame.text(problem)
    return { status = USAGE_ERROR, message = trace and debug.traceback(text, 2) or text }
  end
  local ok, result = xpcall(dispatch, explain, words)
  if ok then return result end
  process.stop_breaking()
  if stop.is_requested() then result = { status = stop.status(), message = stop.reason() } end
  local is_explained = type(result) == "table" -- nothing is explained where memory ran out
  local message = "nnrun: " .. notation.lines(is_explained and result.message or tostring(result)) .. "\n"
  io.stdout:flush()
  if stop.is_told() then io.stderr:write(message) end
  return is_explained and result.status or USAGE_ERROR
end
