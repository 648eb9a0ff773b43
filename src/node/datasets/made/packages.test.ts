import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failure } from "../../../../test/failure.ts";
import { FormatError } from "../../../errors.ts";
import { iconSet } from "./iconify.ts";
import { fetchPackages, openPackage, tarballName } from "./packages.ts";
import { packTiny, tinyIcons } from "../../../../test/tiny-packages.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pudnet-packages-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const SQUARE = '<path d="M4 4h16v16H4z"/>';
const pinned = { name: "@tiny/icons", version: "1.2.3", licence: "MIT", integrity: "sha512-" };

describe("openPackage", () => {
  it("reads the files of a tarball below its folder", async () => {
    const row = await packTiny(folder, "@tiny/icons", { "a.txt": "one", "b/c.txt": "two" });
    expect(tarballName(row)).toBe("tiny-icons-1.2.3.tgz");
    const opened = await openPackage(row, folder);
    expect(new TextDecoder().decode(opened.file("b/c.txt"))).toBe("two");
    expect(opened.file("c.txt")).toBeUndefined();
  });

  it("refuses other bytes than were pinned", async () => {
    const row = await packTiny(folder, "@tiny/icons", { "a.txt": "one" });
    await packTiny(folder, "@tiny/icons", { "a.txt": "two" });
    const error = await failure(openPackage(row, folder));
    expect(error.message).toMatch(
      /is not the published @tiny\/icons@1\.2\.3: its checksum is another[^]*expected sha512-/,
    );
    expect(error.hint).toMatch(/fetch it again/);
  });

  it("says which tarball is missing, and how to get it", async () => {
    const error = await failure(openPackage(pinned, folder));
    expect(error.message).toContain(`no tiny-icons-1.2.3.tgz in "${folder}"`);
    expect(error.hint).toContain("npm pack @tiny/icons@1.2.3");
    expect(error.exitCode).toBe(2);
  });

  it.each([
    ["no gzip", Buffer.from("an error page")],
    ["no tar", gzipSync(Buffer.alloc(2048, 7))],
  ])("refuses what is %s", async (_, bytes) => {
    const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
    await writeFile(join(folder, tarballName(pinned)), bytes);
    const error = await failure(openPackage({ ...pinned, integrity }, folder));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(/not a package's tarball/);
  });

  it("writes nothing, whatever the names in the tarball", async () => {
    const row = await packTiny(join(folder, "in"), "@tiny/icons", { "../../out.txt": "over the edge" });
    await openPackage(row, join(folder, "in")).catch(() => undefined);
    expect(await readdir(folder)).toEqual(["in"]);
  });
});

describe("iconSet", () => {
  const opened = async (files: Record<string, string>) =>
    iconSet(await openPackage(await packTiny(folder, "@tiny/icons", files), folder));

  it("has the drawings of icons and plain aliases, with their boxes", async () => {
    const set = await opened(
      tinyIcons(
        { square: SQUARE, words: "<text>a</text>" },
        {
          aliases: { box: { parent: "square" }, turned: { parent: "square", rotate: 1 }, lost: { parent: "none" } },
          left: 2,
        },
      ),
    );
    expect([...set.keys()]).toEqual(["square", "box"]);
    expect(set.get("box")).toEqual({ body: SQUARE, left: 2, top: 0, width: 24, height: 24 });
  });

  it.each([
    ["a missing file", {}, /icons\.json: not in the package/],
    ["what is no JSON", { "icons.json": "{" }, /not JSON/],
    [
      "a body that is a number",
      { "icons.json": '{"icons":{"a":{"body":7}}}' },
      /not what such a package holds\n.*icons\.a\.body: expected string/,
    ],
    ["an endless width", { "icons.json": '{"width":1e300,"icons":{}}' }, /not what such a package holds\n.*width/],
  ])("refuses %s", async (_, files, message) => {
    expect((await failure(opened(files as Record<string, string>))).message).toMatch(message);
  });
});

describe("fetchPackages", () => {
  it("says what to do where there is no npm", async () => {
    const error = await failure(fetchPackages([pinned], folder, { npm: join(folder, "no-npm") }));
    expect(error.message).toMatch(/cannot run .*no-npm: it is not there/);
    expect(error.hint).toMatch(/--from/);
  });

  it.skipIf(process.platform === "win32")("says what npm says where there is no network", async () => {
    const npm = await script("echo 'npm error code ENOTFOUND' >&2; echo 'npm error network' >&2; exit 1");
    const error = await failure(fetchPackages([pinned], folder, { npm }));
    expect(error.message).toBe("npm did not get @tiny/icons@1.2.3\n  npm error code ENOTFOUND\n  npm error network");
    expect(error.hint).toMatch(/run it again.*--from/);
  });

  it.skipIf(process.platform === "win32")(
    "asks for exact versions, in batches, and lets nothing of theirs run",
    async () => {
      const npm = await script(`echo "$@" >> "${join(folder, "asked")}"`);
      const many = Array.from({ length: 13 }, (_, i) => ({ ...pinned, name: `@tiny/n${i}` }));
      const told: number[] = [];
      await fetchPackages(many, folder, { npm, onFetched: (done) => told.push(done) });
      const asked = (await import("node:fs")).readFileSync(join(folder, "asked"), "utf8").trim().split("\n");
      expect(told).toEqual([12, 13]);
      expect(asked).toHaveLength(2);
      expect(asked[1]).toBe(
        `pack @tiny/n12@1.2.3 --ignore-scripts --prefer-offline --pack-destination ${folder} --loglevel error`,
      );
    },
  );

  async function script(text: string): Promise<string> {
    const path = join(folder, "npm");
    await writeFile(path, `#!/bin/sh\n${text}\n`);
    await chmod(path, 0o755);
    return path;
  }
});
