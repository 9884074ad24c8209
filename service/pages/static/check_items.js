"use strict";
// The items of the form as fields: what was found, the value, and where the rules ask for it a plan, a reason, a photo.

const RESULTS = { ok: _("正常"), fail: _("有问题"), na: _("不适用"), not_checked: _("没看") };

/** A value in words: choices by their names, the rest as it stands. */
function sayValue(item, value, shown) {
  if (shown && shown.value === value && shown.words) return shown.words;
  const words = Object.fromEntries(item.choices.map((choice) => [choice.id, choice.label]));
  return value.split(",").map((one) => words[one] || one).join(english ? ", " : "、");
}

/** One item as a fieldset; `work` holds the draft, `work.changed(item)` is called after each change. */
function itemField(item, work) {
  const parts = [resultPart, valuePart, notePart, planPart, reasonPart, photoPart].map((part) => part(item, work));
  const faults = element("p", { class: "unsure", role: "alert" });
  const more = element("button", { type: "button", class: "plain" }, _("说明、处理计划或照片"));
  more.addEventListener("click", () => note(item, work, { result: "fail" }, true));
  const field = element(
    "fieldset", { class: "item", id: `item-${item.id}` },
    element("legend", {}, item.label), element("p", { class: "quiet" }, item.ask), faults, ...parts.map((part) => part.box), more,
  );
  const refresh = () => {
    const answer = answerAt(work.draft, item);
    for (const part of parts) part.refresh(answer);
    const asked = item.id in work.draft.answers || work.tried || needsPlan(work.draft, item, answer, work.on);
    more.hidden = asked || answer.result !== "fail";
    for (const part of parts.slice(2)) part.box.hidden = part.box.hidden || !more.hidden;
    const words = [...(work.faults.get(item.id) || []), ...(work.tried ? faultsAt(work.round.form, work.draft, item, work.on) : [])];
    faults.textContent = words.length ? `⚠ ${words.join(english ? "; " : "；")}` : "";
    faults.hidden = !words.length;
    field.classList.toggle("differs", item.id in work.draft.answers);
  };
  refresh();
  return { item, field, refresh };
}

/** Note what was found; what is as the form showed it is no difference, unless something is to be said of it `even` so. */
function note(item, work, values, even = false) {
  const answer = { ...answerAt(work.draft, item), ...values };
  const shown = shownAt(work.draft.base, item);
  if (answer.result === shown.result && answer.value === shown.value && !answer.note && !even) delete work.draft.answers[item.id];
  else work.draft.answers[item.id] = { result: answer.result, value: answer.value, note: answer.note || "" };
  if (answer.result !== "fail") delete work.draft.plans[item.id];
  work.faults.delete(item.id);
  work.changed(item);
}

function resultPart(item, work) {
  const able = Object.keys(RESULTS).filter((result) => result !== "na" || item.may_not_apply);
  const inputs = able.map((result) => {
    const input = element("input", { type: "radio", name: `result-${item.id}`, value: result });
    input.addEventListener("change", () => note(item, work, { result }));
    return input;
  });
  const box = element("div", { class: "segments" }, ...inputs.map((input) => element("label", {}, input, element("span", {}, RESULTS[input.value]))));
  return { box, refresh: (answer) => { for (const input of inputs) input.checked = input.value === answer.result; } };
}

/** The value; one that says by itself whether the item is in order sets that, too. */
function valuePart(item, work) {
  const judged = ["choice", "date", "list"].includes(item.value_kind);
  const typed = (value) => {
    const result = judged ? (valueFails(item, value, work.on) ? "fail" : "ok") : undefined;
    const before = answerAt(work.draft, item).result;
    note(item, work, { value, result: result || (before === "not_checked" ? "ok" : before) });
  };
  const made = { none: noValue, choice: choiceValue, list: listValue, date: dateValue }[item.value_kind] || lineValue;
  return made(item, typed);
}

const noValue = () => ({ box: element("div", { hidden: true }), refresh: () => undefined });

function choiceValue(item, typed) {
  const options = item.choices.map((choice) => element("option", { value: choice.id }, choice.label));
  const select = element("select", {}, element("option", { value: "" }, "—"), ...options);
  select.addEventListener("change", () => typed(select.value));
  return {
    box: element("label", {}, _("看到的是"), select),
    refresh: (answer) => { select.value = answer.value; },
  };
}

function listValue(item, typed) {
  const boxes = item.choices.map((choice) => element("input", { type: "checkbox", value: choice.id }));
  const listen = () => typed(boxes.filter((box) => box.checked).map((box) => box.value).join(","));
  for (const box of boxes) box.addEventListener("change", listen);
  const rows = boxes.map((box, n) => element("label", { class: "row" }, box, item.choices[n].label));
  return {
    box: element("div", { role: "group", "aria-label": _("缺少") }, element("p", {}, _("缺少")), ...rows),
    refresh: (answer) => { for (const box of boxes) box.checked = answer.value.split(",").includes(box.value); },
  };
}

/** A date; a label that names a month only is good until its last day. */
function dateValue(item, typed) {
  const input = element("input", { type: "date", min: "1990-01-01", max: "2100-12-31" });
  input.addEventListener("change", () => typed(input.value));
  const last = element("button", { type: "button", class: "plain" }, _("标签只写年月：取当月最后一天"));
  last.addEventListener("click", () => {
    const [year, month] = (input.value || dayHere()).split("-");
    input.value = new Date(Date.UTC(+year, +month, 0)).toISOString().slice(0, 10);
    typed(input.value);
  });
  return {
    box: element("div", {}, element("label", {}, _("标签上的日期"), input), last),
    refresh: (answer) => { if (input !== document.activeElement) input.value = answer.value; },
  };
}

function lineValue(item, typed) {
  const numeric = item.value_kind === "number";
  const input = element("input", numeric ? { inputmode: "decimal", maxlength: 8 } : { maxlength: 255 });
  input.addEventListener("input", () => typed(input.value.trim()));
  const words = { number: _("数值"), hours: _("实际开放时间，如：周一至周五 8:00-17:00"), text: _("实际位置") }[item.value_kind];
  return {
    box: element("label", {}, words, input),
    refresh: (answer) => { if (input !== document.activeElement) input.value = answer.value; },
  };
}

function notePart(item, work) {
  const area = element("textarea", { rows: 2, maxlength: LONGEST });
  area.addEventListener("input", () => note(item, work, { note: area.value }));
  const box = element("label", {}, _("是什么样的"), area);
  return {
    box,
    refresh: (answer) => {
      box.hidden = answer.result !== "fail" && !answer.note;
      if (area !== document.activeElement) area.value = answer.note || "";
    },
  };
}

/** What will be done and by when; asked for where the rules do, offered for every fault. */
function planPart(item, work) {
  const { on } = work;
  const last = lastDay(work.round.form, item, on);
  const area = element("textarea", { rows: 2, maxlength: LONGEST });
  const day = element("input", { type: "date", min: on, max: last });
  const keep = () => {
    work.draft.plans[item.id] = { text: area.value, due_on: day.value };
    work.faults.delete(item.id);
    work.changed(item);
  };
  area.addEventListener("input", keep);
  day.addEventListener("change", keep);
  const common = [_("联系红十字会更换"), _("本单位处理")].map((words) => {
    const button = element("button", { type: "button", class: "second" }, words);
    button.addEventListener("click", () => { area.value = words; keep(); });
    return button;
  });
  const open = element("p", { class: "quiet" });
  const box = element(
    "div", { class: "plan-of" }, open, element("label", {}, _("怎么处理"), area), element("div", { class: "common" }, ...common),
    element("label", {}, _("何时完成"), day),
  );
  return { box, refresh: (answer) => refreshPlan({ box, open, area, day, last }, item, work, answer) };
}

function refreshPlan({ box, open, area, day, last }, item, work, answer) {
  const planned = work.draft.base.open_defects[item.id];
  const plan = work.draft.plans[item.id];
  box.hidden = answer.result !== "fail";
  open.textContent = planned ? say(_("上次已有处理计划，期限 {day}。有变化时才填。"), { day: planned }) : "";
  open.hidden = !planned;
  if (area !== document.activeElement) area.value = plan ? plan.text : "";
  if (day !== document.activeElement) day.value = plan ? plan.due_on : last;
}

function reasonPart(item, work) {
  const input = element("input", { maxlength: 200 });
  input.addEventListener("input", () => { work.draft.reasons[item.id] = input.value; work.faults.delete(item.id); work.changed(item); });
  const words = element("span");
  const box = element("label", {}, words, input);
  return {
    box,
    refresh: (answer) => {
      box.hidden = !needsReason(work.draft, item, answer, work.on);
      words.textContent = say(_("登记为 {before}，为什么更正？"), { before: shownAt(work.draft.base, item).value });
      if (input !== document.activeElement) input.value = work.draft.reasons[item.id] || "";
    },
  };
}

function photoPart(item, work) {
  const box = element("div", {}, photoButton(say(_("拍照：{item}"), { item: item.label }), (blob) => work.addPhoto(blob, item.id)));
  return { box, refresh: (answer) => { box.hidden = answer.result !== "fail"; } };
}
