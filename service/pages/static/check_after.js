"use strict";
// What comes after a check: that it is safe, what the device's state is now, where to go next; and checks that came back.

/** The entry whose end is shown, or null while a form is. */
let shownSaved = null;

/** The page anew under a heading, which gets the focus. */
function clear(heading, ...parts) {
  const main = document.querySelector("#main");
  const title = element("h1", { tabindex: "-1" }, heading);
  main.textContent = "";
  main.append(title, ...parts.filter(Boolean));
  document.title = heading;
  return title;
}

const roundAddress = english ? "/checks?lang=en" : "/checks";
const backLink = (words = _("回到今天的检查")) => element("p", {}, element("a", { class: "button second", href: roundAddress }, words));
const signInAddress = () => `/in?next=${encodeURIComponent(location.pathname + location.search)}${english ? "&lang=en" : ""}`;

/** The round is old: say so, and that everything works all the same. */
function outOfDate(at, fault) {
  if (document.querySelector(".out-of-date")) return;
  const words = { 401: _("登录已过期；可以照常填写，提交前请重新登录。"), 409: fault.message }[fault.status] || say(_("没有网络，用的是 {when} 的数据。可以照常检查。"), { when: sayInstant(at) });
  const link = fault.status === 401 ? element("a", { href: signInAddress() }, _("重新登录")) : null;
  document.querySelector("#main h1").after(element("p", { class: "unsure out-of-date", role: "status" }, `⚠ ${words} `, link));
}

/** Follow a check until it is sent or comes back. */
async function showSaved(entry) {
  shownSaved = entry;
  clear("…").focus();
  await refreshSaved();
}

async function refreshSaved() {
  if (!shownSaved) return;
  const entry = await kept.get("queue", shownSaved.client_id);
  if (entry && entry.state !== "waiting") {
    shownSaved = null;
    await showReturned(entry);
    return;
  }
  const heading = entry ? _("已存在手机里") : _("已保存");
  const parts = entry ? waitingParts(entry) : await savedParts();
  if (document.title !== heading || !document.querySelector(".after")) clear(heading).focus();
  const box = element("div", { class: "after" }, ...parts, nextPart(), entry ? againPart(entry) : null, backLink());
  const before = document.querySelector(".after");
  if (before) before.replaceWith(box);
  else document.querySelector("#main").append(box);
}

function waitingParts() {
  const words = {
    "": _("正在发送…"),
    sending: _("正在发送…"),
    signin: _("登录已过期。内容都在，重新登录后自动发送。"),
    other: sending.words,
    busy: _("服务器忙，过一会儿自动再发。"),
  }[sending.state] || _("有网络时自动发送，不用再做什么。");
  const link = sending.state === "signin" ? element("a", { class: "button", href: signInAddress() }, _("重新登录")) : null;
  return [element("p", { role: "status" }, words), link];
}

async function savedParts() {
  const held = await keptRound();
  work.round = held.round;
  const device = deviceOf(held.round, shownSaved.code);
  if (!device) return [];
  const reasons = device.reasons.map((reason) => element("li", {}, english ? reason.en : reason.zh));
  return [
    element("p", { role: "status" }, `${device.site_name} `, badge(STATES[device.state]), ` · ${say(_("检查：{when}"), { when: sayWhen(device) })}`),
    reasons.length ? element("ul", { class: "reasons" }, ...reasons) : null,
  ];
}

/** Where to go next: the most pressing other device. */
function nextPart() {
  const left = work.round.devices.filter((device) => device.public_code !== shownSaved.code && pressing(device) < 3);
  const [next] = inOrder(left, bestFix());
  if (!next) return element("p", {}, _("今天没有别的要查。"));
  const metres = metresTo(next, bestFix());
  const far = metres < Infinity ? ` · ${sayMetres(metres)}` : "";
  return element(
    "section", { class: "card" }, element("h2", {}, _("下一台")),
    element("p", {}, `${next.site_name} · ${sayWhen(next)}${far}`),
    element("a", { class: "button", href: addressOf(next.public_code) }, _("去检查下一台")),
  );
}

function againPart(entry) {
  const button = element("button", { type: "button", class: "plain" }, _("这台设备再查一次"));
  button.addEventListener("click", () => showForm(deviceOf(work.round, entry.code)));
  return button;
}

/** A check that came back: with faults at its items, overtaken by another one, or of a device that is gone. */
async function showReturned(entry) {
  work.entry = entry;
  work.draft = entry.draft;
  if (entry.state === "faulty") return showFaulty(entry);
  const choices = [];
  if (entry.state === "conflict") choices.push(choice(_("我的也要发送"), "", () => resend(entry, { insist: true })));
  else choices.push(choice(_("再试一次"), "", () => resend(entry, {})));
  choices.push(dropChoice(entry));
  const words = entry.state === "conflict" ? _("您检查之后，登记已有变化。您的检查没有丢，请看过后决定。") : `${entry.words} ${_("您的检查没有丢，可以给红十字会看。")}`;
  clear(entry.site_name || entry.code, element("p", { class: "unsure" }, `⚠ ${words}`), versions(entry), element("div", { class: "two" }, ...choices), backLink());
  return undefined;
}

function choice(words, kind, chosen) {
  const button = element("button", { type: "button", class: kind }, words);
  button.addEventListener("click", chosen);
  return button;
}

function dropChoice(entry) {
  const button = choice(_("不要我的了"), "second", async () => {
    if (button.dataset.sure) {
      await kept.drop("queue", entry.client_id);
      tell("queue");
      location.assign(roundAddress);
    }
    button.dataset.sure = "1";
    button.textContent = _("确定不要？再点一次就删除");
  });
  return button;
}

async function resend(entry, values) {
  const next = { ...entry, ...values, state: "waiting", next_try_at: 0 };
  await kept.put("queue", next);
  await showSaved(next);
  await sendWaiting(true);
}

function showFaulty(entry) {
  work.faults = new Map();
  for (const fault of entry.faults || []) work.faults.set(fault.item, [...(work.faults.get(fault.item) || []), english ? fault.en : fault.zh]);
  drawForm(false);
  const words = say(_("服务器没有收下这份检查：{words} 内容都在，改好后再提交。"), { words: entry.words });
  document.querySelector("#main h1").after(element("p", { class: "unsure", role: "alert" }, `⚠ ${words}`), dropChoice(entry));
  for (const details of document.querySelectorAll("details")) details.open = Boolean(details.querySelector("[role=alert]:not([hidden])"));
}

/** What the records say by now, and what the guard wrote, side by side. */
function versions(entry) {
  const seen = new Set(entry.draft.base.checks.map((check) => check.id));
  const rows = [[_("我的检查"), sayInstant(entry.at), sayDraft(entry.draft)]];
  const now = entry.theirs;
  if (now) {
    for (const check of theirChecks(seen, now)) rows.unshift([sayWho(check), sayInstant(check.at), sayCheck(check)]);
    if (now.site_id !== entry.draft.base.site_id) rows.unshift([_("设备已移走"), "", `${entry.draft.base.site_name} → ${now.site_name}`]);
    if (now.status !== entry.draft.base.status) rows.unshift([_("设备状态已变"), "", now.reasons.map((one) => (english ? one.en : one.zh)).join(" ")]);
  }
  const line = ([who, when, what]) => element("div", { class: "card" }, element("h2", {}, who), when ? element("p", { class: "quiet" }, when) : null, element("p", {}, what));
  return element("div", { class: "versions" }, ...rows.map(line));
}

/** A draft in words. */
function sayDraft(draft) {
  const items = itemsOf(work.round.form);
  const said = items.filter((item) => item.id in draft.answers).map((item) => {
    const answer = draft.answers[item.id];
    const plan = draft.plans[item.id];
    const parts = [RESULTS[answer.result], answer.value && sayValue(item, answer.value), answer.note, plan && plan.text && `${plan.text} ${plan.due_on}`];
    return `${item.label}: ${parts.filter(Boolean).join(" ")}`;
  });
  const photos = draft.photos.length ? [say(_("照片 {n} 张"), { n: draft.photos.length })] : [];
  return [...(said.length ? said : [_("全部与登记一致")]), draft.note, ...photos].filter(Boolean).join("; ");
}

/** A check on record in words: what was not in order. */
function sayCheck(check) {
  const labels = Object.fromEntries(itemsOf(work.round.form).map((item) => [item.id, item]));
  const said = Object.entries(check.items).map(([id, kept_]) => {
    const item = labels[id];
    const parts = [RESULTS[kept_.result], kept_.value && item && sayValue(item, kept_.value), kept_.note];
    return `${item ? item.label : id}: ${parts.filter(Boolean).join(" ")}`;
  });
  return [...(said.length ? said : [OVERALL[check.overall][2]]), check.note].filter(Boolean).join("; ");
}

const ROLES = {
  administrator: _("红十字会"), office: _("红十字会"), planner: _("红十字会"), manager: _("场所管理员"), inspector: _("检查员"), viewer: _("查看人"),
};
const sayWho = (check) => (check.mine ? _("本人") : ROLES[check.role] || _("其他人"));

/** The last checks of a device. */
function pastPart(device) {
  if (!device.checks.length) return null;
  const rows = device.checks.map((check) => element(
    "li", {}, element("span", {}, `${sayInstant(check.at)} · ${sayWho(check)} · `, badge(OVERALL[check.overall])),
    ["queried", "rejected"].includes(check.review) ? element("span", { class: "unsure" }, `⚠ ${say(_("红十字会退回：{reason}"), check)}`) : null,
    Object.keys(check.items).length || check.note ? element("span", { class: "quiet" }, sayCheck(check)) : null,
  ));
  return element("details", {}, element("summary", {}, say(_("最近 {n} 次检查"), { n: rows.length })), element("ol", { class: "list" }, ...rows));
}

onSending(refreshSaved);
