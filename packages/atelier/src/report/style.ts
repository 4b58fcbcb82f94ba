/** The report's style sheet. One column, much air; colours only where they carry meaning. Follows the reader's light or dark mode. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fcfbf9; --card: #ffffff; --ink: #1d1c1a; --quiet: #6b6862; --rule: #e4e1da;
  --model: #1f5f8b; --train: #a9c4d6; --baseline: #b3541e; --faint: #b9b5ac;
  --series-1: #1f5f8b; --series-2: #b3541e; --series-3: #2f7d4f; --series-4: #7d3c98; --series-5: #8a6d00; --series-6: #b0245b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #141517; --card: #1b1d20; --ink: #e8e6e1; --quiet: #9a978f; --rule: #2e3135;
    --model: #6db3e0; --train: #37556a; --baseline: #e0935f; --faint: #5d6064;
    --series-1: #6db3e0; --series-2: #e0935f; --series-3: #74c69d; --series-4: #c39be0; --series-5: #d8bf5a; --series-6: #f08bb0;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main { max-width: 920px; margin: 0 auto; padding: 56px 24px 72px; }
h1 { font-size: 32px; line-height: 1.2; font-weight: 650; letter-spacing: -0.015em; margin: 0 0 6px; overflow-wrap: anywhere; }
h2 { font-size: 19px; font-weight: 620; margin: 56px 0 16px; }
h3 { font-size: 13px; font-weight: 600; margin: 0 0 8px; color: var(--quiet); }
p { margin: 0 0 12px; }
.quiet { color: var(--quiet); }
.lead { font-size: 17px; margin-top: 22px; max-width: 62ch; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 14px; margin-top: 32px; }
.figure { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 16px 18px; }
.figure .name { font-size: 14px; color: var(--quiet); }
.figure .value { font-size: 32px; font-weight: 640; letter-spacing: -0.02em; line-height: 1.3; font-variant-numeric: tabular-nums; }
.figure .against { font-size: 14px; color: var(--quiet); font-variant-numeric: tabular-nums; }
figure { margin: 0 0 24px; }
figcaption { font-size: 14px; color: var(--quiet); margin-bottom: 8px; }
figure img { max-width: 100%; border: 1px solid var(--rule); border-radius: 10px; }
.figure .verdict { display: block; color: var(--ink); }
.panel { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 18px 18px 12px; }
.panels { display: grid; gap: 14px; }
.chart { display: block; width: 100%; height: auto; overflow: visible; }
.chart .line { vector-effect: non-scaling-stroke; }
.chart .grid { stroke: var(--rule); stroke-width: 1; }
.chart .axis { stroke: var(--quiet); stroke-width: 1; }
.chart .tick { fill: var(--quiet); font-size: 13px; font-variant-numeric: tabular-nums; }
.chart .label { fill: var(--quiet); font-size: 13px; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.line.train { stroke: var(--train); stroke-width: 1.6; }
.line.validation { stroke: var(--model); stroke-width: 2.4; }
.line.rate { stroke: var(--model); stroke-width: 1.8; }
.line.level { stroke: var(--baseline); stroke-dasharray: 7 5; stroke-linecap: butt; }
.dot { fill: var(--model); }
.line.series-1 { stroke: var(--series-1); }
.line.series-2 { stroke: var(--series-2); stroke-dasharray: 9 5; }
.line.series-3 { stroke: var(--series-3); stroke-dasharray: 2 4; }
.line.series-4 { stroke: var(--series-4); stroke-dasharray: 12 4 2 4; }
.line.series-5 { stroke: var(--series-5); stroke-dasharray: 5 3; }
.line.series-6 { stroke: var(--series-6); stroke-dasharray: 16 4 2 4 2 4; }
.line.faint { stroke: var(--faint); stroke-width: 1.2; }
.dot.series-1 { fill: var(--series-1); } .dot.series-2 { fill: var(--series-2); } .dot.series-3 { fill: var(--series-3); }
.dot.series-4 { fill: var(--series-4); } .dot.series-5 { fill: var(--series-5); } .dot.series-6 { fill: var(--series-6); }
.dot.faint { fill: var(--faint); }
.dot.best { fill: var(--baseline); stroke: var(--card); stroke-width: 1.5; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 22px; list-style: none; margin: 0 0 10px; padding: 0; font-size: 14px; }
.legend li { display: flex; align-items: center; gap: 8px; }
.sample { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; margin-bottom: 14px; overflow: hidden; }
.sample .prompt { padding: 12px 18px; border-bottom: 1px solid var(--rule); color: var(--quiet); font-size: 14px; overflow-wrap: anywhere; white-space: pre-wrap; }
.sample .pair { display: grid; grid-template-columns: 1fr 1fr; }
.sample .pair > div { padding: 16px 18px; min-width: 0; }
.sample .pair > div + div { border-left: 1px solid var(--rule); }
.sample .pair.alone { grid-template-columns: 1fr; }
.sample .ours h3 { color: var(--model); }
.sample .theirs h3 { color: var(--baseline); }
.text { font: 15.5px/1.6 Charter, "Iowan Old Style", Georgia, "Noto Serif", serif; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(340px, 1fr)); gap: 14px; align-items: start; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
td { padding: 5px 0; vertical-align: top; overflow-wrap: anywhere; border-top: 1px solid var(--rule); }
tr:first-child td { border-top: 0; }
td:first-child { color: var(--quiet); padding-right: 16px; width: 40%; }
.wide { overflow-x: auto; }
.wide table { width: auto; min-width: 100%; }
.wide th { text-align: left; font-weight: 600; font-size: 13px; color: var(--quiet); padding: 0 18px 6px 0; white-space: nowrap; }
.wide td, .wide td:first-child { width: auto; padding: 5px 18px 5px 0; white-space: nowrap; color: var(--ink); }
.wide th.right, .wide td.right { text-align: right; }
.wide tr.best td { font-weight: 640; }
.wide td.long { white-space: normal; min-width: 22ch; }
code { font: 14px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
pre { margin: 0; white-space: pre-wrap; }
.panel + p { margin-top: 14px; }
.panel > p.quiet { font-size: 14px; }
footer { margin-top: 56px; font-size: 14px; color: var(--quiet); }
@media (max-width: 640px) {
  main { padding: 32px 16px 48px; }
  h1 { font-size: 26px; }
  .sample .pair { grid-template-columns: 1fr; }
  .sample .pair > div + div { border-left: 0; border-top: 1px solid var(--rule); }
  .facts { grid-template-columns: 1fr; }
  .figures { grid-template-columns: 1fr; gap: 10px; }
  .figure { padding: 12px 16px; }
  .figure .value { font-size: 28px; }
  .panel { padding: 14px 16px 10px; }
  .chart .tick, .chart .label { font-size: 24px; }
  .chart .label { display: none; }
}
@media print {
  body { background: #fff; }
  .panel, .figure, .sample { break-inside: avoid; }
}
`;
