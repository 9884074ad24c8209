"use strict";
/* The desk of a study. What is open stands in the address: ?run= the run, ?panel=runs the list of runs, ?by= the table.
   Everything that changes goes through the JSON API; this file joins form, map, draft, findings and runs. */

(async () => {
  const id = byId("desk").dataset.study;
  const desk = { study: null, choices: null, runs: [], run: null, results: null, places: null, draft: null, worth: null, form: null, map: null, trace: [], picked: new Set(), stopWatching: () => {} };
  const query = () => new URLSearchParams(location.search);
  let reachTimer = 0, checkTimer = 0, dirty = false;

  function go(change, replace = false) {
    const now = query(), next = { run: now.get("run"), panel: now.get("panel"), by: now.get("by"), ...change };
    history[replace ? "replaceState" : "pushState"](null, "", address(location.pathname, next));
  }

  // --- the study and its settings

  async function load() {
    let uploads;
    [desk.study, desk.choices, desk.runs, uploads] = await Promise.all([ask("GET", `${API}/studies/${id}`), ask("GET", `${API}/studies/choices`),
      ask("GET", `${API}/runs?study=${id}`), ask("GET", `${API}/studies/files`).catch(() => [])]);
    desk.form = settingsForm(desk.choices, uploads, edited);
    showStudy();
  }

  function showStudy() {
    const { study } = desk;
    refill(byId("title"), named(inLanguage(study, "title")));
    document.title = inLanguage(study, "title");
    desk.form.write(study.settings, study);
    desk.form.faults(study.faults);
    byId("not-mine").hidden = study.may_change;
    byId("not-mine").textContent = say(_("这是 {owner} 的研究，只能看；复制一份就可以改。"), { owner: study.owner });
    byId("rename").hidden = !study.may_change;
    byId("elsewhere").hidden = true;
    clean(true);
  }

  function clean(saved) {
    dirty = !saved;
    byId("save").disabled = saved || !desk.study.may_change;
    byId("saved").textContent = saved ? say(_("已保存，第 {n} 版"), { n: desk.study.version }) : _("有改动，还没保存");
  }

  function edited(settings) {
    clean(false);
    clearTimeout(checkTimer);
    checkTimer = setTimeout(async () => {
      try { desk.form.faults((await ask("POST", `${API}/studies/${id}/check`, { settings })).faults); } catch (fault) { /* told when it is saved */ }
    }, 400);
  }

  /** Keep the settings; true when they are kept. Somebody else's newer version is not written over. */
  async function save(settings = desk.form.read()) {
    try {
      desk.study = await ask("PUT", `${API}/studies/${id}`, { version: desk.study.version, settings });
    } catch (fault) {
      if (fault.status === 409) byId("elsewhere").hidden = false;
      tell(fault.message, true);
      return false;
    }
    desk.form.write(desk.study.settings, desk.study);
    desk.form.faults(desk.study.faults);
    clean(true);
    return true;
  }

  async function compute(settings) {
    const button = byId("compute");
    button.disabled = true;
    tell("");
    try {
      if ((settings || dirty) && !await save(settings)) return;
      if (desk.study.faults.length) { tell(_("设置里还有不能用的地方，改好后再算。"), true); desk.form.goToFault(); return; }
      const run = await ask("POST", `${API}/studies/${id}/runs`, { version: desk.study.version });
      desk.runs.unshift(run);
      open(run);
      byId("map-title").scrollIntoView({ block: "nearest" });
    } catch (fault) {
      tell(fault.message, true);
    } finally {
      button.disabled = !desk.study.may_change;
    }
  }

  // --- runs

  function open(run, push = true) {
    if (push) go({ run: run.id });
    desk.stopWatching();
    Object.assign(desk, { run, results: null, places: null, draft: null, worth: null, trace: [] });
    listRuns();
    if (isActive(run)) watch(run.id); else if (run.has_plan) show(run); else showNothing(run);
  }

  function watch(runId) {
    refill(byId("results"));
    byId("draft").hidden = true;
    noFinding();
    drawnMap(null).then((map) => { if (!desk.results) map.clear(); }, () => {});
    let told = "";
    desk.stopWatching = watchRun(runId, (run) => {
      remember(run);
      if (run.so_far && (!desk.trace.length || run.so_far.seconds > desk.trace[desk.trace.length - 1].seconds)) desk.trace.push(run.so_far);
      if (!isActive(run)) { byId("progress").hidden = true; listRuns(); ended(run); return; }
      const focused = document.activeElement && document.activeElement.id === "stop", words = run.stage ? inLanguage(run.stage) : inLanguage(run, "state");
      byId("progress").hidden = false;
      refill(byId("progress"), ...progressPanel(run, desk.trace, stop));
      if (focused && byId("stop")) byId("stop").focus();
      if (words !== told) tell(told = words);
      listRuns();
    });
  }

  function noFinding() {
    adding(false);
    ["add", "undo", "redo"].forEach((tool) => { byId(tool).disabled = true; });
    byId("map-title").textContent = _("地图");
    byId("map-rule").textContent = "";
    refill(byId("legend"));
  }

  function ended(run) {
    tell(run.figures ? finding(run.figures) : inLanguage(run, "state"), run.state === "failed");
    if (run.has_plan) show(run); else showNothing(run);
  }

  function remember(run) {
    desk.run = run;
    const at = desk.runs.findIndex((one) => one.id === run.id);
    if (at < 0) desk.runs.unshift(run); else desk.runs[at] = run;
  }

  function stop(button) { attempt(async () => remember(await ask("POST", `${API}/runs/${desk.run.id}/stop`)), button); }

  function listRuns() {
    byId("tab-runs").textContent = say(_("计算记录（{n}）"), { n: desk.runs.length });
    showRuns(byId("runs"), desk.runs, desk.run, desk.picked, { open, again, remove, picked });
    byId("compare").disabled = desk.picked.size < 2;
  }

  function picked(run, on) {
    if (on) desk.picked.add(run.id); else desk.picked.delete(run.id);
    if (desk.picked.size > LETTERS.length) { desk.picked.delete(run.id); tell(_("一次最多比较四个。"), true); }
    listRuns();
  }

  function again(run, button) { attempt(async () => open(await ask("POST", `${API}/runs/${run.id}/again`)), button); }

  async function remove(run, button) {
    if (!await confirmed(_("删除这次计算和它的文件？删掉就没有了。"), _("删除"))) return;
    await attempt(async () => {
      await ask("DELETE", `${API}/runs/${run.id}`);
      desk.runs = desk.runs.filter((one) => one.id !== run.id);
      desk.picked.delete(run.id);
      if (desk.run && desk.run.id === run.id) { desk.run = null; start(false); } else listRuns();
    }, button);
  }

  async function publish(button) {
    const words = say(_("把这个方案发布出去？公众看到的地图和报告会换成它（覆盖 {share}）；旧的保留，可以换回。"), { share: percent(desk.run.figures.share) });
    if (!await confirmed(words, _("发布"))) return;
    await attempt(async () => {
      remember(await ask("POST", `${API}/runs/${desk.run.id}/publish`));
      tell(_("已发布。公众页面现在用这个方案。"));
      desk.runs = await ask("GET", `${API}/runs?study=${id}`);
      listRuns();
      showResults();
    }, button);
  }

  // --- map and findings

  async function drawnMap(bounds) {
    if (!desk.map) {
      desk.map = planMap(byId("map"), bounds, {
        open: (site) => siteCard(site, desk.results, desk.worth, does), moved: (site, lon, lat) => desk.draft.move(site.key, lon, lat), placed,
      });
    }
    return desk.map;
  }

  async function show(run) {
    const asked = run.id;
    refill(byId("results"), element("p", { class: "quiet" }, _("正在打开结果…")));
    drawnMap(null).catch(() => {});
    const read = await attempt(() => Promise.all([ask("GET", `${API}/runs/${asked}/results`), ask("GET", `${API}/runs/${asked}/demand`)]));
    if (!read || desk.run.id !== asked) return;
    [desk.results, desk.places] = read;
    desk.form.name(Object.fromEntries(desk.results.sites.map((site) => [site.id, site.label])));
    does.map = await drawnMap(desk.results.bounds).catch((fault) => { tell(fault.message, true); return null; });
    showFinding(desk.results, run);
    if (does.map) {
      planLegend(byId("legend"), does.map, desk.results.circle);
      does.map.demand(desk.places);
      reach(null);
    }
    desk.draft = makeDraft(asked, desk.results, drafted);
    does.draft = desk.results.can_draft ? desk.draft : null;
    byId("add").disabled = !does.draft;
    drafted(desk.draft, null);
    if (does.map) does.map.fit();
    if (desk.draft.changed()) desk.draft.value().catch((fault) => tell(fault.message, true));
  }

  async function showNothing(run) {
    desk.results = desk.draft = does.draft = null;
    ["draft", "progress"].forEach((part) => { byId(part).hidden = true; });
    noFinding();
    const words = run ? [runBadge(run), runFault(run)] : [element("p", { class: "lead" }, _("还没有计算过。选好左边的设置，按“计算”。"))];
    const deeds = [];
    if (run && run.may_start_again) {
      const button = element("button", { type: "button", class: "plan narrow" }, _("再算一次"));
      button.addEventListener("click", () => again(run, button));
      deeds.push(button);
    }
    refill(byId("results"), element("section", { class: "panel" }, ...words, element("div", { class: "actions" }, ...deeds)));
    const map = await drawnMap(null).catch((fault) => { tell(fault.message, true); return null; });
    if (map && !desk.results) map.clear();
  }

  /** Streets reached: of the run, or of a changed plan once it has been quiet for a moment. */
  function reach(draft) {
    clearTimeout(reachTimer);
    const asked = desk.run.id;
    reachTimer = setTimeout(async () => {
      const address = `${API}/runs/${asked}/reach`;
      const read = await (draft ? ask("POST", address, draft.body()) : ask("GET", address)).catch(() => null);
      if (read && desk.run.id === asked && (!draft || draft === desk.draft)) does.map.reach(read);
    }, draft ? 600 : 0);
  }

  /** A step of the draft: called at once without a value, and again when the service has said what it is worth. */
  function drafted(draft, worth) {
    if (desk.draft && draft !== desk.draft) return;
    desk.worth = worth;
    byId("undo").disabled = !draft.steps;
    byId("redo").disabled = !draft.ahead;
    if (does.map) {
      does.map.sites(draft.view());
      const covered = desk.places.covered.slice();
      if (worth) worth.changed.point.forEach((point, i) => { covered[point] = worth.changed.covered[i]; });
      does.map.cover(covered);
      if (worth || !draft.placed()) reach(draft.placed() ? draft : null);
    }
    showDraft(draft, worth);
    showResults();
  }

  function showDraft(draft, worth) {
    const box = byId("draft");
    box.hidden = !draft.changed();
    if (box.hidden) return;
    const waiting = draft.placed() && !worth;
    box.classList.toggle("waiting", waiting);
    if (waiting) return;
    const solve = element("button", { type: "button", class: "plan narrow", id: "solve-again", disabled: !desk.study.may_change }, _("按这些再算"));
    const drop = element("button", { type: "button", class: "second narrow", id: "restore" }, _("全部还原"));
    solve.addEventListener("click", () => compute(draft.into(desk.form.read())));
    drop.addEventListener("click", () => draft.clear());
    refill(box, element("div", { role: "status" }, ...draftWords(draft, worth, desk.results)), element("div", { class: "actions" }, solve, drop));
    box.dataset.milliseconds = worth ? worth.milliseconds : 0;
  }

  const does = { map: null, draft: null, view: () => desk.draft.view(), show: (site) => does.map && does.map.point(site.key) };

  function showResults() {
    const { results, worth, draft, run } = desk, kept = document.activeElement && document.activeElement.getAttribute("aria-label");
    refill(byId("results"), findingPanel(results), publishPanel(run),
      panel("curve", _("每多一台，覆盖多多少"), planCurve(results.curve, (n) => does.map && does.map.first(n === results.curve[results.curve.length - 1].devices ? Infinity : n))),
      circlesPanel(results), tablesPanel(results, worth, draft), lossesPanel(results, worth), filesPanel(run));
    if (kept) { const again = [...byId("results").querySelectorAll("[aria-label]")].find((one) => one.getAttribute("aria-label") === kept); if (again) again.focus(); }
  }

  function publishPanel(run) {
    const parts = [];
    if (run.served) parts.push(element("span", { class: "tag" }, _("现在发布的")));
    else if (run.may_change) {
      const button = element("button", { type: "button", class: "second narrow", id: "publish" }, _("发布这个方案"));
      button.addEventListener("click", () => publish(button));
      parts.push(button);
    }
    if (run.version !== desk.study.version) parts.push(element("span", { class: "quiet" }, say(_("按第 {n} 版设置算的；设置后来改过。"), { n: run.version })));
    return parts.length ? element("div", { class: "actions published" }, ...parts) : null;
  }

  function tablesPanel(results, worth, draft) {
    const now = query().get("by") || "sites", unit = inUnit(results.basis);
    const tables = { sites: [_("点位"), () => sitesTable(draft.view(), results, worth, does)], towns: [_("镇街"), () => element("div", {}, groupsTable(results.towns, worth && worth.towns, _("镇街"), unit), townQuotasTable(results, worth))],
      periods: [_("时段"), () => groupsTable(results.periods, worth && worth.periods, _("时段"), unit)], kinds: [_("类别"), () => kindsTable(draft.view(), results)] };
    const body = element("div", { role: "tabpanel", id: "table-body", "aria-labelledby": `table-${now}` }, (tables[now] || tables.sites)[1]());
    const tabs = Object.entries(tables).filter(([by]) => by === "sites" || by === "kinds" || results[by].length).map(([by, [words]]) => element("button", { type: "button", role: "tab", id: `table-${by}`, "aria-controls": "table-body", "aria-selected": String(by === now), tabindex: by === now ? null : "-1" }, words));
    const list = element("div", { class: "tabs", role: "tablist", "aria-label": _("表格") }, ...tabs);
    tabKeys(list, (tab) => { go({ by: tab.id.replace("table-", "") }, true); showResults(); byId(tab.id).focus(); });
    return element("section", { class: "panel wide", "aria-label": _("表格") }, list, body);
  }

  // --- adding sites

  function placed(lon, lat) {
    if (byId("add").getAttribute("aria-pressed") !== "true" || !does.draft) return;
    does.draft.add(lon, lat);
  }

  function adding(on) {
    byId("add").setAttribute("aria-pressed", String(on));
    byId("adding").hidden = !on;
    byId("map").classList.toggle("placing", on);
    if (!does.map) return;
    const box = byId("legend").querySelector("[data-layer=candidates]");
    if (box && box.checked !== on) box.click();
    if (on) byId("candidate").focus();
  }

  function findCandidates() {
    if (!desk.draft) return;
    const wanted = byId("candidate").value.trim().toLowerCase(), barred = desk.draft.view();
    const found = wanted ? barred.candidates.filter((site) => site.label.toLowerCase().includes(wanted)).slice(0, 8) : [];
    refill(byId("found"), ...found.map((site) => {
      const use = element("button", { type: "button", class: "second narrow small", "aria-label": `${_("放进方案")} ${site.label}` }, _("放进方案"));
      use.addEventListener("click", () => { desk.draft.use(site.id); findCandidates(); byId("candidate").focus(); });
      return element("li", {}, element("span", {}, named(site.label), " ", element("span", { class: "quiet" }, kindWords(site, desk.results))), use);
    }));
    if (wanted && !found.length) byId("found").append(element("li", { class: "quiet" }, _("没有这个名字的候选点位。")));
  }

  // --- wiring

  function showPanel(name) {
    ["settings", "runs"].forEach((one) => {
      const on = one === name;
      byId(`panel-${one}`).hidden = !on;
      byId(`tab-${one}`).setAttribute("aria-selected", String(on));
      byId(`tab-${one}`).tabIndex = on ? 0 : -1;
    });
  }

  /** Open what the address names; else the newest run that has a plan or is running. */
  function start(push) {
    const wanted = query().get("run"), run = desk.runs.find((one) => one.id === wanted) || (wanted ? null : desk.runs.find((one) => one.has_plan || isActive(one)) || desk.runs[0]);
    showPanel(query().get("panel") === "runs" ? "runs" : "settings");
    if (wanted && !run) tell(_("这次计算不在了，可能已被删除。"), true);
    if (run) open(run, push); else { listRuns(); showNothing(null); }
  }

  tabKeys(document.querySelector(".controls .tabs"), (tab) => {
    const name = tab.id.replace("tab-", "");
    go({ panel: name === "runs" ? "runs" : null }, true);
    showPanel(name);
    tab.focus();
  });
  byId("settings").addEventListener("submit", (event) => { event.preventDefault(); compute(); });
  byId("save").addEventListener("click", async () => { if (await save()) tell(_("已保存。")); });
  byId("undo").addEventListener("click", () => desk.draft.back());
  byId("redo").addEventListener("click", () => desk.draft.forth());
  byId("add").addEventListener("click", () => adding(byId("adding").hidden));
  byId("add-centre").addEventListener("click", () => { const at = does.map.map.getCenter(); does.draft.add(at.lng, at.lat); });
  byId("candidate").addEventListener("input", findCandidates);
  byId("compare").addEventListener("click", () => { location.href = address("/plans/compare", { runs: [...desk.picked] }); });
  byId("reload").addEventListener("click", () => attempt(async () => { desk.study = await ask("GET", `${API}/studies/${id}`); showStudy(); }));
  byId("copy").addEventListener("click", () => attempt(async () => { location.href = address(`/plans/${(await ask("POST", `${API}/studies/${id}/copy`, {})).id}`); }, byId("copy")));
  byId("rename").addEventListener("click", () => editInPlace(byId("title"), inLanguage(desk.study, "title"), byId("rename"), async (words) => {
    desk.study = await ask("PUT", `${API}/studies/${id}`, { version: desk.study.version, [english && desk.study.title_en ? "title_en" : "title_zh"]: words });
    document.title = inLanguage(desk.study, "title");
    return document.title;
  }));
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || !desk.draft || event.target.closest("input, textarea, select")) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) { event.preventDefault(); desk.draft.back(); } else if (key === "y" || key === "z") { event.preventDefault(); desk.draft.forth(); }
  });
  addEventListener("popstate", () => start(false));
  addEventListener("beforeunload", (event) => { if (dirty) { event.preventDefault(); event.returnValue = ""; } });
  // Another tab may have changed the study, or started a run.
  document.addEventListener("visibilitychange", async () => {
    if (document.hidden || !desk.study) return;
    const [study, runs] = await Promise.all([ask("GET", `${API}/studies/${id}`), ask("GET", `${API}/runs?study=${id}`)]).catch(() => [null, null]);
    if (!study) return;
    desk.runs = runs;
    listRuns();
    if (study.version === desk.study.version) return;
    if (dirty) byId("elsewhere").hidden = false; else { desk.study = study; showStudy(); }
  });

  if (await attempt(async () => { await load(); return true; })) start(false);
})();
