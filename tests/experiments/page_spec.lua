-- report.html: what must hold of the text itself, and how it behaves in a browser (Chromium, if it is installed).
local fake = require("tests.support.report_fakes").new
local files = require "nn.support.files"
local page = require "nn.report.page"
local program = require "nn.support.program"
local report = require "nn.report"

local NNRUN = require("tests.support.runs").PROGRAM

local root, html

local function browser()
  for _, name in ipairs { "chromium", "chromium-browser", "google-chrome" } do
    if program.run({ name, "--version" }, { seconds = 20 }) then return name end
  end
end

-- The page as the browser has it after a script of the test's own has run; nil and why where there is no browser.
local function rendered(script, width)
  local name = browser()
  if not name then return nil, "no Chromium is installed" end
  local path = root .. "/tried.html"
  files.write(path, (html:gsub("</body>", function() return "<script>" .. script .. "</script></body>" end)))
  local words = { name, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000", "--dump-dom",
    ("--window-size=%d,900"):format(width or 1200), "--user-data-dir=" .. root .. "/profile", "file://" .. path }
  return assert(program.run(words, { seconds = 60 }))
end

describe("the page of a report", function()
  setup(function()
    root = os.tmpname()
    os.remove(root)
    assert(files.make_folder(root))
    local lab = fake(root .. "/lab")
    lab:section { kind = "note", text = "A note with <script>alert(1)</script> and ![far](https://example.org/a.png), "
      .. "![out](../../etc/passwd.png).\n\n## A *part* & more\n\nText." }
    local widths = lab:sweep("Width", { { "width", { 50, 100, 200, 300, 500 } } })
    lab:conclude(widths.variants[5])
    report.write(lab:save())
    html = assert(files.read(root .. "/lab/report.html"))
  end)

  teardown(function() files.remove(root) end)

  it("has its charts inside and asks for nothing", function()
    assert.matches('<svg role="img" aria%-label="', html)
    assert.is_nil(html:find "<img[^>]*src=\"[^d]")
    assert.is_nil(html:find("<link", 1, true))
    assert.is_nil(html:find("@import", 1, true))
    assert.matches("default%-src 'none'", html)
    assert.matches("far %(the picture https://example.org/a.png is not part of this page%)", html)
    assert.matches("the picture ../../etc/passwd.png is not part", html)
  end)

  it("shows HTML in a note as text", function()
    assert.is_nil(html:find("<script>alert", 1, true))
    assert.matches("&lt;script&gt;alert", html)
  end)

  it("has each name once, and every link within leads somewhere", function()
    local seen = {}
    for id in html:gmatch '%sid=["\']([^"\']+)["\']' do
      assert.is_nil(seen[id], "twice: " .. id)
      seen[id] = true
    end
    for target in html:gmatch 'href=["\']#([^"\']+)["\']' do
      assert.is_true(seen[target], "leads nowhere: " .. target)
    end
    assert.is_true(seen["a-part--more"])
  end)

  it("folds data and environment, and nothing else", function()
    local folded = {}
    for title in html:gmatch "<details><summary><h2[^>]*>(.-)</h2>" do folded[#folded + 1] = title end
    assert.same({ "Data", "Running it again", "What it ran on" }, folded)
  end)

  it("shows the value of each point", function()
    assert.matches('<g class="value"><title>500: 0.%d+ %(0.%d+ to 0.%d+%)</title>', html)
    assert.is_nil(html:find("gnuplot_svg", 1, true))
  end)

  it("has a script of its own of less than 8 kB", function()
    assert.is_true(#html:match "<script>(.-)</script>" < 8000)
  end)

  it("depends on the report's text and pictures alone", function()
    assert.equal(html, page.html(files.read(root .. "/lab/report.md"), root .. "/lab"))
  end)

  it("is checked with the report", function()
    local words = { NNRUN, "report", "lab", "--check", "--reports", root }
    assert.truthy(program.run(words, { seconds = 60 }))
    files.write(root .. "/lab/report.html", (html:gsub("0%.97%d%d", "0.9999", 1)))
    assert.is_nil(program.run(words, { seconds = 60 }))
    local said = table.concat(require("nn.report.check").differences(root .. "/lab"), "\n")
    assert.matches("report.html differs from report.md and its charts", said)
    files.write(root .. "/lab/report.html", html)
  end)

  it("sorts its tables in a browser, in both directions, without an error", function()
    local dom, why = rendered [[
      let errors = "";
      addEventListener("error", event => { errors += event.message; });
      const table = [...document.querySelectorAll("table")].find(t => t.tHead.textContent.includes("seconds"));
      const column = [...table.tHead.rows[0].cells].findIndex(c => c.textContent.includes("parameters"));
      const button = table.tHead.rows[0].cells[column].querySelector("button");
      const values = () => [...table.tBodies[0].rows].map(r => r.cells[column].textContent).join(" ");
      button.click();
      const up = values();
      button.click();
      document.body.dataset.up = up;
      document.body.dataset.down = values();
      document.body.dataset.errors = errors;
      document.body.dataset.sort = table.tHead.rows[0].cells[column].getAttribute("aria-sort");
      const names = [...document.querySelectorAll("svg, button, nav, .table")].filter(e =>
        !(e.getAttribute("aria-label") || e.textContent.trim()));
      document.body.dataset.nameless = names.map(e => e.outerHTML).join();
      location.hash = "#what-it-ran-on";
      dispatchEvent(new Event("hashchange"));
      document.body.dataset.open = document.getElementById("what-it-ran-on").closest("details").open;
    ]]
    if not dom then pending(why) return end
    local up, down = dom:match 'data%-up="([^"]*)"', dom:match 'data%-down="([^"]*)"'
    local numbers, last = {}, 0
    for word in up:gmatch "%S+" do
      local number = tonumber((word:gsub(",", "")))
      assert.is_true(number >= last, up)
      last = number
      table.insert(numbers, 1, word)
    end
    assert.equal(5, #numbers)
    assert.equal(table.concat(numbers, " "), down)
    assert.equal("", dom:match 'data%-errors="([^"]*)"')
    assert.equal("", dom:match 'data%-nameless="([^"]*)"')
    assert.equal("descending", dom:match 'data%-sort="(%a+)"')
    assert.equal("true", dom:match 'data%-open="(%a+)"')
  end)

  it("never scrolls sideways on a narrow screen, and can be read in both themes", function()
    local dom, why = rendered([[
      document.body.style.width = "360px";
      document.body.dataset.over = document.body.scrollWidth - 360;
      const light = color => {
        const [r, g, b] = color.match(/[\d.]+/g).map(v => v / 255)
          .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
        return .2126 * r + .7152 * g + .0722 * b;
      };
      const contrast = (a, b) => (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
      const paper = light(getComputedStyle(document.body).backgroundColor);
      let least = 99;
      for (const e of document.querySelectorAll("p, a, td, th, li, figcaption, summary"))
        least = Math.min(least, contrast(light(getComputedStyle(e).color), paper));
      document.body.dataset.contrast = least;
    ]], 500)
    if not dom then pending(why) return end
    assert.is_true(tonumber(dom:match 'data%-over="(-?%d+)"') <= 0)
    assert.is_true(tonumber(dom:match 'data%-contrast="([%d.]+)"') >= 4.5)
  end)
end)
