// The whole page.

import { TEXTS } from "../texts.ts";

export function Page() {
  return (
    <main>
      <h1>{TEXTS.title}</h1>
    </main>
  );
}
