// pudnet serve: the page, for a browser on this machine.

import { once } from "node:events";
import { Command } from "@commander-js/extra-typings";
import { modelFile } from "../node/checkpoints/shipped.ts";
import { loadPudNet } from "../node/checkpoints/pudnet.ts";
import { openBrowser } from "../node/page/open-browser.ts";
import { isLoopback, PAGE_PORT, servePage } from "../node/page/page-server.ts";
import { readSite } from "../node/page/site.ts";
import { wholeNumber } from "./options.ts";
import { print, printError } from "./output.ts";
import { stopOnSignals } from "./signals.ts";

/** Ports that are tried where nobody asked for one. */
const MORE = 20;

const ABOUT = `
The page makes a classifier of your pictures in the browser: drop folders, or use the webcam. Nothing leaves this machine, and the
browser keeps your work under the address that is printed. Ctrl-C ends it.

Examples:
  pudnet serve
  pudnet serve --port 9000 --no-open
  pudnet serve --model base`;

export function serveCommand() {
  return new Command("serve")
    .option(
      "--port <n>",
      `where to serve (default: ${PAGE_PORT} or the next that is free; 0: any)`,
      wholeNumber(0, 65_535),
    )
    .option("--host <address>", "address of this machine to serve at; beyond the default others can ask", "127.0.0.1")
    .option("--model <model>", "the network that predicts: a checkpoint, or the name of a shipped one (default: tiny)")
    .option("--no-open", "do not open a browser")
    .addHelpText("after", ABOUT)
    .action(async ({ port, host, model, open }) => {
      const site = await readSite(model === undefined ? undefined : await checked(modelFile(model)));
      const stop = new AbortController();
      const release = stopOnSignals(stop, "stopping");
      try {
        await using server = await servePage(site, {
          host,
          port: port ?? PAGE_PORT,
          more: port === undefined ? MORE : 0,
        });
        if (port === undefined && server.port !== PAGE_PORT) printError(`note: ${movedTo(server.port)}`);
        if (!isLoopback(host)) printError(`warning: ${OPEN_TO_OTHERS}`);
        print(`the page is at ${server.url}, until Ctrl-C`);
        if (open && !(await openBrowser(server.url)))
          print("no browser was found to open it: open that address in yours");
        if (!stop.signal.aborted) await once(stop.signal, "abort");
      } finally {
        release();
      }
    });
}

const movedTo = (port: number): string =>
  `port ${PAGE_PORT} is taken by another program, ${port} is free; what the page keeps is kept by port, so that work of another one is not seen there`;

const OPEN_TO_OTHERS =
  "others on this network can ask there, too; their browsers refuse what the page needs (hashes, camera, storage) unless it comes by https: " +
  "put a proxy with a certificate before it";

/** A file that the page could not read is told here, not there. */
async function checked(file: string): Promise<string> {
  await loadPudNet(file);
  return file;
}
