"use strict";
// Today's round: the devices by urgency, near ones first once the position is known; what waits to be sent; the month.

const GROUPS = [_("逾期"), _("今天"), _("七天内"), _("检查过，还有事要处理"), _("以后")];
const list = { round: null, at: 0, words: "", query: new URLSearchParams(location.search), shown: null };

async function openRound() {
  const held = await keptRound();
  if (held) drawRound(held.round, held.at);
  try {
    drawRound(await freshRound(), Date.now());
  } catch (fault) {
    if (held) outOfDate(held.at, fault);
    else clear(_("今天的检查"), element("p", { class: "unsure" }, `⚠ ${fault.message}`), fault.status === 401 ? element("a", { class: "button", href: signInAddress() }, _("重新登录")) : null);
  }
  await sendWaiting(true);
}

function drawRound(round, at) {
  Object.assign(list, { round, at });
  work.round = round;
  const active = document.activeElement && document.activeElement.id === "seek";
  if (!document.querySelector("#round")) {
    clear(_("今天的检查"), element("p", { id: "sum", role: "status" }), element("div", { id: "waiting" }), toolsPart(), element("div", { id: "scan" }), element("div", { id: "round" }));
  }
  drawWaiting();
  if (active) document.querySelector("#seek").focus();
}

function toolsPart() {
  const seek = element("input", { id: "seek", type: "search", autocomplete: "off", value: list.query.get("q") || "" });
  seek.addEventListener("input", () => {
    if (seek.value.trim()) list.query.set("q", seek.value.trim());
    else list.query.delete("q");
    const query = list.query.toString();
    history.replaceState(null, "", location.pathname + (query ? `?${query}` : ""));
    drawList();
  });
  const form = element("form", { class: "tools", role: "search" }, element("label", {}, _("找设备：名称或编号"), seek));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    openCode(seek.value);
  });
  const buttons = element("div", { class: "buttons" });
  if (canScan) buttons.append(button_("scan-code", _("扫码"), () => scan(document.querySelector("#scan"), openCode)));
  const near = button_("near", _("按远近排"), () => followHere(near));
  mayLocate().then((may) => (may ? followHere(near) : undefined));
  const month = element("a", { class: "button second", href: monthAddress(dayHere().slice(0, 7)) }, _("本月检查"));
  buttons.append(near, month);
  return element("div", {}, form, buttons);
}

function button_(id, words, pressed) {
  const made = element("button", { type: "button", class: "second", id }, words);
  made.addEventListener("click", pressed);
  return made;
}

/** Open the check of a code that was typed or scanned; one that is found by part of its name is opened, too. */
function openCode(text) {
  const exact = deviceOf(list.round, text);
  const found = exact ? [exact] : matching(text);
  if (found.length === 1) location.assign(addressOf(found[0].public_code));
  else document.querySelector("#sum").textContent = found.length ? say(_("找到 {n} 台，请点一台。"), { n: found.length }) : say(_("您检查的设备里没有 {code}。"), { code: text });
}

function matching(text) {
  const wanted = text.trim().toLowerCase();
  return list.round.devices.filter((device) => `${device.public_code} ${device.site_name} ${device.location_text}`.toLowerCase().includes(wanted));
}

function followHere(near) {
  near.hidden = true;
  let last = null;
  follow((fault) => {
    const here = bestFix();
    if (fault) document.querySelector("#sum").textContent = _("没有取到位置，按紧急程度排。");
    if (here && (!last || metresTo({ lon: last.lon, lat: last.lat }, here) > 20)) {
      last = here;
      drawList();
    }
  });
}

function drawList() {
  const devices = inOrder(matching(list.query.get("q") || ""), bestFix());
  const groups = GROUPS.map((name, rank) => [name, devices.filter((device) => pressing(device) === rank)]);
  const [overdue, today] = [0, 1].map((rank) => list.round.devices.filter((device) => pressing(device) === rank).length);
  document.querySelector("#sum").textContent = sayTodo(overdue, today);
  const box = document.querySelector("#round");
  box.textContent = "";
  for (const [name, some] of groups) {
    if (!some.length) continue;
    const rows = element("ul", { class: "list devices" }, ...some.map(deviceRow));
    const folded = name === GROUPS[4] && devices.length > 8 && !list.query.get("q");
    const head = say(_("{name} {n} 台"), { name, n: some.length });
    box.append(folded ? element("details", {}, element("summary", {}, head), rows) : element("section", {}, element("h2", {}, head), rows));
  }
  if (!devices.length) box.append(element("p", {}, list.round.devices.length ? _("没有这样的设备。") : _("还没有交给您检查的设备，请联系红十字会。")));
}

function sayTodo(overdue, today) {
  if (overdue + today === 0) return _("今天没有要查的设备。");
  const words = say(_("今天要查 {n} 台"), { n: overdue + today });
  return overdue ? words + say(_("，其中逾期 {n} 台"), { n: overdue }) : words;
}

function deviceRow(device) {
  const metres = metresTo(device, bestFix());
  const why = device.reasons.find((reason) => reason.state === device.state && device.state !== "READY");
  return element("li", {}, element(
    "a", { href: addressOf(device.public_code), class: "device" },
    element("span", { class: "first" }, element("strong", {}, device.site_name || device.public_code), element("span", { class: `when rank-${pressing(device)}` }, sayWhen(device))),
    element("span", { class: "quiet" }, [device.public_code, device.location_text, metres < Infinity ? sayMetres(metres) : ""].filter(Boolean).join(" · ")),
    element("span", {}, badge(STATES[device.state]), why ? ` ${english ? why.en : why.zh}` : ""),
  ));
}

// What waits to be sent

const WAITING = { waiting: _("等待发送"), faulty: _("需要补充"), conflict: _("登记有变化，请看"), gone: _("发不出去，请看") };

async function drawWaiting() {
  const box = document.querySelector("#waiting");
  if (!box) return;
  const [entries, foreign] = [await mine(), await others()];
  drawList();
  box.textContent = "";
  if (entries.length) box.append(waitingCard(entries));
  if (foreign.length) box.append(element("p", { class: "unsure" }, `⚠ ${say(_("手机里还有 {n} 份别的账号写的检查，用那个账号登录后发送。"), { n: foreign.length })}`));
}

function waitingCard(entries) {
  const rows = entries.map((entry) => element("li", {}, element("a", { href: addressOf(entry.code) }, `${entry.site_name || entry.code} · ${sayInstant(entry.at)}`), element("span", { class: "quiet" }, WAITING[entry.state])));
  const action = sending.state === "signin"
    ? element("a", { class: "button", href: signInAddress() }, _("重新登录后发送"))
    : button_("send-now", sending.state === "sending" ? _("正在发送…") : _("现在发送"), () => sendWaiting(true));
  return element("section", { class: "card" }, element("h2", {}, say(_("手机里有 {n} 份检查等待发送"), { n: entries.length })), element("ul", { class: "list" }, ...rows), action);
}

// The month

const monthAddress = (month) => `/checks?month=${month}${english ? "&lang=en" : ""}`;

async function openMonth(month) {
  const key = `${ACCOUNT} ${month}`;
  const [held, days] = [await keptRound(), await kept.get("months", key)];
  if (held && days) drawMonth(held.round, days.days, month);
  try {
    const round = await freshRound();
    const fresh = await askSoon("GET", `/api/v1/records/checks/days?month=${month}`);
    await kept.put("months", { key, days: fresh });
    drawMonth(round, fresh, month);
  } catch (fault) {
    if (held && days) outOfDate(held.at, fault);
    else clear(_("本月检查"), element("p", { class: "unsure" }, `⚠ ${fault.message}`), backLink());
  }
}

function drawMonth(round, days, month) {
  const first = new Date(`${month}-01T00:00:00Z`);
  const step = (by) => new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + by, 1)).toISOString().slice(0, 7);
  const others_ = element("nav", { class: "two", "aria-label": _("别的月份") }, ...[[-1, _("上个月")], [1, _("下个月")]].map(([by, words]) => element("a", { class: "button second", href: monthAddress(step(by)) }, words)));
  const parts = inOrder(round.devices, null).map((device) => monthOf(device, days[device.device_id] || {}, first));
  clear(say(_("{month} 检查"), { month }), others_, element("div", { class: "months" }, ...parts), backLink());
}

/** A device's month as a calendar: each day that it was checked, with what was found. */
function monthOf(device, days, first) {
  const length = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const cells = Array.from({ length }, (_none, n) => dayCell(first, n + 1, days));
  const before = Array.from({ length: (first.getUTCDay() + 6) % 7 }, () => element("td"));
  const rows = [];
  for (const all = [...before, ...cells]; all.length;) rows.push(element("tr", {}, ...all.splice(0, 7)));
  const names = Array.from({ length: 7 }, (_none, n) => element("th", { scope: "col" }, weekday(`2026-11-${String(23 + n)}`)));
  const title = `${device.site_name || device.public_code} · ${say(_("{n} 天查过"), { n: Object.keys(days).length })}`;
  return element("table", { class: "month" }, element("caption", {}, title), element("thead", {}, element("tr", {}, ...names)), element("tbody", {}, ...rows));
}

function dayCell(first, number, days) {
  const day = `${first.toISOString().slice(0, 8)}${String(number).padStart(2, "0")}`;
  const found = days[day];
  if (!found) return element("td", { class: day === dayHere() ? "today" : "" }, String(number));
  const [kind, icon, word] = OVERALL[found];
  return element("td", { class: `${kind}${day === dayHere() ? " today" : ""}` }, String(number), element("b", { "aria-hidden": "true" }, icon), element("span", { class: "unseen" }, word));
}

// Which page this is, and keeping it on the phone

/** The worker keeps each page that it sees asked for; the first one was there before it. */
async function keepPages() {
  if (!("serviceWorker" in navigator)) return;
  const first = !navigator.serviceWorker.controller;
  await navigator.serviceWorker.register("/checks/worker.js", { scope: "/checks" });
  const { active } = await navigator.serviceWorker.ready;
  if (first) active.postMessage({ keep: location.href });
}

/** The same address in the other language: a page that was kept on the phone was made for another address. */
function turnLanguageLink() {
  const query = new URLSearchParams(location.search);
  if (english) query.delete("lang");
  else query.set("lang", "en");
  const link = document.querySelector(".foot a[lang]");
  if (link) link.href = location.pathname + (query.toString() ? `?${query}` : "");
}

async function open() {
  turnLanguageLink();
  const code = /^\/checks\/([^/]+)$/.exec(location.pathname);
  const month = list.query.get("month");
  if (code) {
    follow((fault) => {
      work.noPlace = Boolean(fault);
      if (work.showPlace) work.showPlace();
    });
    await openCheck(decodeURIComponent(code[1]));
    await sendWaiting(true);
  } else if (/^\d{4}-\d\d$/.test(month || "")) await openMonth(month);
  else await openRound();
}

onSending(drawWaiting);
hear(async (told) => {
  if (told.kind !== "round" || !document.querySelector("#round")) return;
  const held = await keptRound();
  drawRound(held.round, held.at);
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
open().catch((fault) => clear(_("检查"), element("p", { class: "unsure" }, `⚠ ${fault.message}`), backLink()));
addEventListener("load", () => keepPages().catch(() => null));
