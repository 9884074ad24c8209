"use strict";
// The devices of the page as data: what holds of each at a time, in words, and how far and in which direction it is.
// Times are milliseconds; the county's clock is eight hours before UTC and knows no summer time.
const MINUTE = 60000;
const DAY = 86400000;
const COUNTY = 8 * 3600000;
const EARTH_RADIUS_M = 6371008.8;
const READY = { 1: true, 0: false };
const TAKEN = "taken";
const TAKEN_FOR = 2 * DAY;

/** A device from its entry in the list, which holds all that is known of it: the page works when nothing else can be fetched. */
function readDevice(item, { asOf, told }) {
  const part = (name) => item.querySelector(`.${name}`);
  const text = (name) => (part(name) ? part(name).textContent.trim() : "");
  const [lon, lat] = item.dataset.at.split(",").map(Number);
  const ready = READY[item.dataset.ready];
  return {
    item, lon, lat, asOf, told,
    code: item.dataset.code,
    label: text("name"),
    page: part("name") ? part("name").getAttribute("href") : "",
    place: text("where"),
    placeLanguage: part("where") && part("where").lang ? part("where").lang : null,
    hours: text("hours"),
    phone: text("phone"),
    photo: item.dataset.photo || "",
    apps: [...item.querySelectorAll(".apps a")].map((link) => [link.textContent, link.href]),
    ready: ready === undefined ? null : ready,
    open: readSpans(item.dataset.open),
    state: item.dataset.state,
    why: text("reason"),
    shown: item.dataset.state,
    shownWhy: text("reason"),
    taken: Math.max(Number(item.dataset.taken || 0) * MINUTE, takenHere(item.dataset.code, asOf)),
  };
}

/** Until when somebody with this phone is believed to have the device; a list made after that was said knows better. */
function takenHere(code, asOf) {
  const at = Number(readTaken()[code]) || 0;
  return at > asOf - MINUTE ? at + TAKEN_FOR : 0;
}

function readTaken() {
  try { return JSON.parse(localStorage.getItem(TAKEN)) || {}; } catch (fault) { return {}; }
}

/** Note on this phone that its owner has taken a device, or that this was a mistake, for a list that does not know it yet. */
function noteTaken(device, taken) {
  const known = readTaken();
  for (const [code, at] of Object.entries(known)) if (Date.now() - at > TAKEN_FOR) delete known[code];
  if (taken) known[device.code] = Date.now(); else delete known[device.code];
  device.taken = taken ? Date.now() + TAKEN_FOR : 0;
  try { localStorage.setItem(TAKEN, JSON.stringify(known)); } catch (fault) { /* known as long as the page is open */ }
}

/** The times in which a device can be reached, "start+length" in minutes; null when its hours are not known. */
function readSpans(text) {
  if (text === undefined) return null;
  return text.split(" ").filter(Boolean).map((span) => {
    const [start, length] = span.split("+").map(Number);
    return [start * MINUTE, (start + length) * MINUTE];
  });
}

/** What holds of a device at a time: its state and one short reason. What is not known never counts as open. */
function stateAt(device, at) {
  const open = device.open && at < device.told ? device.open : null;
  const now = open && open.find(([from, to]) => from <= at && at < to);
  if (device.ready === false) return { state: "closed", why: device.why };
  if (open && !now) return { state: "closed", why: opens(open.find(([from]) => from > at), at) };
  if (device.open && !open) return { state: "unverified", why: _("数据过旧，开放时间不详") };
  const doubted = device.state === "unverified";
  if (device.ready === true && at < device.taken) return { state: "unverified", why: doubted && device.why ? device.why : _("有人报告已取走") };
  if (!open || device.ready !== true || (doubted && !device.taken)) {
    return { state: "unverified", why: doubted ? device.why : _("没有近期的检查记录") };
  }
  return { state: "usable", why: closes(now, device.told, at) };
}

function opens(span, at) {
  if (!span) return _("近期不开放");
  const { day, clock, hour } = moment(span[0], at);
  return say(day ? _("{day} {clock} 开") : _("{weekday} {clock} 开"), { day: day === TOMORROW && hour >= 4 && hour < 12 ? _("明早") : day, clock, weekday: weekday(span[0], at) });
}

/** Midnight belongs to the day that ends there. */
function closes(span, told, at) {
  if (span[1] >= told) return _("全天开放");
  const { clock } = moment(span[1], at);
  const { day } = moment(span[1] - 1, at);
  return say(day ? _("{day} {clock} 关") : _("{weekday} {clock} 关"), { day, clock: clock.replace(/^0?0:00$/, "24:00"), weekday: weekday(span[1] - 1, at) });
}

const TODAY = _("今日");
const TOMORROW = _("明日");

/** The time of day in the county, and the day in a word where there is one. */
function moment(time, at) {
  const there = new Date(time + COUNTY);
  const hour = there.getUTCHours();
  const days = Math.floor((time + COUNTY) / DAY) - Math.floor((at + COUNTY) / DAY);
  const clock = `${english ? String(hour).padStart(2, "0") : hour}:${String(there.getUTCMinutes()).padStart(2, "0")}`;
  return { clock, hour, day: days === 0 ? TODAY : days === 1 ? TOMORROW : "" };
}

/** The day of the week, or the date of a day so far off that the week comes round. */
function weekday(time, at) {
  const there = new Date(time + COUNTY);
  const days = Math.floor((time + COUNTY) / DAY) - Math.floor((at + COUNTY) / DAY);
  if (days >= 7) return english ? there.toISOString().slice(0, 10) : say(_("{month}月{day}日"), { month: there.getUTCMonth() + 1, day: there.getUTCDate() });
  return WEEKDAYS[there.getUTCDay()];
}
const WEEKDAYS = [_("周日"), _("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六")]; // a phone's own table of them is slow to load

/** The mark of a state: icon, word and colour, and the reason behind it. */
function stateLine({ state, why }) {
  return element("p", { class: `state ${STATE_CLASS[state]}` }, icon(state), element("span", {},
    element("b", {}, STATE_WORDS[state]), why ? " " : "", why ? element("span", { class: "reason" }, why) : ""));
}
const STATE_WORDS = { usable: _("可用"), closed: _("已关闭"), unverified: _("未核实") };
const STATE_CLASS = { usable: "usable", closed: "closed", unverified: "unsure" };

function icon(name) {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#${name}`);
  drawing.append(use);
  return drawing;
}

/** Metres between two places along the great circle. */
function lineMetres(a, b) {
  const [alon, alat, blon, blat] = [a.lon, a.lat, b.lon, b.lat].map((degrees) => degrees * Math.PI / 180);
  const share = Math.sin((blat - alat) / 2) ** 2 + Math.cos(alat) * Math.cos(blat) * Math.sin((blon - alon) / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(Math.min(1, share)));
}

/** Degrees from north, clockwise, in which one place lies from another. */
function bearing(from, to) {
  const [flat, tlat, turn] = [from.lat, to.lat, to.lon - from.lon].map((degrees) => degrees * Math.PI / 180);
  const east = Math.sin(turn) * Math.cos(tlat);
  const north = Math.cos(flat) * Math.sin(tlat) - Math.sin(flat) * Math.cos(tlat) * Math.cos(turn);
  return (Math.atan2(east, north) * 180 / Math.PI + 360) % 360;
}

const directionWords = (degrees) => DIRECTIONS[Math.round(degrees / 45) % 8];
const DIRECTIONS = [_("正北"), _("东北"), _("正东"), _("东南"), _("正南"), _("西南"), _("正西"), _("西北")];

/** Metres as people say them: by tens, from a kilometre on by tenths of one. */
function lengthWords(metres) {
  if (metres < 995) return say(_("{metres} 米"), { metres: Math.max(10, Math.round(metres / 10) * 10) });
  return say(_("{kilometres} 公里"), { kilometres: (metres / 1000).toFixed(metres < 9950 ? 1 : 0) });
}
