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
  if (event.request.mode === "navigate") event.respondWith(document_(event.request, address));
  else if (address.pathname.startsWith("/static/") && address.searchParams.has("v")) event.respondWith(file(event.request));
});

/** One document serves the round and every device; there is one of each language. */
function place(address) {
  return new URL(`/checks?lang=${address.searchParams.get("lang") === "en" ? "en" : "zh"}`, address.origin).href;
}

async function document_(request, address) {
  const known = await (await caches.open(KEPT)).match(place(address));
  const asked = fetch(request).then(async (reply) => {
    if (reply.ok && !reply.redirected) await (await caches.open(KEPT)).put(place(address), reply.clone());
    return reply;
  });
  if (!known) return asked;
  const late = new Promise((done) => setTimeout(() => done(known), PATIENCE_MS));
  return Promise.race([asked.then((reply) => (reply.status >= 500 ? known : reply)).catch(() => known), late]);
}

async function file(request) {
  const cache = await caches.open(KEPT);
  const known = await cache.match(request.url);
  if (known) return known;
  const reply = await fetch(request);
  if (reply.ok) await cache.put(request.url, reply.clone());
  return reply;
}
