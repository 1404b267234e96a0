--- What a report's page does by itself: a click on a column's title sorts a table, the mouse on a point shows its
-- value, and paper shows what is folded. Without it the page can be read all the same.
-- @module nn.report.page.behaviour
return [[
"use strict";
// Numbers sort as numbers, also "12,345", "1.5 s" and "0.96 (0.95 to 0.97)"; a cell without a number stands last.
function valueOf(row, column) {
  const text = row.cells[column] ? row.cells[column].textContent.trim() : "";
  const number = parseFloat(text.replace(/,(?=\d{3})/g, ""));
  return { text, number };
}
function compare(a, b) {
  const [x, y] = [isNaN(a.number), isNaN(b.number)];
  if (!x && !y) return a.number - b.number;
  return x && y ? a.text.localeCompare(b.text) : x - y;
}
function sort(table, column, heading) {
  const rows = [...table.tBodies[0].rows];
  const descending = heading.getAttribute("aria-sort") === "ascending";
  rows.sort((a, b) => compare(valueOf(a, column), valueOf(b, column)) * (descending ? -1 : 1));
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
  table.tBodies[0].append(...rows);
}
for (const table of document.querySelectorAll("table")) {
  if (!table.tHead || !table.tBodies[0] || table.tBodies[0].rows.length < 2) continue;
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    if (!heading.textContent.trim()) return;
    const button = document.createElement("button");
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(table, column, heading));
    heading.append(button);
  });
}
const tip = document.createElement("div");
tip.id = "tip";
tip.hidden = true;
document.body.append(tip);
for (const value of document.querySelectorAll("svg .value")) {
  const title = value.querySelector("title");
  const text = title.textContent;
  value.setAttribute("aria-label", text);
  value.addEventListener("mouseenter", event => {
    title.textContent = ""; // the browser's own would come late and stand above this one
    tip.textContent = text;
    tip.hidden = false;
    tip.style.left = Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8) + "px";
    tip.style.top = event.clientY + 16 + "px";
  });
  value.addEventListener("mouseleave", () => { tip.hidden = true; title.textContent = text; });
}
function unfold() { for (const part of document.querySelectorAll("details")) part.open = true; }
addEventListener("beforeprint", unfold);
// A link leads into a folded part: open it.
function reveal() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const part = target && target.closest("details");
  if (part) { part.open = true; target.scrollIntoView(); }
}
addEventListener("hashchange", reveal);
reveal();
]]
