// Keeps the page's own files, so that it opens without a network, and isolates it (threads) where its host sets no headers. The
// build writes FILES and VERSION above it: the paths of all files from here, and a hash of their contents.

declare const FILES: readonly string[];
declare const VERSION: string;

/** What of a service worker's globals is used; the types of its library cannot stand beside those of pages. */
interface Scope {
  readonly registration: { readonly scope: string; readonly waiting: { postMessage(message: string): void } | null };
  readonly clients: { claim(): Promise<void>; matchAll(): Promise<readonly unknown[]> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: Lasting) => void): void;
  addEventListener(type: "fetch", listener: (event: Fetching) => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}
interface Lasting {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

const scope = globalThis as unknown as Scope;
/** Pages of several folders of a host share its caches. */
const MINE = `pudnet ${scope.registration.scope} `;
const CACHE = `${MINE}${VERSION}`;
const SKIP_WAITING = "skip waiting";

scope.addEventListener("install", (event) => event.waitUntil(keepFiles()));
scope.addEventListener("activate", (event) => event.waitUntil(dropOthers().then(() => scope.clients.claim())));
scope.addEventListener("message", ({ data }) => {
  if (data === SKIP_WAITING) void scope.skipWaiting();
});
scope.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(scope.registration.scope)) event.respondWith(answer(event.request));
});

/** Names that are made of contents may come from the browser's own cache: the page has just loaded them. */
async function keepFiles(): Promise<void> {
  const cache = await caches.open(CACHE);
  const requests = FILES.map((path) => new Request(path, { cache: path.startsWith("assets/") ? "default" : "reload" }));
  await cache.addAll(requests);
}

async function dropOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(MINE) && name !== CACHE).map((name) => caches.delete(name)));
}

async function answer(request: Request): Promise<Response> {
  if (request.mode === "navigate" && (await makeWay())) return again();
  const url = new URL(request.url);
  url.search = "";
  if (url.href === scope.registration.scope) url.pathname += "index.html";
  const cache = await caches.open(CACHE);
  return isolated((await cache.match(url.href)) ?? (await fetch(request)));
}

/** Whether a newer version takes over now: it waits until no page of the old one is open, and a page that is loaded again is none. */
async function makeWay(): Promise<boolean> {
  const { waiting } = scope.registration;
  if (!waiting || (await scope.clients.matchAll()).length > 1) return false;
  waiting.postMessage(SKIP_WAITING);
  return true;
}

/** Has the browser ask once more; without the icon it would ask the host for one of its own. */
function again(): Response {
  return new Response('<link rel="icon" href="icon.svg">', { headers: { refresh: "0", "content-type": "text/html" } });
}

function isolated(response: Response): Response {
  if (response.type === "opaqueredirect" || response.type === "error") return response;
  const headers = new Headers(response.headers);
  headers.set("cross-origin-opener-policy", "same-origin");
  headers.set("cross-origin-embedder-policy", "require-corp");
  headers.set("cross-origin-resource-policy", "same-origin");
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
