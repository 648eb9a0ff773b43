import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadPudNet, makeFolder, PACKAGE_ROOT } from "pudnet/files";
import { Predictor } from "pudnet/methods";
import { GENERAL } from "../../recipes/shipped.ts";
import { BUDGETS } from "../../recipes/budgets.ts";
import { Store } from "../../store/store.ts";
import { measureGroup } from "./measure.ts";
import { unknown } from "./unknown.ts";

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "pudnet-unknown-"));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

/** Ten noisy pictures of each class, which is a colour. */
function colours(name: string, values: readonly number[]) {
  const per = 10;
  const images = new Uint8Array(values.length * per * 3 * 32 * 32);
  let noise = 7;
  images.forEach((_, i) => {
    noise = (noise * 16_807) % 2_147_483_647;
    const [picture, channel] = [Math.floor(i / 3072), Math.floor((i % 3072) / 1024)];
    const value = values[Math.floor(picture / per)]!;
    images[i] = ((value >> (4 * channel)) & 15) * 12 + (noise % 60);
  });
  const labels = Uint16Array.from({ length: values.length * per }, (_, i) => Math.floor(i / per));
  return { name, images, labels, classes: values.map((value) => `${name} ${value}`), side: 32 };
}

test(
  "classifiers of a shipped network know their colours from others, the same each time",
  { timeout: 120_000 },
  async () => {
    const predictor = await Predictor.create(
      await loadPudNet(join(PACKAGE_ROOT, "checkpoints/tiny-resnet-8.safetensors")),
    );
    const known = { dataset: colours("known", [0x00f, 0x0f0, 0xf00, 0xff0]), classes: [0, 1, 2, 3] };
    const others = { stripes: colours("stripes", [0x888, 0xfff]) };
    const draw = { ways: 2, labels: 6, asked: 4 };
    const one = await measureGroup(predictor, known, others, draw, 3);
    expect(await measureGroup(predictor, known, others, draw, 3)).toEqual(one);
    expect(await measureGroup(predictor, known, others, draw, 4)).not.toEqual(one);
    await predictor.release();
    expect(one.answers).toHaveLength(8);
    expect(one.answers.every(({ right }) => right)).toBe(true);
    expect(Object.keys(one.refused)).toEqual(["known", "other classes", "stripes"]);
    expect(one.auroc["other classes"]).toBeGreaterThan(0.9);
    expect(one.refused["other classes"]).toBeGreaterThan(one.refused["known"]!);
  },
);

test("without data nothing is measured, and the page says what the CSVs say", async () => {
  const lines: string[] = [];
  const store = new Store({ out, root: out, print: (line) => lines.push(line) });
  await unknown.run(store, BUDGETS.quick);
  expect(lines.join()).toMatch(/^unknown: /);
  expect(await unknown.page(store, BUDGETS.quick)).toBeUndefined();
  await makeFolder(join(out, "unknown"));
  const file = GENERAL.tiny.sha256.slice(0, 16); // rows of another file count for nothing
  const kinds = ["refused", "auroc fashion-mnist", "refused fashion-mnist", "auroc dtd-10", "refused dtd-10", "auroc other classes", "refused other classes"]; // prettier-ignore
  const rows = kinds.flatMap((what, i) => [0.01, 0.03].map((value, group) => `tiny,${file},cifar-100,${group},${what},${value + i / 10}`)); // prettier-ignore
  writeFileSync(
    join(out, "unknown/groups.csv"),
    ["network,file,set,group,what,value", ...rows, "tiny,0123456789abcdef,cifar-100,2,refused,0.99", ""].join("\n"),
  );
  writeFileSync(join(out, "unknown/calibration.csv"), `network,file,set,groups,n,accuracy,mean score,error\ntiny,${file},cifar-10,1,40,0.5,0.52,0.0345\n`); // prettier-ignore
  const page = (await unknown.page(store, BUDGETS.quick))!;
  expect(page.values).toMatchObject({ "tiny/calibration cifar-10": { value: 0.0345 } });
  expect(page.files["README.md"]!.replaceAll(/ +/g, " ")).toContain("| their own classes, refused (%) | 2.0 ±");
  expect(page.values!["tiny/auroc fashion-mnist"]!.value).toBeCloseTo(0.12, 9);
  expect(page.files["README.md"]!.replaceAll(/ +/g, " ")).toContain("| tiny | cifar-10 | 40 | 50.0 | 52.0 | 3.5 |");
  expect(page.headline).toMatch(/against Fashion-MNIST, AUROC *\| *0\.120/);
  writeFileSync(
    join(out, "unknown/groups.csv"),
    readFileSync(join(out, "unknown/groups.csv"), "utf8").replace(",0.01", ",x"),
  );
  await expect(unknown.page(store, BUDGETS.quick)).rejects.toThrow(/"x"/);
});
