"use strict";
// Finished runs side by side: maps that move together, figures, and what differs in what went in and what came out.

(async () => {
  const asked = new URLSearchParams(location.search).getAll("runs");
  const ROLE_WORDS = { streets: _("街道"), demand: _("需求"), standing: _("已设设备"), "standing devices": _("已设设备"), candidates: _("候选点位") };
  const letters = (runs) => runs.map((run) => ({ words: run.letter, number: true }));

  function column(run) {
    const map = element("div", { class: "planmap", role: "region", "aria-label": say(_("{letter} 的地图"), { letter: run.letter }) });
    const rest = asked.filter((one) => one !== run.run_id);
    const away = rest.length > 1 ? element("a", { href: address("/plans/compare", { runs: rest }), "aria-label": say(_("拿开 {letter}"), { letter: run.letter }) }, _("拿开")) : "";
    const figures = [[_("新设备"), say(_("{n} 台"), { n: run.devices })], [_("覆盖"), percent(run.share)], [_("上界"), percent(run.bound / run.total)], [_("原来"), percent(run.before / run.total)],
      [_("费用"), run.cost_unit === "RMB" ? say(_("{n} 元"), { n: whole(run.cost) }) : ""], ...Object.entries(run.circles).map(([name, share]) => [name, percent(share)])];
    const made = element("section", { class: "column", "aria-label": `${run.letter} ${inLanguage(run, "title")}` }, element("h2", {}, element("span", { class: "letter" }, run.letter), " ", named(inLanguage(run, "title"))),
      element("p", { class: "headline" }, say(_("覆盖 {share}，上界 {bound}"), { share: percent(run.share), bound: percent(run.bound / run.total) })), map,
      element("dl", {}, ...figures.filter(([, figure]) => figure).flatMap(([words, figure]) => [element("dt", {}, words), element("dd", {}, figure)])), element("p", {}, away));
    made.map = map;
    return made;
  }

  async function drawMaps(columns, runs) {
    const read = await Promise.all(runs.map((run) => Promise.all([ask("GET", `${API}/runs/${run.run_id}/results`), ask("GET", `${API}/runs/${run.run_id}/demand`), ask("GET", `${API}/runs/${run.run_id}/reach`)])));
    const [first] = read[0], shown = [];
    for (let i = 0; i < runs.length; i += 1) shown.push(await planMap(columns[i].map, first.bounds, { open: (site) => siteCard(site, read[i][0], null, { draft: null }) }));
    read.forEach(([results, demand, reach], i) => {
      shown[i].sites({ ...makeDraft(`compare-${runs[i].run_id}`, results, () => {}).view(), candidates: [] });
      shown[i].demand(demand);
      shown[i].reach(reach);
    });
    shown[0].fit();
    shown.slice(1).forEach((other) => other.map.setView(shown[0].map.getCenter(), shown[0].map.getZoom(), { animate: false }));
    together(shown.map((one) => one.map));
    planLegend(byId("legend"), { layer: (name, on) => shown.forEach((one) => one.layer(name, on)) }, first.circle);
    byId("legend").querySelector("[data-layer=candidates]").closest("li").remove();
  }

  /** Sites that are not in all of the plans, those that fewest have first. */
  function sitesPanel(found) {
    const held = (site) => site.orders.filter((order) => order !== null).length;
    const some = found.sites.filter((site) => held(site) < found.runs.length).sort((a, b) => held(a) - held(b) || Math.min(...a.orders.map((n) => n || 1e9)) - Math.min(...b.orders.map((n) => n || 1e9)));
    const same = found.sites.length - some.length;
    const rows = some.map((site) => [named(site.label), inLanguage(site, "kind"), ...site.orders.map((order) => (order === null ? "—" : say(_("第 {n}"), { n: String(order) })))]);
    return panel("sites", _("点位有什么不同"), element("p", { class: "quiet" }, say(_("{n} 个点位在每个方案里都有。"), { n: same })),
      rows.length ? tableOf(_("不是每个方案都有的点位"), [{ words: _("点位"), heads: true }, { words: _("类别") }, ...letters(found.runs)], rows) : "");
  }

  function sharesPanel(id, words, rows, runs) {
    if (!rows.length) return null;
    const spread = (row) => Math.max(...row.shares) - Math.min(...row.shares);
    const sorted = id === "towns" ? [...rows].sort((a, b) => spread(b) - spread(a)) : rows;
    const columns = [{ words, heads: true }, ...runs.map((run) => ({ words: english ? `${run.letter} (%)` : `${run.letter}（%）`, number: true })), { words: _("相差（个百分点）"), number: true }];
    return panel(id, words, tableOf(words, columns, sorted.map((row) => [named(inLanguage(row)), ...row.shares.map((share) => (100 * share).toFixed(1)), (100 * spread(row)).toFixed(1)])));
  }

  function settingsPanel(found) {
    const kinds = new Map(found.sites.map((site) => [site.kind, inLanguage(site, "kind")])), sites = new Map(found.sites.map((site) => [site.id, site.label]));
    const told = found.settings.filter((one) => !one.key.endsWith(".minimum") || one.values.some(Boolean));
    const rows = [...told.map((one) => [settingWords(one.key, kinds), ...one.values.map((value) => settingValue(one.key, value, sites))]), ...found.inputs.map((one) => [say(_("数据：{role}"), { role: ROLE_WORDS[one.role] || one.role }), ...one.values.map((value) => settingValue("", value))])];
    return panel("settings", _("设置有什么不同"), rows.length ? tableOf(_("设置有什么不同"), [{ words: _("设置"), heads: true }, ...found.runs.map((run) => ({ words: run.letter }))], rows) : element("p", {}, _("设置和数据都一样。")));
  }

  function settingValue(key, value, sites = new Map()) {
    if (value === null || value === undefined) return "—";
    if (["plan.target", "plan.backup", "plan.equity", "plan.gap"].includes(key)) return percent(value);
    if (Array.isArray(value)) return value.map((one) => sites.get(one) || one).join(english ? ", " : "、") || "—";
    return { exact: _("精确"), greedy: _("逐个加"), coverage: _("来得及的需求最多"), survival: _("越早到越好（存活曲线）") }[value] || (typeof value === "object" ? JSON.stringify(value) : String(value));
  }

  function settingWords(key, kinds) {
    const quota = /^plan\.quotas\.(\w+)\.(minimum|maximum)$/.exec(key);
    if (quota) return say(quota[2] === "minimum" ? _("{kind}：最少几台") : _("{kind}：最多几台"), { kind: kinds.get(quota[1]) || quota[1] });
    const by = /^plan\.quotas_by\.\w+\.(.+)\.(minimum|maximum)$/.exec(key);
    if (by) return say(by[2] === "minimum" ? _("{kind}：最少几台") : _("{kind}：最多几台"), { kind: by[1] });
    const known = { "plan.devices": _("新设备"), "plan.budget_rmb": _("经费，最多"), "plan.target": _("覆盖目标"), "circle.name": _("救护圈"), "plan.method": _("算法"), "plan.seconds": _("最多算"), "plan.backup": _("第二台的分量"), "plan.spacing_m": _("两台之间至少"), "plan.equity": _("照顾最差的镇街"), "plan.pin": _("固定"), "plan.forbid": _("禁用"), "hours.unknown": _("没写时间的候选按"),
      "plan.gap": _("差距小于多少就停"), "plan.objective": _("求什么"), "plan.curve": _("存活曲线"), "plan.move.keep": _("至少留在原处"), "plan.move.cost": _("移一台的代价"), "hours.year": _("开放时间按哪一年的日历"), norms: _("对照哪些规范"),
      "circle.minutes": _("时间"), "circle.speed": _("步速"), "circle.trips": _("单程还是往返"), "circle.measure": _("怎么量"), "circle.start_delay_s": _("起步"), "circle.vertical_delay_s": _("上下楼每程"), "circle.device_delay_s": _("到达后至首次电击") };
    return known[key] || { streets: _("街道"), demand: _("需求"), standing: _("已设设备"), candidates: _("候选点位") }[key.split(".")[0]] || key;
  }

  async function offerMore(runs) {
    const all = await ask("GET", `${API}/runs`).catch(() => []), select = byId("another");
    const others = all.filter((run) => run.has_plan && !asked.includes(run.id));
    byId("more").hidden = asked.length >= LETTERS.length || !others.length;
    refill(select, element("option", { value: "" }, _("请选择")), ...others.map((run) => element("option", { value: run.id }, `${inLanguage(run, "title")} · ${finding(run.figures)} · ${when(run.started_at)}`)));
    select.addEventListener("change", () => { if (select.value) location.href = address("/plans/compare", { runs: [...asked, select.value] }); });
    byId("more").addEventListener("submit", (event) => event.preventDefault());
    return runs;
  }

  byId("more").hidden = true;
  if (asked.length < 2) {
    byId("columns").removeAttribute("aria-busy");
    refill(byId("columns"), element("p", { class: "card" }, _("还没有选要比较的方案。打开一个研究，在“计算记录”里勾选两到四次计算。")));
    return;
  }
  const search = asked.map((run) => `runs=${encodeURIComponent(run)}`).join("&");
  const found = await attempt(() => ask("GET", `${API}/compare?${search}`));
  byId("columns").removeAttribute("aria-busy");
  if (!found) return;
  byId("title").textContent = say(_("{n} 个方案并列"), { n: found.runs.length });
  refill(byId("unlike"), ...found.unlike.map((why) => element("p", { class: "unsure" }, say(_("{why}，数字不可直接相比。"), { why: inLanguage(why) }))));
  const columns = found.runs.map(column);
  byId("columns").classList.add(`of-${columns.length}`);
  refill(byId("columns"), ...columns);
  refill(byId("differences"), settingsPanel(found), sitesPanel(found), sharesPanel("towns", _("镇街"), found.towns, found.runs), sharesPanel("periods", _("时段"), found.periods, found.runs));
  attempt(() => drawMaps(columns, found.runs));
  offerMore(found.runs);
})();
