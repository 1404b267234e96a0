--- A report as one HTML file that can be mailed: charts and pictures are inside, and nothing is asked of any network.
-- @module nn.report.page
local behaviour = require "nn.report.page.behaviour"
local body = require "nn.report.page.body"
local sentences = require "nn.report.sentences"
local style = require "nn.report.page.style"

local page = {}

-- The browser holds the page to it: no request leaves.
local POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

local HEAD = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="%s">
<title>%s</title>
<style>
%s</style>
</head>
<body>
<main>
]]

--- Makes the page of a report. It depends on the report's text and on the pictures in its folder alone.
-- @tparam string text report.md
-- @tparam string folder such as "reports/lab"
-- @treturn string HTML
-- @usage local html = page.html(files.read "reports/mnist_lab/report.md", "reports/mnist_lab")
function page.html(text, folder)
  local say = sentences.say
  local inside = body.html(text, folder, { say.data_title(), say.running_again(), say.what_it_ran_on() })
  local title = inside:match "<h1[^>]*>(.-)</h1>" or "report"
  return HEAD:format(POLICY, title:gsub("<[^>]*>", ""), style) .. inside .. "</main>\n<script>\n" .. behaviour
    .. "</script>\n</body>\n</html>\n"
end

return page
