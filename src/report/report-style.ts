// The style sheet of the report: system fonts, light and dark by the reader's preference, printable.

export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1f2328; --muted: #656d76; --page: #ffffff; --card: #f6f8fa; --line: #d8dee4;
  --ours: #2f6fdd; --other: #9aa1ab; --wrong: #c93c1c; --wrong-back: #fdeae4; --right: #1a7f45;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6e9ed; --muted: #9aa4af; --page: #11151a; --card: #191f26; --line: #303841;
    --ours: #6ea1ff; --other: #6b7480; --wrong: #ff8a66; --wrong-back: #3a1f18; --right: #56c487;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 48px 24px 64px; max-width: 1080px; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
h1 { margin: 0; font-size: 32px; line-height: 1.2; letter-spacing: -0.02em; text-wrap: balance; overflow-wrap: anywhere; }
h2 { margin: 52px 0 6px; font-size: 20px; letter-spacing: -0.01em; }
p { margin: 6px 0 16px; max-width: 72ch; }
.muted, .lead { color: var(--muted); }
.lead { margin-top: 8px; font-size: 18px; }
.numbers { display: flex; flex-wrap: wrap; gap: 16px; margin: 28px 0 0; padding: 0; }
.numbers div { flex: 1 1 180px; padding: 16px 20px; border-radius: 12px; background: var(--card); }
.numbers dt { color: var(--muted); font-size: 14px; }
.numbers dd { margin: 2px 0 0; font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -0.02em; }
.numbers small { display: block; margin-top: 2px; color: var(--muted); font-size: 13px; font-weight: 400; letter-spacing: 0; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { padding: 8px 12px; color: var(--muted); font-size: 13px; font-weight: 500; text-align: left; white-space: nowrap; }
td { padding: 10px 12px; border-top: 1px solid var(--line); vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; }
.number { text-align: right; white-space: nowrap; }
td:first-child { min-width: 140px; }
.pairs td:first-child { min-width: 0; }
.pairs td { padding-top: 6px; padding-bottom: 6px; }
.pairs small { display: inline-block; min-width: 52px; }
.ours td:first-child { color: var(--ours); font-weight: 650; }
td small { display: block; color: var(--muted); font-size: 13px; font-weight: 400; }
.meter { width: 26%; min-width: 110px; padding-top: 17px; }
.bar { display: block; height: 10px; border-radius: 5px; background: var(--card); overflow: hidden; }
.bar i { display: block; height: 100%; border-radius: 5px; background: var(--other); }
.ours .bar i { background: var(--ours); }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(122px, 1fr)); gap: 14px; margin: 18px 0 0; padding: 0; list-style: none; }
.pictures li { min-width: 0; padding: 8px 8px 10px; border: 1px solid var(--line); border-radius: 10px; font-size: 14px; line-height: 1.35; }
.pictures img { display: block; width: 100%; aspect-ratio: 1; margin-bottom: 8px; border-radius: 5px; object-fit: contain; background: var(--card); }
.pictures img.tiny { image-rendering: pixelated; }
.pictures b { display: block; overflow-wrap: anywhere; font-weight: 600; }
.pictures .score { display: flex; gap: 8px; align-items: center; color: var(--muted); font-size: 13px; font-variant-numeric: tabular-nums; }
.pictures .score .bar { flex: 1; height: 5px; }
.pictures .score i { background: var(--ours); }
.pictures .wrong { border-color: var(--wrong); background: var(--wrong-back); }
.pictures .wrong b, .pictures .wrong em { color: var(--wrong); }
.pictures .wrong .score i { background: var(--wrong); }
.pictures em { display: block; overflow-wrap: anywhere; font-size: 13px; font-style: normal; }
.side { display: flex; flex-wrap: wrap; gap: 8px 48px; align-items: flex-start; }
.side .figure { flex: 0 1 auto; min-width: 0; max-width: 100%; margin-left: -20px; overflow-x: auto; }
.side .pairs { flex: 1 1 270px; padding-top: 24px; }
.figure svg { display: block; max-width: 100%; height: auto; color: inherit; }
.side .large { flex: none; width: min(97vw, 1240px); max-width: none; margin-left: calc(50% - min(48.5vw, 620px)); }
.large svg { max-width: max(100%, 1000px); margin: 0 auto; }
.figure .sheet { fill: none; }
h3 { margin: 0 0 4px; font-size: 15px; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 6px 24px; margin: 12px 0 0; font-size: 15px; }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: 16px 0 0; padding: 14px 16px; border-radius: 10px; background: var(--card); overflow-x: auto; font: 14px/1.5 ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; }
footer { margin-top: 56px; padding-top: 14px; border-top: 1px solid var(--line); color: var(--muted); font-size: 14px; }
@media (max-width: 560px) {
  body { padding: 28px 16px 48px; }
  .pictures { grid-template-columns: repeat(auto-fill, minmax(96px, 1fr)); gap: 10px; }
  .meter { display: none; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: 8px; }
}
@media print { body { max-width: none; padding: 0; } .pictures li, tr, .figure { break-inside: avoid; } }
`;
