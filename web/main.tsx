// The page, put together.

import { signal } from "@preact/signals";
import { render } from "preact";
import { startEngine } from "./engine/client.ts";
import { markShown } from "./session/marks.ts";
import { Session } from "./session/session.ts";
import { keepForOffline } from "./site/offline.ts";
import { openStore } from "./store/indexed-db.ts";
import type { Trouble } from "./store/store.ts";
import { TEXTS } from "./texts.ts";
import { Page } from "./view/page.tsx";

async function start(): Promise<void> {
  const trouble = signal<Trouble | undefined>(undefined);
  const engine = startEngine({ model: new URL("model.safetensors", document.baseURI), name: "tiny" });
  const store = await openStore({ onTrouble: (found) => (trouble.value = found) });
  const session = new Session(engine, store, trouble);
  addEventListener("unhandledrejection", ({ reason }) => session.notice(TEXTS.unforeseen(String(reason))));
  await session.open();
  render(<Page session={session} />, document.body);
  markShown("interactive");
  await session.begin();
  await engine.ready.catch(() => {}); // told by the page
  void keepForOffline(); // after all that the page needs at once
}

if (isSecureContext) void start();
else render(<p class="problem">{TEXTS.notSecure}</p>, document.body);
