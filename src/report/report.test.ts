import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { judge } from "./judgement.ts";
import { type ReportInput, reportHtml } from "./report.ts";

const image = "data:image/png;base64,iVBORw0KGgo=";
const input: ReportInput = {
  title: "Two kinds of shoes",
  lead: "In one forward pass.",
  methods: [
    { name: "1 epoch", accuracy: 0.8, n: 100, seconds: 1 },
    { name: "PudNet", note: "one pass", accuracy: 0.9, n: 100, seconds: 0.1, isOurs: true },
    { name: "30 epochs", accuracy: 0.95, n: 100, seconds: 30 },
  ],
  classes: ["boot", "sandal"],
  confusion: [
    [40, 10],
    [0, 50],
  ],
  pictures: [
    { image, predicted: 0, score: 0.91, label: 0, side: 28, source: "boot/1.png" },
    { image, predicted: 1, score: 0.7, label: 0, side: 300 },
  ],
  mistakes: [{ image, predicted: 1, score: 0.7, label: 0 }],
  facts: [["Seed", "7"]],
  command: "pudnet predict shoes --out out",
  created: "2026-11-23T13:22:36.886Z",
};

function page(changes: Partial<ReportInput> = {}, base: ReportInput = input) {
  const html = reportHtml({ ...base, ...changes });
  const { document } = parseHTML(html);
  const all = (selector: string): string[] =>
    Array.from(document.querySelectorAll(selector), (element: { textContent: string }) => element.textContent);
  return { html, document, all };
}

test("the table names every method with accuracy, interval, time, ratio to ours and n", () => {
  const rows = page().all("table")[0]!;
  expect(rows).toContain("PudNetone pass90.0\u00A0%82.6 to 94.5\u00A0%100 ms1 ×100");
  expect(rows).toContain("1 epoch80.0\u00A0%71.1 to 86.7\u00A0%1.0 s10 ×100");
  expect(rows).toContain("30 epochs95.0\u00A0%88.8 to 97.8\u00A0%30.0 s300 ×100");
  expect(page().all("tr.ours td:first-child")).toEqual(["PudNetone pass"]);
});

test("pictures carry prediction and score; wrong ones are marked with the truth", () => {
  const { document, all } = page();
  const grid = [...document.querySelectorAll("ul.pictures")][0]!;
  expect(grid.querySelectorAll("li")).toHaveLength(2);
  expect(grid.querySelectorAll("li.wrong")).toHaveLength(1);
  expect(grid.querySelector("li.wrong")!.textContent).toBe("✗ sandal70\u00A0%is boot");
  expect(grid.querySelector("img")!.getAttribute("alt")).toBe("boot, predicted boot");
  expect(all("section p").join(" ")).toContain("1 of these 2 is wrong and marked");
});

test("names that hold anything are shown, and do nothing", () => {
  const classes = [
    "\u001b[31mred\n\u202e",
    `<script>alert("1")</script>`,
    `"' onload='x`,
    "=cmd()",
    "a|b",
    "half \ud83d",
  ];
  const confusion = classes.map((_, a) => classes.map((__, p) => a + p));
  const pictures = classes.map((source, c) => ({ image, predicted: c, score: 0.5, label: (c + 1) % 6, source }));
  const { html, document, all } = page({ classes, confusion, pictures, mistakes: pictures });
  for (const character of ["\u001b", "\u202e", "\ud83d"]) expect(html).not.toContain(character);
  expect(document.querySelectorAll("script, [onload]")).toHaveLength(0);
  const shown = ["\\u001b[31mred\\u000a\\u202e", ...classes.slice(1, 5), "half \\ud83d"];
  expect(all("ul.pictures b").slice(0, 6)).toEqual(shown.map((name) => `✗ ${name}`));
  expect(document.querySelector("li")!.getAttribute("title")).toBe(shown[0]);
  expect(all(".figure text")).toEqual(expect.arrayContaining(["\\u001b[31mred\\u000a\\u2…", "=cmd()", "a|b"]));
});

test("a time too short to be measured makes no page fail", () => {
  const methods = input.methods.map((method) => ({ ...method, seconds: 0 }));
  expect(page({ methods }).all("table")[0]).toContain("? ×");
});

test("the confusion matrix and its most confused pair are there", () => {
  const { all } = page();
  expect(all(".figure text")).toEqual(expect.arrayContaining(["40", "10", "50", "80.0 %", "100.0 %"]));
  expect(all(".pairs tbody tr")).toEqual(["bootsandal10 20.0\u00A0%"]);
});

test("names, facts and commands are escaped everywhere", () => {
  const evil = `"><img src=x onerror=alert(1)>'&`;
  const { html, document } = page({
    title: evil,
    lead: evil,
    classes: [evil, "b"],
    methods: [{ ...input.methods[1]!, name: evil, note: evil }],
    pictures: [{ ...input.pictures[1]!, source: evil }],
    facts: [[evil, evil]],
    command: evil,
  });
  expect(html).not.toContain("<img src=x");
  expect([...document.querySelectorAll("[onerror]")]).toEqual([]);
  expect(document.querySelector("h1")!.textContent).toBe(evil);
  expect(document.querySelector("ul.pictures li")!.getAttribute("title")).toBe(evil);
});

test("nothing is loaded from elsewhere and nothing runs", () => {
  const { html, document } = page();
  expect(document.querySelectorAll("script, link, iframe")).toHaveLength(0);
  for (const one of document.querySelectorAll("img")) expect(one.getAttribute("src")).toMatch(/^data:image\//);
  expect(html.replaceAll('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(/https?:\/\/|url\(/);
  expect(html).toContain("prefers-color-scheme: dark");
  expect(() => page({ pictures: [{ ...input.pictures[0]!, image: "https://example.org/a.png" }] })).toThrow(
    "internal:",
  );
});

test("an unlabelled dataset without methods gives a page without comparisons and marks", () => {
  const { confusion: _, ...rest } = input;
  const html = reportHtml({ ...rest, methods: [], mistakes: [], pictures: [{ image, predicted: 1, score: 0.5 }] });
  const headings = [...parseHTML(html).document.querySelectorAll("h2")].map((heading) => heading.textContent);
  expect(headings).toEqual(["Pictures and predictions", "How to make these numbers again"]);
  expect(html).not.toContain('class="wrong"');
  expect(html).not.toMatch(/NaN|undefined/);
});

test("no mistakes at all is said in words", () => {
  const confusion = [
    [5, 0],
    [0, 5],
  ];
  expect(page({ confusion }).all(".pairs")).toEqual(["No mistakes at all."]);
});

test("of one classifier it shows figures, every class and what is confused, the matrix only where there is one", () => {
  const predictions = [0, 0, 0, 1].map((predicted) => ({ predicted, score: 0.8, label: 0 }));
  const { confusion, ...rest } = input;
  const judged = { ...rest, methods: [], judgement: judge(predictions, 2), classes: ["<b>boot", "sandal"] };
  const { all, html } = page({}, judged);
  expect(all(".numbers dd")).toEqual([
    "75.0\u00A0%30.1 to 95.4\u00A0%, 4 pictures",
    "75.0\u00A0%mean F1 85.7\u00A0%",
    "80.0\u00A0%calibration error 5.0\u00A0%, n = 4",
    "1of 2; guessing would be right in 50.0\u00A0%, always “<b>boot” would be right in 100.0\u00A0%",
  ]);
  expect(all("h2")).toContain("Every class");
  const rows = all(".scroll tbody tr");
  expect(rows).toEqual(["<b>boot4375.0\u00A0%100.0\u00A0%85.7\u00A0%", "sandal01–0.0\u00A0%0.0\u00A0%"]);
  expect(all(".pairs tbody tr")).toEqual(["<b>bootsandal1 25.0\u00A0%"]);
  expect(html).not.toContain("<b>boot");
  expect(all(".figure")).toEqual([]);
  expect(page({ ...judged, confusion: confusion! }).all(".figure")).toHaveLength(1);
});
