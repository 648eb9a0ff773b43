// Keeps the page's own files, so that it opens without a network, and sets the headers that its host does not: isolation (for
// threads), and the page's policy for its workers, which know that of their own file alone.

// The build writes these above it: paths of all files from here, a hash of their contents, and the policy of index.html.
declare const FILES: readonly string[];
declare const VERSION: string;
declare const POLICY: string;

/** What of a service worker's globals is used; the types of its library cannot stand beside those of pages. */
interface Scope {
  readonly registration: {
    readonly scope: string;
    readonly installing: object | null;
    readonly waiting: { postMessage(message: string): void } | null;
  };
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { readonly includeUncontrolled: true }): Promise<readonly unknown[]>;
  };
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
scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));
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

async function answer(request: Request): Promise<Response> {
  if (request.mode === "navigate") {
    if (scope.registration.waiting && (await isLast()) && makeWay()) return again();
    if ((await countOpen()) === 0) await dropOthers();
  }
  const url = new URL(request.url);
  url.search = "";
  if (url.href === scope.registration.scope) url.pathname += "index.html";
  return withHeaders((await kept(url.href)) ?? (await fetch(request)));
}

const countOpen = async (): Promise<number> => (await scope.clients.matchAll({ includeUncontrolled: true })).length;

/** Whether no page is open but the one that is loaded again; those that were just left are counted for a moment. */
async function isLast(): Promise<boolean> {
  for (let left = 10; left > 0; left--) {
    if ((await countOpen()) <= 1) return true;
    await new Promise((done) => setTimeout(done, 100));
  }
  return false;
}

/** Whether a newer version takes over now: it waits until no page of the old one is open, and a page that is loaded again is none. */
function makeWay(): boolean {
  const { waiting } = scope.registration;
  waiting?.postMessage(SKIP_WAITING);
  return waiting !== null;
}

/**
 * A page that asks once more as soon as the newer worker has taken over, which it does when this one has nothing to do for a moment; and after a
 * while in any case. Without the icon the browser would ask the host for one of its own.
 */
function again(): Response {
  const page = `<link rel="icon" href="icon.svg"><script>
navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
navigator.serviceWorker.ready.then(({ waiting }) => waiting ?? location.reload());
</script>`;
  return new Response(page, { headers: { refresh: "5", "content-type": "text/html" } });
}

/** Other versions' files, once no page of theirs can be open. */
async function dropOthers(): Promise<void> {
  if (scope.registration.waiting || scope.registration.installing) return; // the next one's are among them
  for (const name of await mine()) if (name !== CACHE) await caches.delete(name);
}

/** A page of an older version that is still open may ask for its own, whose names are made of what is in them. */
async function kept(url: string): Promise<Response | undefined> {
  const found = await (await caches.open(CACHE)).match(url);
  if (found || !url.includes("/assets/")) return found;
  const older = await Promise.all((await mine()).map(async (name) => (await caches.open(name)).match(url)));
  return older.find((response) => response !== undefined);
}

const mine = async (): Promise<string[]> => (await caches.keys()).filter((name) => name.startsWith(MINE));

/** Responses with these may have no body, so that none can be made of them. */
const BODILESS = new Set([0, 101, 204, 205, 304]);

function withHeaders(response: Response): Response {
  const { status, statusText, body } = response;
  if (BODILESS.has(status)) return response;
  const headers = new Headers(response.headers);
  headers.set("content-security-policy", POLICY);
  headers.set("cross-origin-opener-policy", "same-origin");
  headers.set("cross-origin-embedder-policy", "require-corp");
  headers.set("cross-origin-resource-policy", "same-origin");
  return new Response(body, { status, statusText, headers });
}
