/** The page's style. Colours used in pictures are variables, with lighter values in dark mode. Text has a contrast of at least 4.5. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #fff; --panel: #f6f7f9; --ink: #1a1d21; --muted: #545b64; --rule: #d9dde2; --accent: #0b5cad;
  --axis: #8a929b; --grid: #e8ebee; --id: #0b6cb8; --ood: #c2500a; --heat: #0a4585; --on-heat: #fff; --off-heat: #000;
  --line-1: #0b6cb8; --line-2: #c2500a; --line-3: #11805a; --line-4: #a8358a;
  --line-5: #8a6a00; --line-6: #5b4fc4; --line-7: #b3261e; --line-8: #4a5560;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --panel: #1d2125; --ink: #e9ecef; --muted: #a9b1ba; --rule: #363c43; --accent: #79b8f2;
    --axis: #79828c; --grid: #2a2f35; --id: #5fb0ee; --ood: #f0914f; --heat: #5b9fdb; --on-heat: #000; --off-heat: #fff;
    --line-1: #5fb0ee; --line-2: #f0914f; --line-3: #4cc796; --line-4: #e08bd0;
    --line-5: #d9bb4a; --line-6: #a79ff5; --line-7: #f28b82; --line-8: #b4bec8;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif;
}
main { max-width: 1400px; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1, h2, h3 { line-height: 1.2; font-weight: 650; overflow-wrap: anywhere; }
h1 { font-size: 2.1rem; margin: 0 0 .75rem; letter-spacing: -.01em; }
h2 { font-size: 1.35rem; margin: 3rem 0 1rem; padding-top: 1.25rem; border-top: 1px solid var(--rule); }
summary h2 { display: inline; margin: 0; padding: 0; border: 0; }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .75rem; }
.folds h3 { font-size: .95rem; margin: 1rem 0 .5rem; color: var(--muted); }
.kind { margin: 0 0 .25rem; color: var(--muted); font-size: .9rem; }
nav { display: flex; flex-wrap: wrap; gap: .3rem 1.25rem; margin: 1rem 0; }
nav a { color: var(--accent); }
.finding { max-width: 72rem; margin: 0 0 1rem; }
.finding > p, .finding > div { font-size: 1.1rem; margin: 0 0 .35rem; }
.about { list-style: none; margin: .75rem 0 0; padding: 0; font-size: .95rem; }
.about li { margin: 0 0 .2rem; }
.pick { all: unset; cursor: pointer; color: var(--accent); text-decoration: underline; }
.pick:disabled { cursor: auto; color: inherit; text-decoration: none; }
.pick:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.pick[aria-pressed=true] { color: inherit; font-weight: 650; text-decoration: none; }
.pick[aria-pressed=true]::after { content: ' \\25b2  shown above'; color: var(--muted); font-weight: 400; font-size: .8rem; white-space: nowrap; }
.answers tr:has([aria-pressed=true]) { background: var(--panel); }
.about a { color: var(--accent); }
.whole { display: inline-block; max-width: 100%; overflow-wrap: anywhere; }
details.note { padding: 0 .75rem; }
details.note summary { font-weight: 400; }
details.more { display: inline; border: 0; margin: 0; padding: 0; }
details.more::details-content { display: none; }
details.more[open]::details-content { display: inline; }
details.more summary { display: inline; white-space: nowrap; padding: 0; font-weight: inherit; color: var(--accent); text-decoration: underline; }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2.5rem; margin: 1rem 0; }
.facts dt { color: var(--muted); font-size: .85rem; }
.facts dd { margin: 0; font-weight: 600; }
.shortfall { background: var(--panel); border-left: 4px solid var(--ood); padding: .5rem 1rem; margin: 1rem 0; overflow-wrap: anywhere; }
.shortfall h2 { font-size: 1rem; margin: .25rem 0; padding: 0; border: 0; }
.note { color: var(--muted); font-size: .875rem; max-width: 46rem; }
.switch { border: 1px solid var(--rule); border-radius: 6px; padding: .4rem .9rem .6rem; margin: 0 0 1rem; width: fit-content; max-width: 100%; }
.switch legend { font-size: .85rem; color: var(--muted); padding: 0 .3rem; }
.switch label { display: inline-block; margin-right: 1.25rem; }
.switch input { margin: 0 .4rem 0 0; accent-color: var(--accent); }
.scroll {
  overflow-x: auto; margin: 0 0 1.5rem;
  /* A line marks each edge with more content; at the end of scrolling, the background covers it. */
  background:
    linear-gradient(var(--paper), var(--paper)) left / 4px 100% local, linear-gradient(var(--paper), var(--paper)) right / 4px 100% local,
    linear-gradient(var(--paper), var(--paper)) bottom / 100% 4px local, linear-gradient(var(--axis), var(--axis)) left / 2px 100% scroll,
    linear-gradient(var(--axis), var(--axis)) right / 2px 100% scroll, linear-gradient(var(--axis), var(--axis)) bottom / 100% 2px scroll;
  background-repeat: no-repeat;
}
.hint { margin: 0 0 .4rem; color: var(--accent); font-size: .875rem; }
.scroll:focus-visible, summary:focus-visible, button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .95rem; }
table.metric { min-width: 100%; font-size: .88rem; }
table.metric th, table.metric td { padding: .35rem .45rem; }
th, td { padding: .4rem .75rem; text-align: left; white-space: nowrap; }
thead th { border-bottom: 2px solid var(--rule); vertical-align: bottom; }
tbody tr { border-bottom: 1px solid var(--rule); }
table.metric td, table.metric thead th:not(:first-child) { text-align: right; }
table.metric tbody th .whole { width: max-content; max-width: min(16rem, 42vw); white-space: normal; }
table.metric tbody th { font-weight: 500; position: sticky; left: 0; background: var(--paper); }
table.metric thead th:first-child { position: sticky; left: 0; z-index: 2; background: var(--paper); }
table.metric tbody tr:hover > * { background: var(--panel); }
thead th button { all: unset; display: inline-block; width: max-content; max-width: 14rem; white-space: normal; overflow-wrap: anywhere; cursor: pointer; font-weight: 600; }
thead th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
thead th button::after { content: '\\a0\\2195'; color: var(--axis); font-weight: 400; }
th[aria-sort=ascending] button::after { content: '\\a0\\2191'; color: var(--ink); }
th[aria-sort=descending] button::after { content: '\\a0\\2193'; color: var(--ink); }
td.best { font-weight: 700; }
td.best span:first-child::before { content: '\\2605\\00a0'; color: var(--accent); font-weight: 400; }
.published, .interval { display: block; color: var(--muted); font-weight: 400; font-size: .85em; }
.answers table { min-width: 100%; }
.answers td { white-space: normal; min-width: 7rem; }
.answers td:nth-child(2), .answers td:nth-child(3) { white-space: nowrap; }
.answers tbody th { font-weight: 500; white-space: normal; }
.answers th .interval { max-width: 13rem; }
#differences-table table { font-size: .88rem; min-width: 100%; }
#differences-table th, #differences-table td { padding: .3rem .45rem; }
#results .scroll { max-height: 85vh; overflow-y: auto; }
#results thead th { position: sticky; top: 0; z-index: 1; background: var(--paper); }
#results thead th:first-child { z-index: 2; }
.wrapping td { white-space: normal; overflow-wrap: anywhere; }
.wrapping td:first-child { min-width: 8rem; overflow-wrap: break-word; }
@media (max-width: 640px) {
  #results .scroll, .heat, .tall { max-height: 80vh; overflow-y: auto; }
  table.metric { font-size: .82rem; }
  .wrapping :is(th, td) { padding: .4rem .3rem; }
  table.metric th, table.metric td { padding: .35rem .3rem; }
  table.metric thead th:first-child button { max-width: 8rem; }
  .answers thead { display: none; }
  .answers table, .answers tbody, .answers tr, .answers th, .answers td { display: block; padding: .1rem 0; white-space: normal; }
  .answers tr { padding: .5rem 0; }
  .answers tbody th { font-weight: 650; }
  .answers td::before { content: attr(data-head) ': '; color: var(--muted); }
}
.controls { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; margin: 0 0 1rem; }
[hidden] { display: none !important; }
.controls .switch { margin: 0; }
select, input[type=search] { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--axis); border-radius: 6px; padding: .25rem .5rem; max-width: min(100%, 18rem); }
select:focus-visible, input:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.pair { display: grid; gap: 1rem 2rem; grid-template-columns: minmax(0, 1fr); }
@media (min-width: 1000px) { .pair { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
figure.wide { margin: 0 0 1.5rem; }
figure.wide .note { margin: 0 0 .5rem; }
.heat table { font-size: .75rem; line-height: 1; border-spacing: 1px; border-collapse: separate; min-width: 100%; }
.heat td, .heat tbody th { padding: .22rem .15rem; }
.heat td { text-align: center; min-width: 2.4rem; }
.heat tbody tr { border: 0; }
.heat :is(thead, tfoot) th { border: 0; padding: .3rem .15rem; font-weight: 400; color: var(--muted); background: var(--paper); }
.heat thead th { position: sticky; top: 0; vertical-align: bottom; }
.heat tfoot th { vertical-align: top; }
.heat :is(thead, tfoot) th:first-child { position: sticky; left: 0; z-index: 1; text-align: right; }
.heat :is(thead, tfoot) th:not(:first-child) span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 11rem; overflow-wrap: anywhere; }
.heat tbody th { font-weight: 400; text-align: right; position: sticky; left: 0; background: var(--paper); padding-right: .5rem; }
.heat tbody th .whole { width: max-content; max-width: 42vw; white-space: normal; }
figure.wide svg { max-width: none; }
.tall { max-height: 85vh; overflow-y: auto; }
.tall thead th { position: sticky; top: 0; background: var(--paper); }
#curve-choice { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; }
#curve-choice input { margin: 0 .4rem 0 0; accent-color: var(--accent); }
details { border: 1px solid var(--rule); border-radius: 6px; margin: 0 0 .6rem; padding: 0 1rem; }
details[open] { padding-bottom: .75rem; }
summary { cursor: pointer; font-weight: 600; padding: .55rem 0; overflow-wrap: anywhere; }
details.part { border: 0; border-top: 1px solid var(--rule); border-radius: 0; margin: 3rem 0 0; padding: 0; }
details.part > summary { padding: 1.25rem 0 1rem; }
summary + p { margin-top: 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(290px, 100%), 1fr)); gap: .75rem 1.25rem; margin: 0 0 .75rem; }
figure { margin: 0; min-width: 0; }
figcaption { font-weight: 600; font-size: .9rem; overflow-wrap: anywhere; }
figure svg { width: 100%; max-width: 360px; height: auto; display: block; }
svg text { font-family: inherit; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; padding: 0; margin: 0 0 .9rem; font-size: .9rem; }
.legend li { display: flex; align-items: center; gap: .45rem; overflow-wrap: anywhere; }
.legend svg { flex: none; fill: none; }
.swatch { width: 1rem; height: .8rem; flex: none; border: 2px solid; border-radius: 2px; }
.swatch.id { border-color: var(--id); background: color-mix(in srgb, var(--id) 30%, transparent); }
.swatch.ood { border-color: var(--ood); background: color-mix(in srgb, var(--ood) 30%, transparent); }
.swatch.threshold { width: 0; height: 1rem; border: 0; border-left: 2px dashed var(--ink); border-radius: 0; margin: 0 .4rem; }
.gallery { list-style: none; padding: 0; margin: 0 0 1rem; display: grid; gap: .9rem; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); }
.gallery li { display: flex; flex-direction: column; font-size: .8rem; line-height: 1.35; min-width: 0; }
.picture { background-size: contain; background-repeat: no-repeat; background-position: center; print-color-adjust: exact; }
.picture, .gone { width: 96px; height: 96px; background-color: var(--panel); border: 1px solid var(--rule); border-radius: 4px; }
.gone { display: grid; place-items: center; text-align: center; color: var(--muted); padding: .3rem; overflow: hidden; overflow-wrap: anywhere; }
.score { font-weight: 650; font-variant-numeric: tabular-nums; margin-top: .25rem; }
.from { color: var(--muted); overflow-wrap: anywhere; }
.name { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
pre { overflow-x: auto; background: var(--panel); padding: .9rem; border-radius: 6px; font-size: .82rem; line-height: 1.45; }
code { font-size: .82rem; }
@media (max-width: 640px) { main { padding-top: 1.5rem; } h1 { font-size: 1.7rem; } details { padding: 0 .7rem; } details.part { padding: 0; margin-top: 1.5rem; } details.part:not([open]) { margin-top: 0; } }
@media print { details { break-inside: avoid; } .controls { display: none; } .scroll { max-height: none !important; overflow: visible; } }
`;
