"use strict";
// Keeps the public pages for a time without a network. SHELL is put before this by the server: {files, pages}.
// Pages and lists come from the network while it answers, else as they were last; files under a checksum never change.
const KEPT = "public-1";
const PATIENCE_MS = 2500;
const LISTS = ["/api/v1/devices", "/api/v1/places", "/api/v1/walks", "/app.webmanifest"];

self.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(tidy().then(() => self.clients.claim()));
});

async function fill() {
  const kept = await caches.open(KEPT);
  const files = SHELL.files.map(async (address) => { if (!await kept.match(address)) await kept.add(address); });
  await Promise.all([...files, ...SHELL.pages.map((address) => kept.add(address))]);
}

/** Files of former versions go once the new ones are here. */
async function tidy() {
  for (const name of await caches.keys()) if (name !== KEPT && name.startsWith("public-")) await caches.delete(name);
  const kept = await caches.open(KEPT);
  for (const { url } of await kept.keys()) {
    const { pathname, search } = new URL(url);
    if (/^\/static\/.*\.(js|css)$/.test(pathname) && !/\/(leaflet|protomaps-leaflet|map)\b/.test(pathname) && !SHELL.files.includes(pathname + search)) await kept.delete(url);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, searchParams } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (pathname === "/" || pathname.startsWith("/d/")) event.respondWith(pageOf(event, pathname));
  else if (pathname.startsWith("/static/") && searchParams.has("v")) event.respondWith(everKept(event));
  else if (pathname.startsWith("/photos/")) event.respondWith(everKept(event));
  else if (LISTS.includes(pathname)) event.respondWith(fresh(event));
});

/** A page that was never opened before is found in the list of the emergency page. */
async function pageOf(event, pathname) {
  try {
    return await fresh(event);
  } catch (fault) {
    const english = new URL(event.request.url).searchParams.get("lang") === "en";
    if (pathname !== "/") return Response.redirect(`/${english ? "?lang=en" : ""}#${pathname.slice(3)}`);
    const kept = await caches.open(KEPT);
    return await kept.match(english ? "/?lang=en" : "/") || Response.error();
  }
}

/** From the network while it answers in time, else as last seen; what comes later is kept for the next time. */
async function fresh(event) {
  const kept = await caches.open(KEPT);
  const last = await kept.match(event.request);
  if (last && navigator.onLine === false) return last;
  const asked = fetch(event.request).then((reply) => {
    if (reply.ok) event.waitUntil(kept.put(event.request, reply.clone()));
    return reply;
  });
  if (!last) return asked;
  event.waitUntil(asked.catch(() => {}));
  const patience = new Promise((done) => setTimeout(done, PATIENCE_MS, last));
  return Promise.race([asked.then((reply) => (reply.status < 500 ? reply : last)).catch(() => last), patience]);
}

async function everKept(event) {
  const kept = await caches.open(KEPT);
  const last = await kept.match(event.request);
  if (last) return last;
  const reply = await fetch(event.request);
  if (reply.ok) event.waitUntil(kept.put(event.request, reply.clone()));
  return reply;
}
