"use strict";
// What the planner's pages share: figures and dates in words, states, one-sentence explanations, questions before a change.

const API = "/api/v1";
const locale = english ? "en-GB" : "zh-CN";
const LETTERS = "ABCD";

/** What a record says in the language of the page: its zh and en, or words_zh and words_en ... */
function inLanguage(record, field = "") {
  const name = (language) => (field ? `${field}_${language}` : language);
  return record[name(english ? "en" : "zh")] || record[name("zh")] || record[name("en")] || "";
}

/** Put children into a parent in place of what stands there. */
function refill(parent, ...children) {
  while (parent.firstChild) parent.firstChild.remove();
  parent.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
}

/** A name as it is written; a Chinese one on an English page says so. */
function named(text) {
  return element("span", { lang: english && /[\u4e00-\u9fff]/.test(text) ? "zh-CN" : null }, text);
}

function byId(id) { return document.getElementById(id); }

/** An address of ours that keeps the language. */
function address(path, query = {}) {
  const given = Object.entries(query).flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => [name, one]));
  const search = new URLSearchParams(given.filter(([, value]) => value !== null && value !== undefined && value !== ""));
  if (english) search.set("lang", "en");
  return path + (search.toString() ? `?${search}` : "");
}

/** A share as per cent with one decimal; `digits` more or fewer. */
function percent(share, digits = 1) {
  return new Intl.NumberFormat(locale, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(share);
}

/** The size of a change of a share, in points. */
function points(change) {
  const size = Math.abs(100 * change), digits = size > 0 && size < 0.1 ? 2 : 1;
  return say(_("{size} 个百分点"), { size: new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(size) });
}

/** More, less, or the same, in words. */
function difference(change) {
  if (Math.abs(change) < 5e-7) return _("没有变化");
  return change < 0 ? say(_("少 {points}"), { points: points(change) }) : say(_("多 {points}"), { points: points(change) });
}

/** A figure with as many decimals as its size, or that of another, deserves. */
function figure(value, like = value) {
  const size = Math.abs(like), digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : size >= 0.01 ? 3 : 4;
  return new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** Metres rounded to 10. */
function metres(value) { return say(_("{n} 米"), { n: new Intl.NumberFormat(locale).format(Math.round(value / 10) * 10) }); }

function whole(value) { return new Intl.NumberFormat(locale).format(Math.round(value)); }

/** An instant as 2026-11-22 14:05, in the county's time. */
function when(instant) {
  if (!instant) return "";
  const parts = {};
  const form = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai", hourCycle: "h23", year: "numeric", month: "2-digit",
    day: "2-digit", hour: "2-digit", minute: "2-digit" });
  form.formatToParts(new Date(instant)).forEach((part) => { parts[part.type] = part.value; });
  return `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}`;
}

/** Seconds in words. */
function lasted(seconds) {
  const n = Math.max(0, Math.round(seconds || 0));
  return n < 120 ? say(_("{n} 秒"), { n }) : say(_("{n} 分钟"), { n: Math.round(n / 60) });
}

/** How sure a plan is, in one sentence. */
function proof(status) {
  return {
    "optimal": _("已证明没有更好的方案。"),
    "gap-reached": _("与上界的差距已小于要求的值。"),
    "time-limit": _("计算时间已到，这是已找到的最好方案。"),
    "stopped": _("没有算到底就结束了；还能好多少，以差距为限。"),
    "infeasible": _("没有方案能同时满足这些要求。"),
  }[status] || "";
}

const RUN_SIGNS = { waiting: "…", running: "▶", done: "✓", stopped: "■", failed: "✕", interrupted: "⚡" };

/** The state of a run: sign and word. */
function runBadge(run) {
  const kind = { done: "plan-word", failed: "fault", interrupted: "unsure", stopped: "unsure" }[run.state] || "quiet";
  return element("span", { class: `badge ${kind}` }, element("span", { "aria-hidden": "true" }, RUN_SIGNS[run.state] || "", " "), inLanguage(run, "state"));
}

/** What a finished run found, in a few words. */
function finding(figures) {
  if (!figures) return "";
  return say(_("{devices} 台，覆盖 {share}，上界 {bound}"),
    { devices: figures.devices, share: percent(figures.share), bound: percent(figures.bound / figures.total) });
}

/** Say something to everybody who looks or listens; a fault stays until the next word. */
function tell(words, fault = false) {
  const place = byId("said");
  place.className = fault ? "said fault" : "said";
  place.textContent = words;
}

/** Run a deed, its button resting meanwhile; what goes wrong is said. Returns what it gave, or undefined. */
async function attempt(deed, button = null) {
  if (button) button.disabled = true;
  try {
    return await deed();
  } catch (fault) {
    tell(fault.message, true);
    return undefined;
  } finally {
    if (button) button.disabled = false;
  }
}

/** Ask before something that others will see or that cannot be taken back; true when it is wanted. */
function confirmed(words, yes) {
  const box = element("dialog", { class: "question", "aria-labelledby": "question-words" });
  const no = element("button", { type: "button", class: "second narrow" }, _("不了"));
  const go = element("button", { type: "button", class: "plan narrow" }, yes);
  box.append(element("p", { id: "question-words" }, words), element("div", { class: "actions" }, go, no));
  if (!box.showModal) return Promise.resolve(window.confirm(words));
  document.body.append(box);
  return new Promise((answer) => {
    box.addEventListener("close", () => { box.remove(); answer(box.returnValue === "yes"); });
    no.addEventListener("click", () => box.close("no"));
    go.addEventListener("click", () => box.close("yes"));
    box.showModal();
    no.focus();
  });
}

let explained = 0;

/** A word with its explanation on demand: a button that shows one sentence below. */
function term(word, sentence) {
  const id = `explained-${explained += 1}`;
  const said = element("span", { id, class: "sentence", hidden: true }, sentence);
  const button = element("button", { type: "button", class: "term", "aria-expanded": "false", "aria-controls": id }, word);
  return element("span", { class: "termed" }, button, said);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest && event.target.closest("button.term");
  if (!button) return;
  const said = byId(button.getAttribute("aria-controls"));
  said.hidden = !said.hidden;
  button.setAttribute("aria-expanded", String(!said.hidden));
});

/** What is kept for this tab until it closes; nothing where it cannot be kept. */
const kept = {
  read(key) { try { return JSON.parse(sessionStorage.getItem(key)); } catch (fault) { return null; } },
  write(key, value) { try { sessionStorage.setItem(key, JSON.stringify(value)); } catch (fault) { /* shown all the same */ } },
  drop(key) { try { sessionStorage.removeItem(key); } catch (fault) { /* nothing was kept */ } },
};

/** A table from its columns {words, number, title} and rows of cells; `total` is a last row. */
function tableOf(caption, columns, rows, total = null) {
  const cells = (row, name) => row.map((cell, i) => element(name === "th" || i === 0 && name === "td" && columns[0].heads ? "th" : "td",
    { class: columns[i].number ? "number" : columns[i].kind, scope: columns[0].heads && i === 0 ? "row" : null }, cell));
  const head = element("tr", {}, ...columns.map((column) => element("th", { class: column.number && "number", scope: "col" }, column.words)));
  const body = element("tbody", {}, ...rows.map((row) => {
    const line = element("tr", row.attributes || {});
    line.append(...cells(row.cells || row, "td"));
    return line;
  }));
  const parts = [element("caption", { class: "unseen" }, caption), element("thead", {}, head), body];
  if (total) parts.push(element("tfoot", {}, element("tr", { class: "total" }, ...cells(total, "td"))));
  return element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption }, element("table", {}, ...parts));
}

/** Tabs by mouse and arrow keys; `chosen(tab)` shows what belongs to one. */
function tabKeys(list, chosen) {
  const tabs = () => [...list.querySelectorAll("[role=tab]")];
  list.addEventListener("click", (event) => { const tab = event.target.closest("[role=tab]"); if (tab) chosen(tab); });
  list.addEventListener("keydown", (event) => {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key], all = tabs();
    if (!way) return;
    event.preventDefault();
    chosen(all[(all.indexOf(event.target) + way + all.length) % all.length]);
  });
}

/** A text that becomes a field until Enter or Escape; `keep(words)` gives what stands there afterwards. */
function editInPlace(place, words, button, keep) {
  const field = element("input", { "aria-label": _("名称"), maxlength: 80 });
  let over = false;
  field.value = words;
  refill(place, field);
  field.select();
  async function end(wanted) {
    if (over) return;
    over = true;
    const given = field.value.trim(), kept = wanted && given && given !== words ? await attempt(() => keep(given)) : words;
    place.textContent = kept || words;
    button.focus();
  }
  field.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === "Escape") end(event.key === "Enter"); });
  field.addEventListener("blur", () => end(true));
}
