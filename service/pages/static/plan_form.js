"use strict";
// The settings of a study: shown in the planner's words, read back as the tables of a scenario, faults at their field.

/** The form over choices; `changed(settings)` is called after every edit. */
function settingsForm(choices, uploads, changed) {
  const form = byId("settings");
  let base = {}, study = null;
  const edited = () => { show(); changed(read()); };
  const sources = Object.fromEntries(ROLES.map((role) => [role, sourceField(role, choices, edited)]));
  const limits = limitTable(byId("kinds"), choices.kinds), townLimits = townTable(byId("town-limits"), choices.towns, edited);

  const number = (id) => (byId(id).value.trim() === "" ? null : Number(byId(id).value));
  const chosen = (name) => { const one = form.querySelector(`input[name=${name}]:checked`); return one ? one.value : ""; };
  function choose(name, value) {
    const one = [...form.querySelectorAll(`input[name=${name}]`)].find((input) => input.value === value);
    if (one) one.checked = true;
  }
  function fill(id, value) { byId(id).value = value === null || value === undefined ? "" : value; }
  function put(table, key, value) {
    if (value === null || value === undefined || value === "" || Number.isNaN(value)) delete table[key];
    else table[key] = value;
  }

  // --- from settings to the form

  function write(settings, of) {
    base = JSON.parse(JSON.stringify(settings));
    study = of;
    const plan = base.plan || {};
    ROLES.forEach((role) => sources[role].write(base[role], uploads));
    fill("arrests_per_100k", (base.demand || {}).arrests_per_100k);
    choose("amount", "target" in plan && !("devices" in plan) ? "target" : "budget_rmb" in plan ? "budget_rmb" : "devices");
    fill("devices", plan.devices);
    fill("budget_rmb", plan.budget_rmb);
    fill("target", "target" in plan ? round(100 * plan.target) : null);
    writeCircle(base.circle || { name: "walk-4" });
    choose("hours", base.hours ? (base.periods ? "own" : "usual") : "none");
    fill("hours-year", (base.hours || {}).year);
    fillUnknown((base.hours || {}).unknown || "");
    refill(byId("periods"), ...(base.periods || []).map(periodRow));
    byId("move").checked = "move" in plan;
    fill("move-keep", (plan.move || {}).keep);
    fill("move-cost", (plan.move || {}).cost);
    limits.write(plan.quotas || {}, (choices.sources.candidates.find((one) => one.token === sources.candidates.select.value) || {}).kinds);
    townLimits.write((plan.quotas_by || {}).town || {});
    fill("objective", plan.objective || "coverage");
    fill("survival-curve", plan.curve || choices.curves[0]);
    fill("backup", plan.backup ? round(100 * plan.backup) : null);
    fill("spacing_m", plan.spacing_m);
    fill("equity", plan.equity ? round(100 * plan.equity) : null);
    form.querySelectorAll("#norms input").forEach((box) => { box.checked = (base.norms || []).includes(box.value); });
    fill("method", plan.method || "exact");
    fill("seconds", plan.seconds);
    fill("gap", plan.gap ? round(100 * plan.gap) : null);
    writeEdits();
    form.querySelectorAll("input, select, button").forEach((field) => { field.disabled = !study.may_change; });
    show();
  }

  function round(value) { return Math.round(value * 1e6) / 1e6; }

  function writeCircle(circle) {
    const preset = Object.keys(circle).length === 1 && choices.circles.some((one) => one.name === circle.name);
    choose("circle", preset ? circle.name : "own");
    const from = preset ? {} : circle;
    fill("circle-minutes", from.minutes === undefined ? 4 : from.minutes);
    fill("circle-speed", from.speed === undefined ? 1.25 : from.speed);
    fill("circle-trips", from.trips || 1);
    fill("circle-measure", from.measure || "street");
    ["start_delay_s", "vertical_delay_s", "device_delay_s"].forEach((key) => fill(`circle-${key}`, from[key]));
  }

  function fillUnknown(value) {
    const select = byId("unknown");
    if (![...select.options].some((one) => one.value === value)) select.append(element("option", { value }, value));
    select.value = value;
  }

  function periodRow(period = { title_zh: "", days: "every", hours: "00:00-24:00" }) {
    const [from, to] = String(period.hours || "").split("-");
    const days = element("select", { "aria-label": _("哪些日子") }, element("option", { value: "workday" }, _("工作日")),
      element("option", { value: "free" }, _("周末和假日")), element("option", { value: "every" }, _("每天")));
    if (typeof period.days === "string") days.value = period.days;
    else days.append(element("option", { value: JSON.stringify(period.days), selected: true }, period.days.join(" ")));
    const clock = (value, words) => { const field = element("input", { "aria-label": words, pattern: "[0-9]{1,2}:[0-9]{2}", inputmode: "numeric" }); field.value = value || ""; return field; };
    const name = element("input", { "aria-label": _("这一段叫什么"), placeholder: _("名称") });
    name.value = (english ? period.title_en : period.title_zh) || period.title_zh || "";
    const drop = element("button", { type: "button", class: "plain" }, _("去掉"));
    const row = element("li", { class: "period" }, name, days, clock(from, _("从几点")), clock(to, _("到几点")), drop);
    row.period = period;
    drop.addEventListener("click", () => { row.remove(); edited(); });
    return row;
  }

  /** Sites that are pinned, forbidden or added; each can be let go. */
  function writeEdits() {
    const plan = base.plan || {}, names = Object.fromEntries((base.added || []).map((site) => [site.id, site.label]));
    const row = (words, drop) => {
      const button = element("button", { type: "button", class: "plain", disabled: !study.may_change }, _("去掉"));
      button.addEventListener("click", () => { drop(); writeEdits(); edited(); });
      return element("li", {}, element("span", {}, words), button);
    };
    const without = (table, key, value) => { table[key] = table[key].filter((one) => (one.id || one) !== value); if (!table[key].length) delete table[key]; };
    const label = (id) => names[id] || labels[id] || id;
    refill(byId("pins"), ...(plan.pin || []).map((id) => row(say(_("固定：{site}"), { site: label(id) }), () => without(plan, "pin", id))));
    refill(byId("forbids"), ...(plan.forbid || []).map((id) => row(say(_("禁用：{site}"), { site: label(id) }), () => without(plan, "forbid", id))));
    refill(byId("addeds"), ...(base.added || []).map((site) => row(say(_("新加：{site}"), { site: site.label }), () => {
      without(base, "added", site.id);
      if (plan.pin) without(plan, "pin", site.id);
    })));
  }

  // --- from the form to settings

  function read() {
    const settings = JSON.parse(JSON.stringify(base)), plan = settings.plan || (settings.plan = {});
    ROLES.forEach((role) => { settings[role] = sources[role].read(); });
    if (sources.demand.select.value !== KEEP) put(settings.demand, "arrests_per_100k", number("arrests_per_100k"));
    ["devices", "budget_rmb", "target"].forEach((key) => delete plan[key]);
    const amount = chosen("amount");
    plan[amount] = amount === "target" ? (number("target") === null ? 0 : number("target") / 100) : number(amount) === null ? 0 : number(amount);
    settings.circle = readCircle();
    readHours(settings);
    if (byId("move").checked) plan.move = { keep: number("move-keep") || 0, cost: number("move-cost") || 0 }; else delete plan.move;
    const share = (id) => (number(id) ? round(number(id) / 100) : null), quotas = limits.read();
    put(plan, "quotas", Object.keys(quotas).length ? quotas : null);
    const towns = townLimits.read(), by = { ...plan.quotas_by };
    put(by, "town", Object.keys(towns).length ? towns : null);
    put(plan, "quotas_by", Object.keys(by).length ? by : null);
    const survival = byId("objective").value === "survival";
    put(plan, "objective", survival ? "survival" : null);
    put(plan, "curve", survival ? byId("survival-curve").value : null);
    put(plan, "backup", share("backup"));
    put(plan, "spacing_m", number("spacing_m") || null);
    put(plan, "equity", share("equity"));
    if (!plan.equity) delete plan.equity_by;
    put(settings, "norms", [...form.querySelectorAll("#norms input:checked")].map((box) => box.value));
    put(plan, "method", byId("method").value);
    put(plan, "seconds", number("seconds"));
    put(plan, "gap", share("gap"));
    return settings;
  }

  function readCircle() {
    const name = chosen("circle");
    if (name && name !== "own") return { name };
    const old = base.circle || {}, circle = choices.circles.some((one) => one.name === old.name) ? { name: "own" } : { ...old };
    ["minutes", "speed", "start_delay_s", "vertical_delay_s", "device_delay_s"].forEach((key) => put(circle, key, number(`circle-${key}`)));
    return { ...circle, trips: Number(byId("circle-trips").value), measure: byId("circle-measure").value };
  }

  function readHours(settings) {
    const how = chosen("hours");
    if (how === "none") { delete settings.hours; delete settings.periods; return; }
    settings.hours = { ...(settings.hours || {}) };
    put(settings.hours, "unknown", byId("unknown").value);
    put(settings.hours, "year", number("hours-year"));
    if (how === "usual") { delete settings.periods; return; }
    settings.periods = [...byId("periods").children].map((row, i) => {
      const [name, days, from, to] = row.querySelectorAll("input, select");
      const title = name.value.trim();
      return { ...row.period, id: row.period.id || `part-${i + 1}`, ...(title ? { [english && row.period.title_zh ? "title_en" : "title_zh"]: title } : {}),
        days: days.value.startsWith("[") ? JSON.parse(days.value) : days.value, hours: `${from.value.trim()}-${to.value.trim()}` };
    });
  }

  // --- what depends on what, and what each folded part says

  function show() {
    const amount = chosen("amount"), hours = chosen("hours");
    ["devices", "budget_rmb", "target"].forEach((key) => { byId(key).closest(".field").hidden = key !== amount; });
    byId("own-circle").hidden = chosen("circle") !== "own";
    byId("periods-field").hidden = hours !== "own";
    byId("unknown-field").hidden = byId("year-field").hidden = hours === "none";
    byId("move-fields").hidden = !byId("move").checked;
    byId("survival-field").hidden = byId("objective").value !== "survival";
    Object.entries(saying()).forEach(([part, words]) => { byId(`says-${part}`).textContent = words; });
  }

  function saying() {
    const plan = base.plan || {}, circle = choices.circles.find((one) => one.name === chosen("circle"));
    const wishes = [byId("objective").value === "survival" && _("越早越好"), number("backup") && _("第二台"), number("spacing_m") && metres(number("spacing_m")),
      number("equity") && _("照顾最差"), form.querySelector("#norms input:checked") && _("规范")].filter(Boolean);
    const set = Object.keys(limits.read()).length + Object.keys(townLimits.read()).length;
    const edits = (plan.pin || []).length + (plan.forbid || []).length + (base.added || []).length;
    return {
      amount: { devices: say(_("{n} 台"), { n: number("devices") || 0 }), budget_rmb: say(_("{n} 元"), { n: whole(number("budget_rmb") || 0) }), target: `${number("target") || 0}%` }[chosen("amount")],
      circle: circle ? say(_("{name}：{m} 米"), { name: circle.name, m: Math.round(circle.limit_m) }) : _("自己定"),
      area: sources.streets.select.value === "place" ? byId("place").value : sources.streets.says(),
      demand: sources.demand.says(),
      hours: { none: _("不计"), usual: _("六段"), own: say(_("{n} 段"), { n: byId("periods").children.length }) }[chosen("hours")],
      standing: sources.standing.says(),
      candidates: set ? say(_("{n} 条配额"), { n: set }) : sources.candidates.says(),
      wishes: wishes.join(english ? ", " : "、") || _("无"),
      how: say(_("{how}，最多 {n} 秒"), { how: byId("method").selectedOptions[0].textContent, n: number("seconds") || 30 }),
      edits: edits ? say(_("{n} 处"), { n: edits }) : _("无"),
    };
  }

  // --- faults, each at its field

  function faults(found) {
    form.querySelectorAll(".fault:not(#fault-general)").forEach((words) => words.remove());
    form.querySelectorAll("[aria-invalid]").forEach((field) => { field.removeAttribute("aria-invalid"); field.removeAttribute("aria-describedby"); });
    form.querySelectorAll(".part").forEach((part) => part.classList.remove("wrong"));
    byId("fault-general").hidden = true;
    found.forEach(fault);
  }

  function fault({ key, text }, number) {
    const places = [...form.querySelectorAll("[data-key]")].filter((place) => place.dataset.key && (key === place.dataset.key || key.startsWith(`${place.dataset.key}.`)));
    const place = places.sort((a, b) => b.dataset.key.length - a.dataset.key.length)[0];
    if (!place) {
      byId("fault-general").hidden = false;
      byId("fault-general").textContent = text;
      return;
    }
    const expected = place.dataset.expected, id = `fault-${number}`;
    const words = element("p", { class: "fault", id }, ...(expected ? [say(_("应为：{expected}。"), { expected })] : [_("这一项还不能用。"), element("span", { class: "said-by", lang: "en" }, text)]));
    place.append(words);
    const field = place.querySelector("input:not([type=file]), select");
    if (field) { field.setAttribute("aria-invalid", "true"); field.setAttribute("aria-describedby", id); }
    place.closest(".part").classList.add("wrong");
  }

  /** Open the first part with a fault and go to its field. */
  function goToFault() {
    const words = form.querySelector(".fault:not([hidden])");
    if (!words) return;
    const part = words.closest("details");
    if (part) part.open = true;
    const field = words.parentElement.querySelector("[aria-invalid]");
    (field || words).scrollIntoView({ block: "center" });
    if (field) field.focus();
  }

  let labels = {};
  refill(byId("circles"), ...choices.circles.map(circleChoice), circleChoice({ name: "own", words_zh: "", words_en: "" }));
  refill(byId("survival-curve"), ...choices.curves.map((name) => element("option", { value: name }, name)));
  refill(byId("norms"), ...choices.norms.map((norm) => element("label", { class: "row" }, element("input", { type: "checkbox", value: norm.name }), inLanguage(norm))));
  form.addEventListener("input", (event) => { if (event.target.type !== "file" && !event.target.id.endsWith("-file")) edited(); });
  form.querySelectorAll("[data-upload]").forEach((input) => input.addEventListener("change", (event) => {
    event.stopPropagation();
    sendFile(input, sources[input.dataset.upload], uploads, edited);
  }));
  byId("period-add").addEventListener("click", () => { byId("periods").append(periodRow()); edited(); });
  form.addEventListener("change", (event) => {
    if (event.target.name === "hours" && event.target.value === "own" && !byId("periods").children.length) usualPeriods().forEach((period) => byId("periods").append(periodRow(period)));
    if (event.target.name === "hours") edited();
  });
  return { write, read, faults, goToFault, show, name: (sites) => { labels = sites; if (study) writeEdits(); } };
}

/** Six parts of the week to begin from. */
function usualPeriods() {
  const kinds = [["workday", _("工作日")], ["free", _("周末和假日")]], parts = [["08:00-16:00", 8, 16], ["16:00-24:00", 16, 24], ["00:00-08:00", 0, 8]];
  return kinds.flatMap(([days, words], i) => parts.map(([hours, from, to], j) => ({ id: `part-${3 * i + j + 1}`, title_zh: say(_("{days} {from} 到 {to} 时"), { days: words, from, to }), days, hours })));
}

/** One rescue circle to choose, with its rule; where it comes from is shown on demand. */
function circleChoice(circle) {
  const own = circle.name === "own";
  const radio = element("input", { type: "radio", name: "circle", value: circle.name });
  const rule = own ? _("自己定一个") : inLanguage(circle, "words").replace(/^[^:：]*[:：]\s*/, "");
  const label = element("label", { class: "row" }, radio, element("span", {}, element("b", {}, own ? "" : circle.name, " "), rule));
  return element("div", { class: "choice" }, label, own ? "" : term(_("出处"), circle.source));
}

/** Least and most by town: a line for each that is named; a name twice counts as it stands last. */
function townTable(table, towns, changed) {
  const body = element("tbody");
  refill(byId("town-names"), ...towns.map((value) => element("option", { value })));
  refill(table, element("thead", {}, element("tr", {}, ...[_("镇街"), _("最少"), _("最多"), ""].map((words) => element("th", { scope: words && "col" }, words)))), body);

  function add(name = "", limit = {}) {
    const field = (which, value, more) => { const made = element("input", { "data-which": which, autocomplete: "off", ...more }); made.value = value === null || value === undefined ? "" : value; return made; };
    const count = (which, words) => field(which, limit[which], { type: "number", min: 0, step: 1, "aria-label": words });
    const drop = element("button", { type: "button", class: "plain", "aria-label": _("去掉这个镇街") }, "✕");
    const row = element("tr", {}, element("td", {}, field("name", name, { list: "town-names", class: "town", "aria-label": _("镇街") })),
      element("td", {}, count("minimum", _("最少"))), element("td", {}, count("maximum", _("最多"))), element("td", {}, drop));
    drop.addEventListener("click", () => { row.remove(); settle(); changed(); });
    body.append(row);
    settle();
    return row;
  }

  function settle() { table.hidden = !body.children.length; }

  function read() {
    const limits = {};
    [...body.children].forEach((row) => {
      const value = (which) => row.querySelector(`[data-which=${which}]`).value.trim();
      const limit = Object.fromEntries(["minimum", "maximum"].filter((which) => value(which) !== "").map((which) => [which, Number(value(which))]));
      if (value("name") && Object.keys(limit).length) limits[value("name")] = { minimum: 0, ...limit };
    });
    return limits;
  }

  byId("town-add").addEventListener("click", () => add().querySelector("input").focus());
  return { read, write: (limits) => { refill(body); Object.entries(limits).forEach(([name, limit]) => add(name, limit)); settle(); } };
}

/** A table of least and most for each kind of venue; a box says whether any may stand there at all. */
function limitTable(table, kinds) {
  const rows = kinds.map((kind) => {
    const words = inLanguage(kind), id = `${table.id}-${kind.id}`;
    const box = (which, label) => element("input", { type: "number", min: 0, step: 1, "data-which": which, "aria-label": `${words} ${label}` });
    const use = element("input", { type: "checkbox", id, "aria-label": say(_("{kind}：可以放"), { kind: words }) });
    const name = element("label", { for: id }, words);
    const row = element("tr", { "data-key": `plan.quotas.${kind.id}` },
      element("th", { scope: "row" }, element("span", { class: "allow" }, use, name)), element("td", {}, box("minimum", _("最少"))), element("td", {}, box("maximum", _("最多"))));
    row.kind = kind.id;
    return row;
  });
  refill(table, element("thead", {}, element("tr", {}, ...[_("类别"), _("最少"), _("最多")].map((words) => element("th", { scope: "col" }, words)))), element("tbody", {}, ...rows));
  const part = (row, which) => row.querySelector(`[data-which=${which}]`);

  function write(quotas, counts) {
    rows.forEach((row) => {
      const limit = quotas[row.kind] || {}, none = limit.maximum === 0;
      row.hidden = Boolean(counts) && !counts[row.kind] && !quotas[row.kind];
      row.querySelector("[type=checkbox]").checked = !none;
      part(row, "minimum").value = limit.minimum || "";
      part(row, "maximum").value = none || limit.maximum === undefined || limit.maximum === null ? "" : limit.maximum;
    });
    settle();
  }

  function settle() {
    rows.forEach((row) => {
      const off = !row.querySelector("[type=checkbox]").checked;
      row.classList.toggle("off", off);
      ["minimum", "maximum"].forEach((which) => { part(row, which).readOnly = off; });
    });
  }

  function read() {
    const quotas = {};
    rows.forEach((row) => {
      const value = (which) => (part(row, which).value === "" ? null : Number(part(row, which).value));
      const off = !row.querySelector("[type=checkbox]").checked, limit = {};
      if (off) { quotas[row.kind] = { minimum: 0, maximum: 0 }; return; }
      if (value("minimum")) limit.minimum = value("minimum");
      if (value("maximum") !== null) limit.maximum = value("maximum");
      if (Object.keys(limit).length) quotas[row.kind] = { minimum: 0, ...limit };
    });
    return quotas;
  }

  table.addEventListener("change", settle);
  return { write, read };
}
