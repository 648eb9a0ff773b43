// How an exported file is used, as the page says it: in the library's lines where there are any.

import { signal } from "@preact/signals";
import { parseHTML } from "linkedom";
import { render } from "preact";
import { EXPORT_FORMATS, type ExportFormat, snippetOf } from "pudnet";
import { beforeEach, expect, it, vi } from "vitest";
import type { Session } from "../session/session.ts";
import { LeavingPanel } from "./leaving.tsx";

let document: Document;
beforeEach(() => {
  ({ document } = parseHTML("<body></body>"));
  vi.stubGlobal("document", document);
  return () => vi.unstubAllGlobals();
});

/** The page when a classifier has left as that format. */
function shown(format: ExportFormat): Element {
  const exported = { format, numbers: "int8", name: "pets", files: [], notes: [] };
  const session = {
    project: signal({ name: "", classes: [] }),
    learning: { made: signal(undefined) },
    store: { persistent: async () => true },
    leaving: {
      isIdle: signal(true),
      busy: signal(undefined),
      problem: signal(undefined),
      sinceZip: signal(undefined),
      exported: signal(exported),
    },
  };
  render(<LeavingPanel session={session as unknown as Session} />, document.body);
  return document.querySelector(".exported")!;
}

it.each(EXPORT_FORMATS)("of %s", (format) => {
  const code = snippetOf(format, "pets")?.code;
  expect(shown(format).querySelector("pre")?.textContent).toBe(code);
  if (code === undefined) expect(shown(format).querySelector("p")!.textContent).toContain(`pets.${format}`);
});

it("in Python with onnxruntime, what is transparent is put on white, as in the pictures that a classifier is made of", () => {
  expect(shown("onnx").textContent).toMatch(/alpha_composite\(Image\.new\("RGBA", .*"white"\)/);
});
