--- How a report's page looks: light and dark, on paper and on narrow screens. Charts have gnuplot's own colours; in the
-- dark those of axes, grid and letters are changed.
-- @module nn.report.page.style
return [[
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1b1b; --soft: #595959; --line: #d9d9d9; --shade: #f5f5f4;
  --link: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181b; --ink: #e6e6e6; --soft: #a8a8a8; --line: #3a3d42;
  --shade: #202327; --link: #7db7f0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: break-word; }
p, li, blockquote, h1, h2, h3 { max-width: 46rem; }
h1 { line-height: 1.2; }
h2 { margin-top: 2.5rem; line-height: 1.25; }
h1 + p { padding: .8rem 1rem; background: var(--shade); border-left: .3rem solid var(--link); }
a { color: var(--link); }
a:focus-visible, button:focus-visible, summary:focus-visible, .table:focus-visible { outline: 2px solid var(--link); }
nav ul { columns: 18rem; padding: 0; list-style: none; }
blockquote { margin-left: 0; padding-left: 1rem; border-left: .3rem solid var(--line); }
code, pre { font: .9em/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; max-width: 100%; padding: .7rem 1rem; background: var(--shade); }
.table { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { text-align: left; vertical-align: bottom; }
td[align=right], th[align=right] { text-align: right; }
td:first-child { max-width: 24rem; }
td[align=right] { white-space: nowrap; }
th button { all: unset; cursor: pointer; font: inherit; }
th button::after { content: "\a0\2195"; color: var(--soft); }
th[aria-sort=ascending] button::after { content: "\a0\2191"; color: inherit; }
th[aria-sort=descending] button::after { content: "\a0\2193"; color: inherit; }
details { margin-top: 1.5rem; border-top: 1px solid var(--line); }
summary { cursor: pointer; }
summary h2 { display: inline-block; margin: .6rem 0; }
.figures { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
figure { margin: .5rem 0; break-inside: avoid; max-width: 46rem; }
/* of three charts the score has a line of its own, and accuracy stands beside loss */
.figures figure:first-child:nth-last-child(odd) { grid-column: 1 / -1; }
figcaption { color: var(--soft); font-size: .9rem; }
img, svg { max-width: 100%; height: auto; }
svg .value:hover use { opacity: .35; }
#tip { position: fixed; z-index: 1; max-width: 18rem; padding: .2rem .5rem; background: var(--ink); color: var(--paper);
  font-size: .85rem; pointer-events: none; }
@media (prefers-color-scheme: dark) {
  svg > g > rect[fill="#ffffff"], svg rect[fill="#ffffff"] { fill: var(--paper); }
  svg g[fill="rgb(51,51,51)"], svg g[fill="black"] { fill: var(--ink); }
  svg [stroke="rgb(227, 227, 227)"] { stroke: #2f3338; }
  svg [stroke="rgb( 77,  77,  77)"], svg [color="rgb( 77,  77,  77)"] { stroke: #b5b5b5; color: #b5b5b5; }
  svg [stroke="rgb(  0, 114, 178)"] { stroke: #4ba3e0; }
  svg [color="rgb(  0, 114, 178)"] { color: #4ba3e0; }
}
@media print { body { max-width: none; font-size: 10pt; } nav, th button::after { display: none; }
  section { break-inside: auto; } h2 { break-after: avoid; } tr { break-inside: avoid; } .table { overflow: visible; } }
]]
