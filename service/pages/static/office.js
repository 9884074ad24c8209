"use strict";
// The office: lists by keyboard, forms that send themselves to the JSON interface, uploads, moderation one after another.

const sheet = document.querySelector(".sheet");
const said = sheet.querySelector(".said");

/** What was done is said on the page that follows, too. */
function tell(words) { said.textContent = words; }
function tellNext(words) { try { sessionStorage.setItem("said", words); } catch (fault) { /* said by the page itself */ } }
try {
  tell(sessionStorage.getItem("said") || "");
  sessionStorage.removeItem("said");
} catch (fault) { /* nothing was kept */ }

// on a phone the menu is one line: what is open is in sight
const menu = document.querySelector(".menu");
const here = menu.querySelector("[aria-current]");
if (here && menu.scrollWidth > menu.clientWidth) menu.scrollLeft = here.offsetLeft - menu.offsetLeft - menu.clientWidth / 3;

// ---- lists ----
const search = sheet.querySelector("[data-search]");
const rows = [...sheet.querySelectorAll("[data-row]")];
const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "/" && search && !typing(event.target)) {
    event.preventDefault();
    search.focus();
    search.select();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !rows.length || (typing(event.target) && event.target !== search)) return;
  const next = rows.indexOf(document.activeElement) + step;
  if (next >= 0 && next < rows.length) { event.preventDefault(); rows[next].focus(); }
  else if (next < 0 && search) { event.preventDefault(); search.focus(); }
});
for (const select of sheet.querySelectorAll(".search select:not([data-stays])")) {
  select.addEventListener("change", () => select.form.submit());
}

// ---- fields: read, and put in ----
const inner = (field) => field.querySelector("input:not([data-narrow]), select, textarea");
const digits = (text) => (text.trim() === "" ? null : Number(text));

/** A money text in yuan as fen, without the errors of binary fractions. */
function fen(text) {
  const [whole, part = ""] = text.trim().split(".");
  return text.trim() === "" ? null : Number(whole) * 100 + Number(part.padEnd(2, "0"));
}

/** The id of the record whose name was typed; null for nothing typed, undefined for a name that there is not. */
function recordOf(control) {
  if (control.tagName === "SELECT") return control.value || null;
  if (control.value.trim() === "") return null;
  const option = [...control.list.options].find((one) => one.value === control.value.trim());
  return option ? option.dataset.id : undefined;
}

/** What a control holds, as the interface wants it. */
function read(kind, control, nullable) {
  const text = control.value;
  switch (kind) {
    case "flag": return control.checked;
    case "maybe": return { yes: true, no: false }[text] ?? null;
    case "number": case "whole": return digits(text);
    case "money": return fen(text);
    case "instant": return text ? `${text.slice(0, 16)}:00+08:00` : null;
    case "date": return text || null;
    case "record": return recordOf(control);
    case "lines": return text.split("\n").map((line) => line.trim()).filter(Boolean);
    case "choice": case "venue": return nullable ? text || null : text;
    default: return text.trim();
  }
}

const readLine = (line) => Object.fromEntries([...line.querySelectorAll("[data-part]")]
  .map((part) => [part.dataset.part, read(part.dataset.kind, inner(part), part.dataset.nullable !== undefined)]));

/** What a field holds: one value, several, or lines of several. */
function valueOf(field) {
  const kind = field.dataset.kind;
  if (kind === "several" || kind === "records") {
    return [...field.querySelectorAll("input[type=checkbox]:checked")].map((one) => one.value);
  }
  if (kind === "position") {
    const place = readLine(field);
    return place.lon === null && place.lat === null ? null : place;
  }
  const lines = [...field.querySelectorAll(".line")].map(readLine);
  if (kind === "rows") return lines.map((line) => Object.fromEntries(Object.entries(line).filter(([, value]) => value !== null)));
  if (kind === "people") return Object.fromEntries(lines.map((line) => [line.person_id, line.passed]));
  return read(kind, inner(field), field.dataset.nullable !== undefined);
}

/** What somebody else wrote, as a control shows it; null where it cannot be put in. */
function shownAs(kind, value) {
  if (value === null || value === undefined) return "";
  switch (kind) {
    case "maybe": return value ? "yes" : "no";
    case "money": return (value / 100).toFixed(2);
    case "instant": return new Date(Date.parse(value) + 8 * 3600000).toISOString().slice(0, 16);
    case "lines": return value.join("\n");
    case "several": case "records": case "position": case "rows": case "people": case "flag": return null;
    default: return String(value);
  }
}
function put(field, value) {
  const kind = field.dataset.kind;
  const control = inner(field);
  if (kind === "flag") control.checked = Boolean(value);
  else if (kind === "several" || kind === "records") {
    for (const one of field.querySelectorAll("input[type=checkbox]")) one.checked = (value || []).includes(one.value);
  } else if (kind === "record" && control.list) {
    const option = [...control.list.options].find((one) => one.dataset.id === value);
    control.value = option ? option.value : "";
  } else if (shownAs(kind, value) !== null) control.value = shownAs(kind, value);
}

// ---- what is wrong stands at its field ----
const WRONG = {
  missing: _("请填写"), string_too_short: _("请填写"), string_too_long: _("太长了"), string_pattern_mismatch: _("格式不对"),
  literal_error: _("请选择一项"), greater_than_equal: _("数值太小或日期太早"), less_than_equal: _("数值太大或日期太晚"),
  greater_than: _("数值太小或日期太早"), too_long: _("太长了"),
};

function faultAt(field, words) {
  const place = field.querySelector(".fault");
  place.textContent = words;
  place.hidden = !words;
  for (const control of field.querySelectorAll("input, select, textarea")) {
    if (words) control.setAttribute("aria-invalid", "true"); else control.removeAttribute("aria-invalid");
  }
}

function ownFault(control) {
  const validity = control.validity;
  if (validity.valueMissing) return _("请填写");
  if (validity.patternMismatch || validity.badInput || validity.typeMismatch) return _("格式不对");
  if (validity.rangeUnderflow) return _("数值太小或日期太早");
  if (validity.rangeOverflow) return _("数值太大或日期太晚");
  if (validity.stepMismatch) return _("应为整数");
  if (validity.tooShort) return say(_("至少 {least} 个字符"), { least: control.minLength });
  if (control.list && recordOf(control) === undefined) return _("没有这个名称，请从列表中选择");
  return "";
}

/** Whether all fields will do; what will not is said at each, and the first is gone to. */
function check(form, fields) {
  let first = null;
  for (const field of fields) {
    const controls = [...field.querySelectorAll("input:not([data-narrow]), select, textarea")];
    const bad = controls.find((control) => ownFault(control));
    faultAt(field, bad ? ownFault(bad) : "");
    first = first || bad;
  }
  if (first) first.focus();
  return !first;
}

// ---- forms ----

/** How the fields of a rule become its value. */
const WRAPS = {
  profile: (values) => ({ profile: values.profile }),
  steps: (values) => ({ steps: values.steps.map((one) => [one.days, Number(one.level)]).sort((a, b) => a[0] - b[0]) }),
  receivers: (values) => values.receivers.reduce((found, { level, ...one }) =>
    ({ ...found, [level]: [...(found[level] || []), one] }), {}),
  holidays: (values) => values.days.reduce((found, { kind, first, last }) => {
    const year = found[first.slice(0, 4)] = found[first.slice(0, 4)] || { holidays: [], workdays: [] };
    year[kind].push(last ? `${first}/${last}` : first);
    return found;
  }, {}),
};

for (const form of sheet.querySelectorAll("form.sends")) prepare(form);

function prepare(form) {
  const fields = [...form.querySelectorAll(".field")];
  const begun = new Map(fields.map((field) => [field, JSON.stringify(valueOf(field))]));
  const changed = (field) => JSON.stringify(valueOf(field)) !== begun.get(field);
  const alert = form.querySelector(".alert");
  const button = form.querySelector("[type=submit]");
  let version = form.dataset.version === undefined ? null : Number(form.dataset.version);
  let sending = false;

  function complain(words) { alert.textContent = words; alert.hidden = !words; }

  function body() {
    const patch = form.dataset.method === "PATCH";
    const sent = patch ? fields.filter(changed) : fields;
    const values = Object.fromEntries(sent.map((field) => [field.dataset.name, valueOf(field)]));
    if (!patch) for (const [name, value] of Object.entries(values)) if (value === null) delete values[name];
    if (form.dataset.wraps) return { value: WRAPS[form.dataset.wraps](values) };
    return version === null ? values : { ...values, version };
  }

  /** Others' changes come into the fields that I left alone; where both wrote, mine stays and theirs is told. */
  async function meet() {
    const theirs = await ask("GET", form.dataset.see);
    for (const field of fields) {
      const name = field.dataset.name;
      if (!(name in theirs)) continue;
      if (!changed(field)) { put(field, theirs[name]); begun.set(field, JSON.stringify(valueOf(field))); continue; }
      const mine = valueOf(field);
      put(field, theirs[name]);
      const other = JSON.stringify(valueOf(field));
      const words = shownText(field);
      putBack(field, mine);
      if (other !== begun.get(field)) { faultAt(field, say(_("他人已改为：{value}"), { value: words || "—" })); begun.set(field, other); }
    }
    version = theirs.version;
    complain(_("他人刚刚修改过这条档案，还没有保存。您填写的都在；他人改过的已标在各项下面。核对后再保存一次。"));
  }
  const putBack = (field, value) => put(field, value);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    complain("");
    if (sending || !check(form, fields)) return;
    if (form.dataset.method === "PATCH" && !fields.some(changed)) { complain(_("没有改动。")); return; }
    if (form.dataset.sure && !window.confirm(form.dataset.sure)) return;
    sending = button.disabled = true;
    try {
      const answer = await ask(form.dataset.method, form.dataset.to, form.dataset.method === "DELETE" ? undefined : body());
      for (const field of fields) begun.set(field, JSON.stringify(valueOf(field)));
      if (form.dataset.shows) { show(form, answer); return; }
      tellNext(_("已保存。"));
      leave(form.dataset.after.replace("{id}", (answer && answer.id) || ""));
    } catch (fault) {
      if (fault.status === 409 && version !== null && form.dataset.see) await meet().catch((other) => complain(other.message));
      else refused(fault);
      (form.querySelector("[aria-invalid]") || button).focus();
    } finally { sending = button.disabled = false; }
  });

  /** What the service says of fields stands at them; what it says of the whole stands above the button. */
  function refused(fault) {
    const left = [];
    for (const one of fault.faults || []) {
      const field = fields.find((each) => each.dataset.name === (one.place || "").split(".")[0]);
      if (field) faultAt(field, WRONG[one.kind] || _("填写不对")); else left.push(one);
    }
    const placed = (fault.faults || []).length > left.length;
    complain(placed && !left.length ? _("有几项填写不对，已标出。") : fault.message);
  }

  window.addEventListener("beforeunload", (event) => {
    if (!sending && fields.some(changed)) { event.preventDefault(); event.returnValue = ""; }
  });
}

function shownText(field) {
  const control = inner(field);
  if (field.dataset.kind === "flag") return control.checked ? _("是") : _("否");
  return control && control.tagName === "SELECT" ? control.selectedOptions[0].textContent.trim() : (control || {}).value;
}

/** Go on, or load the page again where it stays the same. */
function leave(address) {
  if (address) location.assign(address); else location.reload();
}

/** What a new account's link or key is, told once. */
function show(form, answer) {
  const words = form.dataset.shows === "link" ? `${location.origin}/in#${answer.token}` : answer.token || `${location.origin}${answer.address}`;
  const field = element("input", { readonly: true, value: words, "aria-label": form.querySelector("[type=submit]").textContent });
  form.querySelector(".actions").after(element("p", { class: "unsure" }, _("只显示这一次，请马上复制："), field));
  field.focus();
  field.select();
}

// lines that are added and taken away; long lists of names that are narrowed by typing
let lines = 0;
sheet.addEventListener("click", (event) => {
  const more = event.target.closest("[data-more]");
  const less = event.target.closest("[data-less]");
  if (more) {
    const made = more.parentElement.querySelector("template").content.cloneNode(true);
    lines += 1;
    for (const one of made.querySelectorAll("[id], [list]")) {
      for (const name of ["id", "list"]) {
        if (one.hasAttribute(name)) one.setAttribute(name, one.getAttribute(name).replace("-x-", `-new${lines}-`));
      }
    }
    const line = made.firstElementChild;
    more.parentElement.querySelector(".lines").append(made);
    inner(line).focus();
  }
  if (less) {
    const field = less.closest(".field");
    less.closest(".line").remove();
    field.querySelector("[data-more]").focus();
  }
});
sheet.addEventListener("input", (event) => {
  if (event.target.dataset.narrow === undefined) return;
  const wanted = event.target.value.trim().toLowerCase();
  for (const row of event.target.parentElement.querySelectorAll(".pick label")) {
    row.hidden = !row.textContent.toLowerCase().includes(wanted);
  }
});

// ---- one button, one deed ----
sheet.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-to]");
  if (!button || (button.dataset.sure && !window.confirm(button.dataset.sure))) return;
  button.disabled = true;
  try {
    await ask(button.dataset.method, button.dataset.to, button.dataset.body ? JSON.parse(button.dataset.body) : undefined);
    tellNext(button.dataset.done || _("已保存。"));
    leave(button.dataset.after || "");
  } catch (fault) {
    button.disabled = false;
    tell(fault.message);
    said.scrollIntoView({ block: "center" });
  }
});

// ---- files: the body is the file itself ----
for (const form of sheet.querySelectorAll("form.uploads")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const alert = form.querySelector(".alert");
    const file = form.elements.file.files[0];
    alert.hidden = Boolean(file);
    alert.textContent = file ? "" : _("请选择文件");
    if (!file) return;
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    const address = new URL(form.dataset.to, location.href);
    if (form.elements.kind) address.searchParams.set("kind", form.elements.kind.value);
    if (form.dataset.named !== undefined) address.searchParams.set("name", file.name.slice(0, 200));
    try {
      const answer = await ask("POST", address.pathname + address.search, file);
      tellNext(_("文件已上传。"));
      leave((form.dataset.after || "").replace("{id}", (answer && answer.id) || ""));
    } catch (fault) {
      alert.textContent = fault.message;
      alert.hidden = false;
      button.disabled = false;
      button.focus();
    }
  });
}

// ---- reports of the public: one after another, without leaving the page ----
for (const card of sheet.querySelectorAll("form.judges")) {
  card.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter || document.activeElement;
    const words = card.elements.effect;
    const alert = card.querySelector(".alert");
    alert.hidden = words.value.trim() !== "";
    alert.textContent = _("请写明处理结果");
    if (!alert.hidden) { words.setAttribute("aria-invalid", "true"); words.focus(); return; }
    for (const one of card.querySelectorAll("button")) one.disabled = true;
    try {
      await ask("PATCH", card.dataset.to, { state: button.value, effect: words.value.trim() });
      const item = card.closest("li");
      const next = item.nextElementSibling || item.previousElementSibling;
      item.remove();
      const left = sheet.querySelectorAll("form.judges").length;
      for (const one of sheet.querySelectorAll("[data-left]")) one.textContent = say(_("还有 {n} 条待处理"), { n: left });
      tell(_("已处理。"));
      if (next) next.querySelector("textarea").focus(); else location.reload();
    } catch (fault) {
      alert.textContent = fault.message;
      alert.hidden = false;
      for (const one of card.querySelectorAll("button")) one.disabled = false;
      button.focus();
    }
  });
  for (const quick of card.querySelectorAll("[data-words]")) {
    quick.addEventListener("click", () => { card.elements.effect.value = quick.dataset.words; card.elements.effect.focus(); });
  }
}

// a form in the address is open and gone to
const wanted = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
if (wanted && wanted.tagName === "DETAILS") { wanted.open = true; wanted.querySelector("summary").focus(); }
