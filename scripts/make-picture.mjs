// Makes docs/quickstart.png, the picture of README.md, from the report of a quickstart: its first pictures with the labels that
// the predicted classifier gave them. The report takes every class in turn, so that these are no choice of the best.
//
//   npm run quickstart && node scripts/make-picture.mjs [report, default quickstart-results/icons/report.html] [output, default docs/quickstart.png]
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { rasterise } from "../dist/node/rasterise.js";

const [COLUMNS, ROWS] = [10, 3];
const [SIDE, GAP, LINE] = [56, 16, 16];

const [report = join("quickstart-results", "icons", "report.html"), out = join("docs", "quickstart.png")] =
  process.argv.slice(2);
const PICTURE =
  /<li.*?<img src="(data:image\/png;base64,[^"]+)".*?<b>(?:✗ )?(.*?)<\/b>.*?(?:<em>is (.*?)<\/em>)?<\/li>/g;
const pictures = [...readFileSync(report, "utf8").matchAll(PICTURE)].slice(0, COLUMNS * ROWS);
if (pictures.length < COLUMNS * ROWS) throw new Error(`${report} has only ${pictures.length} pictures`);

const [width, height] = [COLUMNS * (SIDE + GAP) + GAP, ROWS * (SIDE + 2 * LINE + GAP)];
const cells = pictures.map(([, image, predicted, actual], i) => {
  const [x, y] = [GAP + (i % COLUMNS) * (SIDE + GAP), GAP / 2 + Math.floor(i / COLUMNS) * (SIDE + 2 * LINE + GAP)];
  const text = (words, line, style) =>
    `<text x="${x + SIDE / 2}" y="${y + SIDE + line * LINE - 2}" text-anchor="middle" ${style}>${words}</text>`;
  return [
    `<image x="${x}" y="${y}" width="${SIDE}" height="${SIDE}" image-rendering="optimizeSpeed" href="${image}"/>`,
    text(predicted, 1, actual ? 'fill="#c22f1d" font-weight="bold"' : ""),
    actual ? text(`is ${actual}`, 2, 'fill="#c22f1d"') : "",
  ].join("");
});
const svg =
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans" font-size="10.5">` +
  `<rect width="${width}" height="${height}" fill="white"/>${cells.join("")}</svg>`;
const png = await sharp(rasterise(svg)).png({ palette: true, colours: 32, dither: 0 }).toBuffer();
writeFileSync(out, png);
const wrong = pictures.filter(([, , , actual]) => actual).length;
console.log(`${pictures.length} pictures, ${wrong} of them labelled wrongly, ${png.length} bytes: ${out}`);
