"use strict";
// Sending what waits: one check after another, each exactly once however often it is tried. From the first try on its
// body stays the same, so the service knows a repeat by the check's own id. What the service cannot take as it is comes
// back to the guard with both versions; nothing is dropped.

const FIRST_WAIT_MS = 5000;
const LONGEST_WAIT_MS = 600000;

/** How sending stands: "", "sending", "offline", "signin", "other"; `words` say more. */
const sending = { state: "", words: "" };
const watchers = [];
let timer = 0;
let again = Promise.resolve();

async function mine() {
  const entries = (await kept.all("queue")).filter((entry) => entry.account === ACCOUNT);
  waitingFor.clear();
  for (const entry of entries) if (entry.state === "waiting") waitingFor.add(entry.device_id);
  return entries;
}
const others = async () => (await kept.all("queue")).filter((entry) => entry.account !== ACCOUNT);
const onSending = (watcher) => watchers.push(watcher);

function changed(state, words = "") {
  Object.assign(sending, { state, words });
  tell("queue");
  for (const watcher of watchers) watcher();
}

/** Send all that waits; `now` also what waits for its next try. Calls made meanwhile run one after another. */
function sendWaiting(now = false) {
  again = again.then(() => sendAll(now)).catch((fault) => changed("offline", fault.message));
  return again;
}

async function sendAll(now) {
  const due = (entry) => entry.state === "waiting" && (now || (entry.next_try_at || 0) <= Date.now());
  const entries = (await mine()).filter(due).sort((a, b) => (a.at < b.at ? -1 : 1));
  if (!entries.length) return plan();
  changed("sending");
  let round;
  try {
    round = await freshRound();
  } catch (fault) {
    changed({ 401: "signin", 403: "signin", 409: "other" }[fault.status] || (fault.status ? "busy" : "offline"), fault.message);
    if (["offline", "busy"].includes(sending.state)) for (const entry of entries) await postpone(entry);
    return plan();
  }
  let state = "";
  for (const entry of entries) {
    if (await claim(entry.client_id)) state = (await sendOne(entry, round)) || state;
  }
  if (!state) await freshRound().catch(() => null);
  changed(state);
  return plan();
}

/** Send one entry; returns how sending stands when others need not be tried. */
async function sendOne(entry, round) {
  const now = round.devices.find((device) => device.device_id === entry.device_id);
  try {
    if (!entry.body && !now) return await settle(entry, { state: "gone", words: _("这台设备已停用，或不再由您检查。") });
    if (!entry.body && !entry.insist && conflicts(entry.draft.base, now)) return await settle(entry, { state: "conflict", theirs: now });
    for (const photo of entry.draft.photos) await sendPhoto(entry, photo);
    entry.body = entry.body || bodyOf(round.form, entry, now);
    await keep(entry);
    await askSoon("POST", `/api/v1/records/devices/${entry.device_id}/inspections`, entry.body);
    await kept.drop("queue", entry.client_id);
    return "";
  } catch (fault) {
    return refused(entry, fault);
  }
}

async function refused(entry, fault) {
  if (fault.status === 401) return (await settle(entry, {})) || "signin";
  if (fault.status === 404) return settle(entry, { state: "gone", words: fault.message });
  if ([409, 413, 415, 422].includes(fault.status)) {
    const fresh = fault.status === 409 ? { client_id: newId() } : {};
    if (fresh.client_id) await kept.drop("queue", entry.client_id);
    return settle(entry, { ...fresh, state: "faulty", body: null, words: fault.message, faults: fault.faults || [] });
  }
  await postpone(entry);
  return fault.status ? "busy" : "offline";
}

/** What the records say by now that the guard has not seen: somebody else's check, another place, another step of its life. */
function conflicts(then, now) {
  const seen = new Set(then.checks.map((check) => check.id));
  return then.site_id !== now.site_id || then.status !== now.status || theirChecks(seen, now).length > 0;
}
const theirChecks = (seen, now) => now.checks.filter((check) => !check.mine && !seen.has(check.id));

const keep = (entry) => kept.change("queue", entry.client_id, (held) => ({ ...held, ...entry, sending_until: Date.now() + LEASE_MS }));

async function settle(entry, values) {
  await kept.put("queue", { ...entry, ...values, sending_until: 0 });
  return "";
}

async function postpone(entry) {
  const tries = (entry.tries || 0) + 1;
  const wait = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS) * (0.8 + 0.4 * Math.random());
  await settle(entry, { tries, next_try_at: Date.now() + wait });
}

/** Send a photo before its check. One whose answer was lost is looked for by its name first, so that it is there once. */
async function sendPhoto(entry, photo) {
  if (photo.sha256) return;
  const about = `device_id=${entry.device_id}`;
  const name = `${photo.item || "photo"}-${photo.id}.jpg`;
  const known = photo.tried ? await askSoon("GET", `/api/v1/records/attachments?${about}`) : [];
  photo.tried = true;
  await keep(entry);
  const there = known.find((one) => one.name === name);
  const sent = there || (await askSoon("POST", `/api/v1/records/attachments?kind=photo&${about}&name=${name}`, photo.blob));
  photo.sha256 = sent.sha256;
  await keep(entry);
}

/** Come back when the next try is due. */
async function plan() {
  const waits = (await mine()).filter((entry) => entry.state === "waiting").map((entry) => entry.next_try_at || Date.now() + FIRST_WAIT_MS);
  clearTimeout(timer);
  if (waits.length) timer = setTimeout(sendWaiting, Math.max(1000, Math.min(...waits) - Date.now()));
}

addEventListener("online", () => sendWaiting(true));
document.addEventListener("visibilitychange", () => { if (!document.hidden) sendWaiting(); });
hear((told) => { if (told.kind === "queue") for (const watcher of watchers) watcher(); });
