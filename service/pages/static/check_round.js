"use strict";
// The round: the devices that somebody checks, as the service told them last; how pressing each is and how far away.

const ACCOUNT = document.querySelector("meta[name=account]").content;
const LANGUAGE = english ? "en" : "zh";
const ROUND_KEY = `${ACCOUNT} ${LANGUAGE}`;
const PATIENCE_MS = 30000;

/** Ask the service, but not for ever: a network that swallows requests counts as none. */
function askSoon(method, address, body) {
  const late = new Promise((_done, failed) => {
    setTimeout(() => failed(Object.assign(new Error(_("网络太慢，服务器没有及时回答。")), { status: 0 })), PATIENCE_MS);
  });
  return Promise.race([ask(method, address, body), late]);
}

/** The round as it is kept on the phone: {round, at}; undefined before the first. */
const keptRound = () => kept.get("rounds", ROUND_KEY);

/** The round from the service, kept from now on. Throws what `ask` throws, with status 409 when somebody else has signed in. */
async function freshRound() {
  const round = await askSoon("GET", `/api/v1/records/checks?lang=${LANGUAGE}`);
  if (round.account !== ACCOUNT) {
    throw Object.assign(new Error(say(_("现在登录的是 {name}，这一页属于另一个账号。"), { name: round.name })), { status: 409 });
  }
  document.querySelector("meta[name=csrf]").content = round.csrf;
  await kept.put("rounds", { key: ROUND_KEY, round: { ...round, csrf: "" }, at: Date.now() });
  tell("round");
  return round;
}

/** The day in the county, which keeps one time all year; `days` from today. */
function dayHere(instant = Date.now(), days = 0) {
  return new Date(instant + 8 * 3600000 + days * 86400000).toISOString().slice(0, 10);
}
const hourHere = (instant) => new Date(new Date(instant).getTime() + 8 * 3600000).toISOString().slice(11, 16);
const daysUntil = (day) => Math.round((Date.parse(day) - Date.parse(dayHere())) / 86400000);
const weekday = (day) =>
  new Intl.DateTimeFormat(english ? "en" : "zh-CN", { weekday: "short", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));

/** An instant as people say it: the day, and the hour. */
const sayInstant = (instant) => `${dayHere(new Date(instant).getTime())} ${hourHere(instant)}`;

/** A day near today in words. */
function sayDay(day) {
  const days = daysUntil(day);
  if (days < -3650) return _("一直没有");
  if (days < 0) return say(_("逾期 {n} 天"), { n: -days });
  if (days === 0) return _("今天");
  if (days === 1) return _("明天");
  return days < 7 ? weekday(day) : day.slice(5) + (days > 300 ? ` (${day.slice(0, 4)})` : "");
}

const STATES = {
  READY: ["usable", "✓", _("可用")],
  EXPIRING: ["unsure", "!", _("快到期")],
  UNKNOWN: ["unsure", "?", _("未核实")],
  NOT_READY: ["closed", "✕", _("不可用")],
};
const OVERALL = {
  pass: ["usable", "✓", _("全部正常")],
  attention: ["unsure", "!", _("有问题")],
  fail: ["closed", "✕", _("不可用")],
};

/** A state as icon and word. */
function badge([kind, icon, word]) {
  return element("span", { class: `badge ${kind}` }, element("span", { "aria-hidden": "true" }, `${icon} `), word);
}

/** When the next check of a device is due. */
const checkDue = (device) => (device.dues.find((due) => due.rule_id === "check") || {}).due_on;

/** What else is overdue: parts past their day, defects past their deadline. */
const overdueElse = (device) => device.dues.filter((due) => due.rule_id !== "check" && due.due_on < dayHere());

/** Devices whose check waits on this phone to be sent: nobody need go there again. */
const waitingFor = new Set();

/** Why a device is to be looked at now, whenever its next check is due: it was used, is new, or was not found; else "". */
function calledFor(device) {
  if (device.kind === "post_use") return _("使用后检查");
  if (device.kind === "install") return _("安装检查");
  return device.reasons.some((reason) => reason.code === "not_found") ? _("请去核实") : "";
}

/** How pressing a device is: 0 overdue, 1 today, 2 within the week, 3 something else to be mended, 4 later. */
function pressing(device) {
  const due = checkDue(device);
  const days = due ? daysUntil(due) : 9999;
  if (waitingFor.has(device.device_id)) return 4;
  if (days < 0) return 0;
  if (days === 0 || calledFor(device)) return 1;
  if (days < 7) return 2;
  return device.state === "NOT_READY" || overdueElse(device).length ? 3 : 4;
}

/** When a device is to be checked, in words. */
function sayWhen(device) {
  const due = checkDue(device);
  if (waitingFor.has(device.device_id)) return _("已查，等待发送");
  return (pressing(device) === 1 && calledFor(device)) || (due ? sayDay(due) : "");
}

/** The devices in the order in which one would go: the most pressing first, near ones before far ones. */
function inOrder(devices, here) {
  const rank = (device) => [pressing(device), here ? metresTo(device, here) : 0, checkDue(device) || "9999", device.public_code];
  return devices
    .map((device) => [rank(device), device])
    .sort(([a], [b]) => { const at = a.findIndex((part, n) => part !== b[n]); return at < 0 ? 0 : a[at] < b[at] ? -1 : 1; })
    .map(([, device]) => device);
}

/** Metres in a straight line on the sphere; Infinity where it is not known. */
function metresTo(device, here) {
  if (device.lon === null || device.lat === null || !here) return Infinity;
  const radians = Math.PI / 180;
  const half = (a, b) => Math.sin((a - b) * radians / 2) ** 2;
  const h = half(device.lat, here.lat) + Math.cos(device.lat * radians) * Math.cos(here.lat * radians) * half(device.lon, here.lon);
  return 2 * 6371008.8 * Math.asin(Math.sqrt(h));
}

/** Metres to the nearest ten, kilometres from one on. */
function sayMetres(metres) {
  const tens = Math.max(10, Math.round(metres / 10) * 10);
  return tens < 1000 ? say(_("{metres} 米"), { metres: tens }) : say(_("{km} 公里"), { km: (metres / 1000).toFixed(1) });
}

// Where the phone is: only fresh positions count, the surest of the last two minutes is taken.
const FRESH_MS = 120000;
const fixes = [];
function bestFix() {
  const fresh = fixes.filter((fix) => Date.now() - fix.at < FRESH_MS);
  return fresh.sort((a, b) => a.accuracy_m - b.accuracy_m)[0] || null;
}

/** Follow the position; `changed` hears of each, and of a refusal. */
function follow(changed) {
  if (!navigator.geolocation) return changed("none");
  navigator.geolocation.watchPosition(
    ({ coords }) => {
      fixes.push({ lon: coords.longitude, lat: coords.latitude, accuracy_m: coords.accuracy, at: Date.now() });
      if (fixes.length > 50) fixes.shift();
      changed("");
    },
    (fault) => changed(fault.code === 1 ? "denied" : "none"),
    { enableHighAccuracy: true, maximumAge: 0, timeout: 20000 },
  );
  return undefined;
}

/** Whether the position may be asked for without a question to the person. */
async function mayLocate() {
  try {
    return (await navigator.permissions.query({ name: "geolocation" })).state === "granted";
  } catch (fault) {
    return false;
  }
}

const addressOf = (code) => `/checks/${encodeURIComponent(code)}${english ? "?lang=en" : ""}`;
const deviceOf = (round, code) => round.devices.find((one) => one.public_code === code.trim().toUpperCase());
