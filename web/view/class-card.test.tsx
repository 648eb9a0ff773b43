// What a screen reader hears of a card: what is said where it is, and to which field.

import { signal } from "@preact/signals";
import { parseHTML } from "linkedom";
import { render } from "preact";
import { beforeEach, expect, it, vi } from "vitest";
import type { ClassCard as Card, Project } from "../model/project.ts";
import type { CardState } from "../session/intake.ts";
import type { Session } from "../session/session.ts";
import { TEXTS } from "../texts.ts";
import { ClassCard } from "./class-card.tsx";

let document: Document;
beforeEach(() => {
  ({ document } = parseHTML("<body></body>"));
  vi.stubGlobal("document", document);
  return () => vi.unstubAllGlobals();
});

const NOTHING: CardState = { waiting: 0, refused: new Map() };
const cardOf = (name: string): Card => ({ id: `id-of-${name}`, name, enabled: true, pictures: [] });

/** A page of the card "cat" beside "dog". */
function shown() {
  const project = signal<Project>({ name: "", classes: [cardOf("cat"), cardOf("dog")] });
  const state = signal(NOTHING);
  const session = {
    project,
    inSeveral: signal(new Map()),
    intake: { cardState: () => state.value },
    camera: { users: signal(new Set()), lost: signal(new Set<string>()), start: async () => TEXTS.noCamera("") },
  };
  render(<ClassCard session={session as unknown as Session} card={cardOf("cat")} />, document.body);
  return { state, camera: session.camera, card: document.querySelector("li")! };
}

const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 20));

it("refused files are put into what is read aloud, which was there before", async () => {
  const { card, state } = shown();
  const status = card.querySelector("[role=status]")!;
  expect(status.textContent).toBe("");
  state.value = { waiting: 0, refused: new Map([[TEXTS.alreadyThere, ["1.png"]]]) };
  await settled();
  expect(card.querySelector("[role=status]")).toBe(status);
  expect(status.textContent).toContain(TEXTS.refusedFiles(["1.png"], TEXTS.alreadyThere));
});

it("a name that is taken is told at once, and with its field", async () => {
  const { card } = shown();
  const field = card.querySelector<HTMLInputElement>("input.card-name")!;
  expect(field.getAttribute("aria-describedby")).toBeNull();
  field.value = "dog";
  field.dispatchEvent(new document.defaultView!.Event("change"));
  await settled();
  const told = card.querySelector(`#${field.getAttribute("aria-describedby")}`)!;
  expect([told.textContent, told.getAttribute("role")]).toEqual([TEXTS.nameTaken, "alert"]);
  expect(field.getAttribute("aria-invalid")).toBe("true");
});

it("what is wrong with the camera is told at once", async () => {
  const { card, camera } = shown();
  const alerts = (): (string | null)[] => [...card.querySelectorAll("[role=alert]")].map((one) => one.textContent);
  card.querySelector<HTMLElement>(`[aria-label="${TEXTS.cameraFor("cat")}"]`)!.click();
  await settled();
  expect(alerts()).toEqual([TEXTS.noCamera("")]);
  camera.lost.value = new Set(["id-of-cat"]);
  await settled();
  expect(alerts()).toEqual([TEXTS.noCamera(""), TEXTS.cameraLost]);
});
