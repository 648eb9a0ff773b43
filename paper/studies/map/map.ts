// The map: for which widths and numbers of domains weights changed by the data at hand beat one good static network. It trains nothing: the
// commands on its page do, and it collects what they judged.

import { BusyError } from "pudnet/files";
import type { Store } from "../../store/store.ts";
import type { Study } from "../study.ts";
import { mapPage, TITLE } from "./page.ts";
import { collect, ID, keptFiles } from "./rows.ts";

export const map: Study = {
  title: TITLE,
  async run(store) {
    try {
      await store.claim(ID, () => collect(store.workPath(ID), store.path(ID), store.options.print));
    } catch (error) {
      if (!(error instanceof BusyError)) throw error;
      store.options.print(`${ID}: ${error.message}`);
    }
  },
  async page(store: Store) {
    return mapPage(await keptFiles(store.path(ID)), `reproduce/store/${ID}`);
  },
};
