"use strict";
// Keeps the pages of checks on the phone: the document is asked of the service first and taken from what is kept when no
// answer comes; its files have their checksum in the address and are taken from what is kept. Nothing else is touched.

const KEPT = "aedplan-checks-1";
const PATIENCE_MS = 4000; // then what is kept is shown, and the page asks for fresh data by itself

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(document_(event, address));
  else if (address.pathname.startsWith("/static/") && address.searchParams.has("v")) event.respondWith(file(event.request));
});

/** One document serves the round and every device; there is one of each language. */
function place(address) {
  return new URL(`/checks?lang=${address.searchParams.get("lang") === "en" ? "en" : "zh"}`, address.origin).href;
}

async function document_(event, address) {
  const known = await (await caches.open(KEPT)).match(place(address));
  if (known && navigator.onLine === false) return known;
  const asked = fetch(event.request).then((reply) => {
    if (reply.ok && !reply.redirected) event.waitUntil(keep(reply.clone(), address).catch(() => null));
    return reply;
  });
  if (!known) return asked;
  event.waitUntil(asked.catch(() => null));
  const late = new Promise((done) => setTimeout(() => done(known), PATIENCE_MS));
  return Promise.race([asked.then((reply) => (reply.status >= 500 ? known : reply)).catch(() => known), late]);
}

/** Keep a document once all its files are here, so that what is kept always works; then let go of files of former versions. */
async function keep(reply, address) {
  const text = await reply.text();
  const files = new Set((text.match(/\/static\/[^"\s]+\?v=\w+/g) || []).map((path) => new URL(path, address.origin).href));
  const cache = await caches.open(KEPT);
  await Promise.all(Array.from(files, async (one) => { if (!await cache.match(one)) await cache.add(one); }));
  await cache.put(place(address), new Response(text, { headers: reply.headers }));
  const [folder] = /\/static\/\w+\//.exec(Array.from(files).join(" ")) || ["/static/-/"];
  for (const { url } of await cache.keys()) if (url.includes(folder) && !files.has(url)) await cache.delete(url);
}

/** The page that was there before this worker asks to be kept. */
self.addEventListener("message", (event) => {
  const address = new URL(event.data.keep);
  event.waitUntil(fetch(address.href).then((reply) => (reply.ok && !reply.redirected ? keep(reply, address) : null)).catch(() => null));
});

async function file(request) {
  const cache = await caches.open(KEPT);
  const known = await cache.match(request.url);
  if (known) return known;
  const reply = await fetch(request);
  if (reply.ok) await cache.put(request.url, reply.clone());
  return reply;
}
