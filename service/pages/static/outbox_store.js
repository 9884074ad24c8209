"use strict";
// What a phone keeps of checks: rounds, months, drafts, the queue of what waits to be sent. Each by the account that
// wrote it, so that nothing is ever shown or sent under another name. Photos lie in drafts and queue as blobs.

const STORES = { rounds: "key", months: "key", drafts: "key", queue: "client_id" };
const LEASE_MS = 60000; // so long one tab may take to send; then another may try

let opened = null;
function database() {
  opened = opened || new Promise((done, failed) => {
    const request = indexedDB.open("aedplan-checks", 1);
    request.onupgradeneeded = () => {
      for (const [name, key] of Object.entries(STORES)) request.result.createObjectStore(name, { keyPath: key });
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      done(request.result);
    };
    request.onerror = () => failed(request.error);
  });
  return opened;
}

/** One transaction on one store; `work` gets the store and returns a request, whose result is returned once all is written. */
async function within(name, mode, work) {
  const base = await database();
  return new Promise((done, failed) => {
    const transaction = base.transaction(name, mode);
    const request = work(transaction.objectStore(name));
    transaction.oncomplete = () => done(request && request.result);
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}

const kept = {
  get: (name, key) => within(name, "readonly", (store) => store.get(key)),
  all: (name) => within(name, "readonly", (store) => store.getAll()),
  put: (name, value) => within(name, "readwrite", (store) => store.put(value)),
  drop: (name, key) => within(name, "readwrite", (store) => store.delete(key)),

  /** Change what is kept under a key in one step; `changed` gets it and returns what is kept from now on, or null for nothing. */
  change: (name, key, changed) => within(name, "readwrite", (store) => {
    const request = store.get(key);
    request.onsuccess = () => {
      const next = request.result && changed(request.result);
      if (next) store.put(next);
    };
    return request;
  }),
};

/** Take the turn to send an entry; false while another tab has it, or when it was sent. */
async function claim(clientId) {
  let mine = false;
  await kept.change("queue", clientId, (entry) => {
    mine = (entry.sending_until || 0) < Date.now();
    return mine ? { ...entry, sending_until: Date.now() + LEASE_MS } : null;
  });
  return mine;
}

/** A draft becomes an entry of the queue in one step: it is never in both, nor in none. */
async function enqueue(entry, draftKey) {
  const base = await database();
  return new Promise((done, failed) => {
    const transaction = base.transaction(["queue", "drafts"], "readwrite");
    transaction.objectStore("queue").put(entry);
    transaction.objectStore("drafts").delete(draftKey);
    transaction.oncomplete = () => done();
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}

/** A random UUID; crypto.randomUUID came later than the browsers we serve. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// Tabs tell one another what changed.
const TAB = newId();
const channel = "BroadcastChannel" in window ? new BroadcastChannel("aedplan-checks") : null;
function tell(kind, key = "") {
  if (channel) channel.postMessage({ kind, key, tab: TAB });
}
function hear(listener) {
  if (channel) channel.addEventListener("message", (event) => listener(event.data));
}
