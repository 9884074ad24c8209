"use strict";
// What was found, below the map: the finding in one sentence, the curve, losses by cause, tables, downloads.

/** The finding as the title of the map, with the rule, the hours and the date below it. */
function showFinding(results, run) {
  const devices = results.sites.filter((site) => site.role === "proposed").length;
  byId("map-title").textContent = say(_("{n} 台新设备：覆盖 {share}，上界 {bound}"), { n: devices, share: percent(results.share), bound: percent(results.bound / results.total) });
  const parts = [inLanguage(results.circle, "words"), inLanguage(results.hours, "words"), when(run.ended_at || run.started_at).slice(0, 10), results.synthetic ? _("合成数据，非真实地点") : ""];
  byId("map-rule").textContent = parts.filter(Boolean).join(" · ");
}

/** How sure the finding is, what was there before, and every word of it explained on demand. */
function findingPanel(results) {
  const standing = results.sites.filter((site) => site.role === "standing").length;
  return element("div", { class: "finding" }, element("h2", { class: "unseen" }, _("结果")),
    element("p", {}, say(_("只靠已设的 {n} 台是 {before}。"), { n: standing, before: percent(results.before / results.total) }), " ", proof(results.status), " ", gapWords(results)),
    element("p", { class: "terms" }, term(_("覆盖"), _("点位开着门、设备能用、在救护圈里赶得到的需求占全部需求的份额。")),
      term(_("上界"), _("已证明任何同样条件的方案都不会超过的数。")), term(_("差距"), _("1 减去覆盖除以上界：这个方案离最好的可能还有多远。")),
      term(_("需求"), say(_("{basis}；共 {total}。"), { basis: basisWords(results.basis), total: `${figure(results.total)} ${inUnit(results.basis)}` })),
      term(_("救护圈"), _("救护圈是写明的规则：从哪里走到哪里、步速、单程还是往返；没有统一的国家定义，所以每张图都写上用的是哪一种。"))),
    ...results.warnings.map((warning) => element("p", { class: "unsure" }, inLanguage(warning, "words"))));
}

function basisWords(basis) {
  if (!basis.includes("arrests")) return basis;
  const rate = (basis.match(/([\d.]+) per 100,000/) || [])[1];
  return rate ? say(_("每年预计的心脏骤停，按每 10 万人 {rate} 例推算"), { rate }) : _("每年预计的心脏骤停");
}

function gapWords(results) {
  const left = Math.max(0, results.bound - results.value) / results.total;
  if (left < 5e-5) return "";
  return say(_("差距 {gap}：再好的方案最多再多覆盖 {points}。"), { gap: percent(results.gap, 2), points: points(left) });
}

/** The same plan by several circles, so that nobody sees only the kindest figure. */
function circlesPanel(results) {
  const row = (one) => element("li", { class: one.name === results.circle.name ? "own" : "" },
    element("span", { class: "what" }, element("b", {}, one.name), " ", inLanguage(one, "words").replace(/^[^:：]*[:：]\s*/, "")),
    bar(one.share_before, one.share), element("b", { class: "much" }, percent(one.share)));
  return panel("circles", _("换一种救护圈来量"), element("ul", { class: "bars" }, ...results.circles.map(row)),
    element("p", { class: "quiet" }, element("i", { class: "box before" }), _("已设"), " ", element("i", { class: "box after" }), _("新设备加上的")));
}

/** One bar from 0 to 100 %: what stands already, and what the plan adds. */
function bar(before, after, kind = "after") {
  const part = (low, high, name) => svgMade("rect", { class: name, x: (100 * low).toFixed(2), y: 0, width: (100 * Math.max(high - low, 0)).toFixed(2), height: 10 });
  return svgMade("svg", { class: "bar-line", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
    part(0, 1, "ground"), part(before, after, kind), part(0, before, "before"));
}

/** Why demand is not covered: each piece is counted at the first cause that takes it away. */
function lossesPanel(results, worth) {
  const losses = (worth && worth.causes) || results.losses;
  const row = (one) => element("li", {}, element("span", { class: "what" }, inLanguage(one)), bar(0, one.share, one.cause === "kept" ? "after" : "lost"), element("b", { class: "much" }, percent(one.share)));
  return panel("losses", _("没覆盖的需求去了哪里"), element("ul", { class: "bars" }, ...losses.map(row)),
    element("p", { class: "quiet" }, term(_("怎么数"), _("每一份需求按次序过一遍这些原因，算在第一个挡住它的原因上，所以加起来是 100%。"))));
}

function panel(id, words, ...inner) {
  return element("section", { class: "panel", "aria-labelledby": `panel-${id}` }, element("h3", { id: `panel-${id}` }, words), ...inner);
}

/** The new sites in order; with `worth` of a changed plan, its gains and losses. */
function sitesTable(view, results, worth, does) {
  const unit = inUnit(results.basis), largest = Math.max(...view.plan.map((site, i) => gainOf(site, i) || 0), 0);
  function gainOf(site, i) { return worth ? worth.gains[i] : site.gain; }
  function lossOf(site, i) { return worth ? worth.losses[i] : site.worth; }
  const columns = [{ words: _("次序"), heads: true, number: true }, { words: _("点位、类别、镇街"), kind: "long" }, { words: say(_("新增（约，{unit}）"), { unit }), number: true },
    { words: say(_("失效时丢掉（约，{unit}）"), { unit }), number: true }, { words: _("开放") }, { words: _("操作") }];
  const shown = (value) => (value === null || value === undefined ? "—" : figure(value, largest));
  const rows = view.plan.map((site, i) => ({ attributes: { "data-site": site.key, class: site.changed && "changed" }, cells: [String(site.order), nameCell(site, results, does), shown(gainOf(site, i)), shown(lossOf(site, i)),
    hoursWords(site.hours), element("span", { class: "deeds" }, ...siteDeeds(site, does, true))] }));
  const sum = view.plan.reduce((all, site, i) => all + (gainOf(site, i) || 0), 0);
  return tableOf(_("新设备，按先后"), columns, rows, [_("合计"), say(_("{n} 台"), { n: view.plan.length }), figure(sum, largest), "", "", ""]);
}

function nameCell(site, results, does) {
  const button = element("button", { type: "button", class: "plain name" }, named(site.label));
  button.addEventListener("click", () => does.show(site));
  return element("span", {}, button, site.pinned ? element("span", { class: "tag" }, _("已固定")) : "", site.moved ? element("span", { class: "tag" }, _("移过")) : "", site.added ? element("span", { class: "tag" }, _("新加")) : "",
    element("span", { class: "what-kind quiet" }, kindWords(site, results), site.town ? " · " : "", named(site.town || "")));
}

/** What may be done with a site, as buttons. */
function siteDeeds(site, does, short = false) {
  if (!does.draft) return [];
  const draft = does.draft;
  const deed = (words, act, pressed = null) => {
    const button = element("button", { type: "button", class: "second narrow small", "aria-label": `${words} ${site.label}`, "aria-pressed": pressed }, words);
    button.addEventListener("click", () => {
      const onMap = button.closest(".leaflet-popup");
      does.map.map.closePopup();
      act();
      if (onMap) does.map.focus(site.key);
    });
    return button;
  };
  if (site.role === "candidate") {
    const barred = does.view().forbidden.has(site.id);
    return [deed(_("放进方案"), () => draft.use(site.id)), deed(barred ? _("解除禁用") : _("禁用"), () => draft.forbid(site.id))];
  }
  if (site.role !== "proposed") return [];
  const deeds = [deed(site.pinned ? _("不固定") : _("固定"), () => draft.pin(site.key)), deed(_("拿掉"), () => draft.drop(site.key))];
  if (short) return deeds;
  if (site.id && !site.moved) deeds.push(deed(_("禁用"), () => draft.forbid(site.id)));
  deeds.push(deed(_("移动"), () => does.map.steer(site)));
  return deeds;
}

function kindWords(site, results) {
  const known = results.sites.find((one) => one.kind === site.kind);
  return known ? inLanguage(known, "kind") : site.kind;
}

function hoursWords(hours) { return !hours ? _("未知") : hours === "24/7" ? _("全天") : hours; }

/** What a site is, in a small card on the map. */
function siteCard(site, results, worth, does) {
  const unit = inUnit(results.basis), index = site.role === "proposed" ? site.order - 1 : -1, facts = [];
  const gain = index >= 0 ? (worth ? worth.gains[index] : site.gain) : null, loss = index >= 0 && worth ? worth.losses[index] : site.worth;
  facts.push({ proposed: say(_("第 {order} 台"), { order: site.order }), standing: _("已设设备"), "moved away": _("已设设备，方案里移走"), candidate: _("候选点位") }[site.role]);
  facts.push(element("span", {}, kindWords(site, results), site.town ? " · " : "", named(site.town || "")), say(_("开放：{hours}"), { hours: hoursWords(site.hours) }));
  if (gain !== null && gain !== undefined) facts.push(say(_("新增约 {amount} {unit}"), { amount: figure(gain), unit }));
  if (loss !== null && loss !== undefined) facts.push(say(_("失效时丢掉约 {amount} {unit}"), { amount: figure(loss), unit }));
  return element("div", { class: "place" }, element("b", {}, named(site.label)), ...facts.map((words) => element("span", {}, words)), element("div", { class: "deeds" }, ...siteDeeds(site, does)));
}

/** How many devices stand and are new by kind of venue, beside what was asked for; kinds with a quota first. */
function kindsTable(view, results) {
  const quotas = new Map(results.quotas.map((one) => [one.kind, one])), words = new Map(results.sites.map((site) => [site.kind, inLanguage(site, "kind")]));
  const count = (sites, kind) => sites.filter((site) => site.kind === kind && !site.away).length;
  const kinds = [...new Set([...quotas.keys(), ...view.plan.map((site) => site.kind), ...view.standing.map((site) => site.kind)])];
  const rows = kinds.map((kind) => ({ kind, asked: quotas.get(kind), standing: count(view.standing, kind), fresh: count(view.plan, kind) }));
  rows.sort((a, b) => Boolean(b.asked) - Boolean(a.asked) || b.fresh - a.fresh || b.standing - a.standing);
  const columns = [{ words: _("类别"), heads: true }, { words: _("已设（台）"), number: true }, { words: _("新设备（台）"), number: true }, ...(quotas.size ? [{ words: _("配额（新设备）") }] : [])];
  const cells = (row) => [words.get(row.kind) || inLanguage(row.asked, "kind"), String(row.standing), String(row.fresh), ...(quotas.size ? [row.asked ? quotaWords(row.asked, row.fresh) : "—"] : [])];
  const sum = (key) => String(rows.reduce((all, row) => all + row[key], 0));
  return tableOf(_("设备，按类别"), columns, rows.map(cells), [_("合计"), sum("standing"), sum("fresh"), ...(quotas.size ? [""] : [])]);
}

/** How many new devices towns get, beside what was asked for; nothing where nothing was. */
function townQuotasTable(results, worth) {
  const rows = (worth ? worth.quotas_by : results.quotas_by).map((one) => [named(one.name), String(one.new), quotaWords(one, one.new)]);
  const columns = [{ words: _("镇街"), heads: true }, { words: _("新设备（台）"), number: true }, { words: _("配额（新设备）") }];
  return rows.length ? tableOf(_("镇街配额"), columns, rows) : "";
}

/** A quota, and whether so many devices keep it: icon and word. */
function quotaWords({ minimum, maximum }, have) {
  const kept_ = have >= minimum && (maximum === null || have <= maximum);
  const asked = [minimum ? say(_("至少 {n} 台"), { n: minimum }) : "", maximum === null ? "" : maximum ? say(_("最多 {n} 台"), { n: maximum }) : _("不放")].filter(Boolean);
  return element("span", { class: kept_ ? "" : "unsure" }, `${kept_ ? "✓" : "!"} ${asked.join(english ? ", " : "，") || _("不限")}${kept_ ? "" : _("，没有满足")}`);
}

/** Towns or parts of the week: how much of each is covered; the worst first, for that is where something is to be done. */
function groupsTable(rows, worth, words, unit) {
  const now = new Map((worth || []).map((row) => [row.id, row]));
  const before = rows.some((row) => row.share_before !== null);
  const columns = [{ words, heads: true }, { words: say(_("需求（约，{unit}）"), { unit }), number: true }, ...(before ? [{ words: _("原来（%）"), number: true }] : []), { words: _("覆盖（%）"), number: true }, ...(worth ? [{ words: _("改动（个百分点）"), number: true }] : []), { words: "" }];
  const cells = (row) => {
    const share = now.has(row.id) ? now.get(row.id).share : row.share, change = now.has(row.id) ? now.get(row.id).change : 0;
    return [named(inLanguage(row)), figure(row.demand), ...(before ? [row.share_before === null ? "—" : (100 * row.share_before).toFixed(1)] : []), (100 * share).toFixed(1), ...(worth ? [Math.abs(change) < 5e-6 ? "±0" : (100 * change).toFixed(2).replace("-", "−")] : []), bar(row.share_before || 0, Math.max(share, row.share_before || 0))];
  };
  return tableOf(words, columns, rows.map((row) => ({ cells: cells(row) })));
}

const FILE_WORDS = {
  "report.html": _("报告（网页）"), "report.docx": _("报告（Word）"), "map.html": _("地图（网页）"), "plan.xlsx": _("表格（Excel）"), "plan.gpkg": _("GIS 图层（GeoPackage）"),
  "plan.geojson": _("点位（GeoJSON）"), "summary.json": _("全部数字（JSON）"), "scenario.toml": _("设置（可用命令行再算）"), "certificate.npz": _("上界的证书（aedplan verify 验算）"),
};

/** Everything the command line writes, to take away. */
function filesPanel(run) {
  const known = run.files.filter((file) => FILE_WORDS[file.name]), order = Object.keys(FILE_WORDS);
  known.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  return panel("files", _("带走"), element("ul", { class: "files" }, ...known.map((file) => element("li", {}, element("a", { href: `${API}/runs/${run.id}/files/${file.name}`, download: file.name }, FILE_WORDS[file.name]), " ", element("span", { class: "quiet" }, size(file.size))))));
}

function size(bytes) { return bytes < 1e6 ? say(_("{n} kB"), { n: whole(Math.max(1, bytes / 1e3)) }) : say(_("{n} MB"), { n: (bytes / 1e6).toFixed(1) }); }
