"use strict";
// What a check must say before it can be sent, so that somebody without a network hears of it at once. The service judges
// by the same rules (inspection_rules.py) and keeps the last word; a test compares the two.

const LONGEST = 2000;
const itemsOf = (form) => [].concat(...form.groups.map((group) => group.items));

/** What the form shows at an item before anybody types. */
const shownAt = (device, item) => ({ result: "ok", value: "", ...device.answers[item.id] });

/** What the check says at an item: what was typed, else what was shown. */
function answerAt(draft, item) {
  return draft.answers[item.id] || { ...shownAt(draft.base, item), note: "" };
}

/** Whether a value says by itself that the item is not in order. */
function valueFails(item, value, on) {
  if (item.value_kind === "date") return value !== "" && value < on;
  if (item.value_kind === "list") return value !== "";
  return item.fails.includes(value);
}

/** The last day on which something must be mended. */
const lastDay = (form, item, on) => dayHere(Date.parse(`${on}T00:00:00+08:00`), form.plan_days[item.severity]);

/** Whether something found needs a plan with a date: what is critical or has expired, unless a plan is open and not late. */
function needsPlan(draft, item, answer, on) {
  const planned = draft.base.open_defects[item.id];
  return answer.result === "fail" && !(planned && planned >= on) && (item.severity === "critical" || item.value_kind === "date");
}

/** Whether a date on record is turned from expired into valid, or moved back. */
function needsReason(draft, item, answer, on) {
  const before = shownAt(draft.base, item).value;
  if (item.value_kind !== "date" || !before || !answer.value) return false;
  return (before < on && on <= answer.value) || answer.value < before;
}

/** What is wrong with a draft: [{item, words}], empty when it can be sent. */
function faultsOf(form, draft, on) {
  return [].concat(...itemsOf(form).map((item) => faultsAt(form, draft, item, on).map((words) => ({ item: item.id, words }))));
}

function faultsAt(form, draft, item, on) {
  const answer = answerAt(draft, item);
  const found = [];
  if (answer.result === "ok" && valueFails(item, answer.value, on)) found.push(_("这个值不能记为正常"));
  else if (answer.result === "ok" && item.value_kind === "date" && !answer.value) found.push(_("请填写日期"));
  else if (answer.result === "na" && !item.may_not_apply) found.push(_("此项每台设备都有"));
  found.push(...valueFaults(item, answer.value), ...planFaults(form, draft, item, on));
  if (needsReason(draft, item, answer, on) && (draft.reasons[item.id] || "").trim().length < 2) {
    found.push(say(_("登记为 {before}，更正须说明原因"), { before: shownAt(draft.base, item).value }));
  }
  return found;
}

function valueFaults(item, value) {
  if (!value) return [];
  if (item.value_kind === "number" && !(isFinite(value) && +value >= item.least && +value <= item.most)) {
    return [say(_("应为 {least} 至 {most} 之间的数"), item)];
  }
  if (item.value_kind === "date" && !(/^\d{4}-\d\d-\d\d$/.test(value) && value >= "1990" && value < "2101")) return [_("日期不对")];
  return [];
}

function planFaults(form, draft, item, on) {
  const answer = answerAt(draft, item);
  const plan = draft.plans[item.id];
  if (answer.result !== "fail") return [];
  if (!plan || !plan.text.trim()) return needsPlan(draft, item, answer, on) ? [_("请写明怎么处理、何时完成")] : [];
  const last = lastDay(form, item, on);
  return plan.due_on >= on && plan.due_on <= last ? [] : [say(_("完成日期应在 {on} 至 {last} 之间"), { on, last })];
}

/** What is sent: the items that differ from what was shown, or from what the service would show by now. */
function bodyOf(form, entry, now) {
  const { draft } = entry;
  const differences = {};
  for (const item of itemsOf(form)) {
    const mine = answerAt(draft, item);
    const [then, fresh] = [shownAt(draft.base, item), shownAt(now, item)];
    const differs = (other) => mine.result !== other.result || mine.value !== other.value || Boolean(mine.note);
    const typed = item.id in draft.answers;
    if ((typed || fresh.result !== "na") && (differs(then) || differs(fresh))) differences[item.id] = mine;
  }
  const failing = (id) => (differences[id] || shownAt(now, { id })).result === "fail";
  const filled = (told, worth) => Object.fromEntries(Object.entries(told).filter(([id, one]) => worth(id, one)));
  return {
    client_id: entry.client_id, kind: draft.base.kind, at: entry.at, source: "app", form_version: form.version, differences,
    plans: filled(draft.plans, (id, plan) => failing(id) && plan.text.trim()),
    reasons: filled(draft.reasons, (id, reason) => reason.trim() && id in differences),
    position: entry.position, duration_s: entry.duration_s, note: draft.note,
    photos: draft.photos.map((photo) => photo.sha256).filter(Boolean),
  };
}
