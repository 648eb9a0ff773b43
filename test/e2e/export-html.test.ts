// An exported page in Chromium: what it answers beside Node, that nothing leaves it, and names that may hold anything.

import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askPage, findChromium } from "../../scripts/in-chromium.mjs";
import { exportClassifier } from "../../src/index.ts";
import { HOSTILE } from "../hostile-names.ts";
import { importText } from "../import-text.ts";
import { PETS, writePictures } from "../pictures.ts";
import { roughClassifier } from "../rough-network.ts";
import { colouredImages } from "../tiny-pudnet.ts";
import { temporaryFolder } from "./pudnet.ts";

const chromium = findChromium();
/** Gives the page pictures as a user does, and tells what it shows. */
const ASKING = `<!doctype html><title>asking</title><script type="module">
  const promise = () => { let settle; const settled = new Promise((done) => (settle = done)); return { settled, settle }; };
  async function give(page, path, name) {
    const files = new DataTransfer();
    files.items.add(new File([await (await fetch(path)).blob()], name, { type: "image/png" }));
    const input = page.getElementById("file");
    input.files = files.files;
    const said = page.getElementById("said");
    said.textContent = "";
    const changed = new Promise((done) => new MutationObserver(done).observe(said, { childList: true }));
    input.dispatchEvent(new Event("change"));
    return { changed };
  }
  /** What comes too late is dropped: a slow picture, a camera that nobody wants any more. A fault is called by its name. */
  async function lateness(view, page) {
    const bars = page.getElementById("bars");
    const said = page.getElementById("said");
    const decode = view.createImageBitmap.bind(view);
    const [ready, closed] = [promise(), promise()];
    view.createImageBitmap = async (file) => {
      const bitmap = await decode(file);
      if (file.name !== "slow.png") return bitmap;
      bitmap.close = closed.settle;
      await ready.settled;
      return bitmap;
    };
    await give(page, "/0.png", "slow.png");
    await (await give(page, "/1.png", "quick.png")).changed;
    const quick = bars.textContent;
    ready.settle();
    await closed.settled;
    const isKept = bars.textContent === quick;

    const camera = page.getElementById("camera");
    const unused = [];
    for (const calledOff of [() => camera.click(), async () => (await give(page, "/1.png", "quick.png")).changed]) {
      const asked = promise();
      const streams = [];
      view.navigator.mediaDevices.getUserMedia = async () => {
        await asked.settled;
        const stream = document.createElement("canvas").captureStream();
        streams.push(stream);
        return stream;
      };
      camera.click();
      await calledOff();
      asked.settle();
      await new Promise((done) => setTimeout(done)); // all that waits for the camera has run
      unused.push(...streams.map((stream) => stream.getTracks()[0].readyState));
    }
    const pressed = camera.getAttribute("aria-pressed");
    view.CanvasRenderingContext2D.prototype.getImageData = () => { throw new view.Error("out of memory"); };
    await (await give(page, "/1.png", "quick.png")).changed;
    return { isKept, unused, pressed, fault: said.textContent };
  }
  async function ask() {
    const frame = document.createElement("iframe");
    const loaded = new Promise((done) => frame.addEventListener("load", done));
    frame.src = "/page.html";
    document.body.append(frame);
    await loaded;
    const page = frame.contentDocument;
    const said = page.getElementById("said");
    const answers = [];
    for (const path of ["/0.png", "/none.png", "/1.png"]) {
      const files = new DataTransfer();
      files.items.add(new File([await (await fetch(path)).blob()], "a <b>name</b>.png", { type: "image/png" }));
      const input = page.getElementById("file");
      input.files = files.files;
      const changed = new Promise((done) => new MutationObserver(done).observe(said, { childList: true }));
      input.dispatchEvent(new Event("change"));
      await changed;
      const bars = [...page.querySelectorAll("#bars li")];
      answers.push({ said: said.textContent, bars: bars.map((bar) => [bar.firstChild.data, bar.querySelector("meter").value]) });
    }
    const late = await lateness(frame.contentWindow, page);
    const requests = await frame.contentWindow.fetch("/0.png").then(() => "allowed", () => "refused");
    const classes = [...page.querySelectorAll("#classes li")].map((one) => one.textContent);
    return { answers, late, requests, classes, foreign: page.querySelectorAll("img, b, script[src], link").length };
  }
  const said = await ask().catch((error) => ({ error: String(error.stack) }));
  await fetch("/answer", { method: "POST", body: JSON.stringify(said) });
</script>`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

it.runIf(chromium === undefined)("SKIPPED: there is no Chromium here (Debian: apt-get install chromium)", () => {});

describe.skipIf(chromium === undefined)("an exported page", () => {
  it("labels pictures as the module does in Node, and sends nothing", async () => {
    const classifier = roughClassifier({ arch: "resnet-8", readout: "stages", classes: HOSTILE });
    const options = { numbers: "int8", pictures: colouredImages(3, 2, 16).images, command: "</script>" } as const;
    const page = (await exportClassifier(classifier, { format: "html", ...options })).files[0]!.bytes;
    const script = (await exportClassifier(classifier, { format: "js", ...options })).files[0]!.bytes;
    const site = join(folder.path, "site");
    await mkdir(site);
    await writeFile(join(site, "index.html"), ASKING);
    await writePictures(join(folder.path, "pets"), PETS, 1);
    const pictures = ["cat", "dog"].map((name) => join(folder.path, "pets", name, "0.png"));
    const answer = await askPage(chromium!, site, {
      "/page.html": page,
      "/0.png": pictures[0]!,
      "/1.png": pictures[1]!,
      "/none.png": new TextEncoder().encode("no picture"),
    });
    const { classify } = await importText<{
      classify: (picture: object, top: number) => { label: string; score: number }[];
    }>(script);
    const answers = answer.answers as { said: string; bars: [string, number][] }[];
    for (const [i, at] of [0, 2].entries()) {
      const { data, info } = await sharp(await readFile(pictures[i]!))
        .raw()
        .toBuffer({ resolveWithObject: true });
      const expected = classify({ data, width: info.width, height: info.height }, 5);
      expect(answers[at]!.bars.map(([label]) => label)).toEqual(expected.map(({ label }) => `${label} `));
      answers[at]!.bars.forEach(([, score], rank) => expect(score).toBeCloseTo(expected[rank]!.score, 3));
    }
    expect(answers[1]).toEqual({ said: "a <b>name</b>.png is no picture that this browser can open.", bars: [] });
    expect(answer.late).toEqual({
      isKept: true,
      unused: ["ended", "ended"],
      pressed: "false",
      fault: "The picture cannot be classified: out of memory.",
    });
    expect(answer).toMatchObject({ requests: "refused", classes: HOSTILE, foreign: 0 });
  });

  it("opens from a disk", async () => {
    const { files } = await exportClassifier(roughClassifier({ arch: "convnet-3" }), { format: "html", name: "x" });
    const path = join(folder.path, files[0]!.name);
    await writeFile(path, files[0]!.bytes);
    const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];
    const profile = `--user-data-dir=${join(folder.path, "profile-of-disk")}`;
    const args = [...flags, profile, "--dump-dom", pathToFileURL(path).href];
    const dom = execFileSync(chromium!.path, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    expect(dom).toContain("<li>cat</li><li>dog</li><li>fish</li>");
  });
});
