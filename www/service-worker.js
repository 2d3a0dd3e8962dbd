// Keeps the site's files, so that the page opens without the internet. The build writes two
// constants in front of this: FILES, each file of the site with its SHA-256 and its length in
// bytes, and VERSION, which stands for all of them.
//
// A version is installed whole or not at all, in a cache of its own. The browser lets a new
// worker take over once no page of the old one is open, or once the only one that is says so:
// a page never gets files of two versions.

const SITE = `site ${registration.scope} `;
const CACHE = SITE + VERSION;
const FOLDER = new URL(registration.scope).pathname;
const TOTAL = Object.values(FILES).reduce((sum, file) => sum + file.bytes, 0);
/** With these the page gets shared memory, also from a server that sends no headers of its own. */
const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
};
/** Milliseconds that the server has to say which datasets it has. */
const PATIENCE = 5000;

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("message", (event) => event.waitUntil(answer(event.data, event.source)));
addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) {
    event.respondWith(Response.error());
    return;
  }
  if (request.method !== "GET" || !url.href.startsWith(registration.scope)) return;
  // What stands after a `?` is for the page alone.
  const path = url.pathname.slice(FOLDER.length) || "index.html";
  if (Object.hasOwn(FILES, path)) event.respondWith(own(path));
  else if (path === "data.json") event.respondWith(datasets(request));
});

/** Fetches what a broken installation has not brought yet. */
async function install() {
  const cache = await caches.open(CACHE);
  let done = 0;
  for (const [path, file] of Object.entries(FILES)) {
    if (!(await cache.match(path))) await cache.put(path, await load(path));
    done += file.bytes;
    const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
    for (const page of pages) page.postMessage({ done, total: TOTAL });
  }
}

/** Forgets other versions, unless one of them is just coming in. */
async function activate() {
  if (registration.installing || registration.waiting) return;
  for (const name of await caches.keys()) {
    if (name.startsWith(SITE) && name !== CACHE) await caches.delete(name);
  }
}

/** A page says its own version, to be served from now on, or wants this version instead. */
async function answer(word, page) {
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  if (word === "apply" && pages.length > 1) page.postMessage({ others: pages.length - 1 });
  else if (word === "apply") await skipWaiting();
  else if (word === VERSION) await clients.claim();
  else page.postMessage({ stale: true });
}

/** A file of this version; browsers short of room may have dropped it, or let nobody at their cache. */
async function own(path) {
  const cache = await caches.open(CACHE).catch(() => undefined);
  const kept = await cache?.match(path).catch(() => undefined);
  if (kept) return kept;
  try {
    const response = await load(path);
    // What cannot be kept is given all the same.
    await cache?.put(path, response.clone()).catch(() => {});
    return response;
  } catch {
    return Response.error();
  }
}

/** The server's file, if it is the one that belongs to this version. */
async function load(path) {
  // A copy in the browser's own cache may be out of date: asked about first, then passed over.
  for (const cache of ["no-cache", "reload"]) {
    const response = await fetch(path === "index.html" ? "./" : path, { cache });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    const bytes = await response.arrayBuffer();
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const sha256 = Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (sha256 === FILES[path].sha256) {
      // The headers stay as they are, but for what described the transfer.
      const headers = new Headers(response.headers);
      for (const name of ["content-encoding", "content-length"]) headers.delete(name);
      for (const [name, value] of Object.entries(ISOLATION)) headers.set(name, value);
      return new Response(bytes, { headers });
    }
  }
  throw new Error(`${path}: not the file of version ${VERSION}`);
}

/** The datasets that the server offers: none where it does not answer. */
async function datasets(request) {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    return Response.json([]);
  }
}
