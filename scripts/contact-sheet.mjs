// One picture of an image folder, to look at it: some pictures of some of its classes, a row a class, evenly out of all.
//
//   node scripts/contact-sheet.mjs FOLDER OUT.png [classes, default 20] [pictures, default 12]
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { printable } from "../dist/names.js";
import { rasterise } from "../dist/node/rasterise.js";

const [SIDE, GAP, LABEL] = [48, 3, 150];

const [folder, out, classes = "20", pictures = "12"] = process.argv.slice(2);
if (!folder || !out) throw new Error("give the folder and the name of the picture to make");

const names = evenly(
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort(),
  Number(classes),
);
const rows = await Promise.all(names.map(rowOf));
const [width, height] = [LABEL + Number(pictures) * (SIDE + GAP), names.length * (SIDE + GAP)];
const svg =
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans" font-size="11">` +
  `<rect width="${width}" height="${height}" fill="white"/>${rows.join("")}</svg>`;
const sheet = await sharp(rasterise(svg, 1)).png({ palette: true, colours: 128, compressionLevel: 9 }).toBuffer();
writeFileSync(out, sheet);
console.log(`${names.length} classes of ${folder}, ${sheet.length} bytes: ${out}`);

/** A label and the pictures of a class as SVG. */
async function rowOf(name, at) {
  const y = at * (SIDE + GAP);
  const files = evenly(readdirSync(join(folder, name)).sort(), Number(pictures));
  const shown = await Promise.all(files.map((file) => pictureOf(readFileSync(join(folder, name, file)))));
  const images = shown.map(
    (href, i) => `<image x="${LABEL + i * (SIDE + GAP)}" y="${y}" width="${SIDE}" height="${SIDE}" href="${href}"/>`,
  );
  return `<text x="2" y="${y + SIDE / 2 + 4}">${escaped(printable(name).slice(0, 24))}</text>${images.join("")}`;
}

async function pictureOf(bytes) {
  const png = await sharp(bytes).resize(SIDE, SIDE, { fit: "cover" }).flatten({ background: "#fff" }).png().toBuffer();
  return `data:image/png;base64,${png.toString("base64")}`;
}

/** At most so many of a list, spread over all of it. */
function evenly(list, most) {
  const count = Math.min(most, list.length);
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]);
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
