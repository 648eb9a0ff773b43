// Lets the page open without a network, where its host is another than `pudnet serve`.

/** Resolves once the page's files are kept; false where that is not needed or not to be had. */
export async function keepForOffline(): Promise<boolean> {
  if (!("serviceWorker" in navigator)) return false;
  // `pudnet serve` isolates the page by headers, is here whenever it is needed, and may serve another model next time
  const isServedHere = crossOriginIsolated && /^(localhost|127\.[\d.]+|\[::1\])$/.test(location.hostname);
  if (isServedHere && !navigator.serviceWorker.controller) return false;
  try {
    await navigator.serviceWorker.register(new URL("service-worker.js", document.baseURI));
    await navigator.serviceWorker.ready;
    return true;
  } catch {
    return false; // a page that cannot be kept works as long as there is a network
  }
}
