--- Lines that tell what takes its time before an experiment has anything to show: on a terminal, in a run of a script.
local notice = {}

--- Whether they are wanted; the command line decides.
notice.is_wanted = false

--- Tells what begins.
-- @tparam string what such as "reading imdb"
function notice.say(what)
  if notice.is_wanted then io.stderr:write(what, " ...\n") end
end

return notice
