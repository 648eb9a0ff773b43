// Opens an address in the browser that this machine has for it.

import { spawn } from "node:child_process";

const PROGRAMS: Partial<Record<NodeJS.Platform, readonly [program: string, ...args: readonly string[]]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"], // no shell, which would read the address
};

/** False where there is none, or no screen to show it on. */
export function openBrowser(url: string): Promise<boolean> {
  const { platform, env } = process;
  const isShown = platform === "darwin" || platform === "win32" || env["DISPLAY"] || env["WAYLAND_DISPLAY"];
  if (!isShown || env["SSH_CONNECTION"]) return Promise.resolve(false);
  const [program, ...args] = PROGRAMS[platform] ?? ["xdg-open"];
  const child = spawn(program, [...args, url], { stdio: "ignore", detached: true });
  child.unref(); // it may live as long as the browser
  return new Promise((done) => {
    child.on("error", () => done(false));
    child.on("spawn", () => done(true));
  });
}
