// A module of JavaScript from its text, by Node itself: no bundler and no file of ours takes part.

/** What the module exports. */
export async function importText<Module>(bytes: Uint8Array): Promise<Module> {
  const url = `data:text/javascript;base64,${Buffer.from(bytes).toString("base64")}`;
  return (await import(/* @vite-ignore */ url)) as Module;
}
