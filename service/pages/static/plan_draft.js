"use strict";
/* A plan changed by hand: moved, added, taken out, pinned, forbidden; every step can be undone. Each step asks the service
   once what the plan is worth now; what a state was worth is remembered, so that undoing asks nothing.

   A state is {sites: [{key, id?, label, kind, lon, lat, hours, moved?, added?}], pinned: [id or key], forbidden: [id]}. */

function makeDraft(run, results, told) {
  const KEY = `draft:${run}`, proposed = results.sites.filter((site) => site.role === "proposed").sort((a, b) => a.order - b.order);
  const byKey = new Map(results.sites.map((site) => [site.id, site]));
  const start = {
    sites: proposed.map((site) => ({ key: site.id, id: site.id, label: site.label, kind: site.kind, lon: site.lon, lat: site.lat, hours: site.hours })),
    pinned: results.sites.filter((site) => site.pinned).map((site) => site.id), forbidden: [],
  };
  let past = [], state = start, future = [], asked = 0, numbered = 0;
  const worth = new Map();

  const restored = kept.read(KEY);
  if (restored && Array.isArray(restored.past) && restored.state) ({ past, state, future, numbered } = restored);

  function keep() {
    if (state === start && !future.length) kept.drop(KEY); else kept.write(KEY, { past, state, future, numbered });
  }

  function step(change) {
    past.push(state);
    state = { ...state, ...change };
    future = [];
    settle();
  }

  function back() { if (past.length) { future.push(state); state = past.pop(); settle(); } }
  function forth() { if (future.length) { past.push(state); state = future.pop(); settle(); } }
  function clear() { if (changed()) { past.push(state); future = []; state = start; settle(); } }

  /** Whether the devices of this state are not those of the run. */
  function placed() { return JSON.stringify(state.sites) !== JSON.stringify(start.sites); }
  function changed() { return JSON.stringify(state) !== JSON.stringify(start); }

  function settle() {
    keep();
    told(api, null);
    value();
  }

  /** What the state is worth: remembered, else asked for; an answer that came too late is dropped. */
  async function value() {
    const key = JSON.stringify(state.sites), mine = asked += 1;
    if (!placed()) { told(api, null); return; }
    if (!worth.has(key)) {
      const answer = await ask("POST", `${API}/runs/${run}/value`, body());
      worth.set(key, answer);
    }
    if (mine === asked) told(api, worth.get(key));
  }

  function body() {
    return { sites: state.sites.map((site) => (site.added ? { id: site.key, lon: site.lon, lat: site.lat, kind: site.kind, hours: site.hours }
      : site.moved ? { id: site.id, lon: site.lon, lat: site.lat } : { id: site.id })) };
  }

  // --- steps

  function move(key, lon, lat) {
    step({ sites: state.sites.map((site) => (site.key === key ? { ...site, lon, lat, moved: true } : site)) });
  }
  function add(lon, lat) {
    numbered += 1;
    const label = say(_("新加点位 {n}"), { n: numbered });
    step({ sites: [...state.sites, { key: `added-${run.slice(0, 6)}-${numbered}`, label, kind: "other", lon, lat, hours: "24/7", added: true }] });
  }
  function use(id) {
    const site = byKey.get(id);
    step({ sites: [...state.sites, { key: id, id, label: site.label, kind: site.kind, lon: site.lon, lat: site.lat, hours: site.hours }], forbidden: state.forbidden.filter((one) => one !== id) });
  }
  function drop(key) { step({ sites: state.sites.filter((site) => site.key !== key), pinned: state.pinned.filter((one) => one !== key) }); }
  function pin(key) { step({ pinned: state.pinned.includes(key) ? state.pinned.filter((one) => one !== key) : [...state.pinned, key] }); }
  function forbid(id) {
    if (state.forbidden.includes(id)) { step({ forbidden: state.forbidden.filter((one) => one !== id) }); return; }
    step({ sites: state.sites.filter((site) => site.key !== id), pinned: state.pinned.filter((one) => one !== id), forbidden: [...state.forbidden, id] });
  }

  // --- what is shown

  function view() {
    const chosen = new Set(state.sites.filter((site) => !site.added && !site.moved).map((site) => site.id));
    return {
      plan: state.sites.map((site, i) => {
        const known = byKey.get(site.id) || {};
        return { ...known, ...site, order: i + 1, pinned: state.pinned.includes(site.key), changed: Boolean(site.moved || site.added || !start.sites.some((one) => one.key === site.key)),
          from: site.moved ? [known.lat, known.lon] : null, role: "proposed" };
      }),
      standing: results.sites.filter((site) => site.role === "standing" || site.role === "moved away").map((site) => ({ ...site, key: site.id, away: site.role === "moved away" })),
      candidates: results.sites.filter((site) => (site.role === "candidate" || site.role === "proposed") && !chosen.has(site.id)).map((site) => ({ ...site, key: `candidate-${site.id}`, role: "candidate" })),
      forbidden: new Set(state.forbidden),
    };
  }

  /** The settings with which to solve again: pins, forbidden sites, and places put on the map by hand. */
  function into(settings) {
    const made = JSON.parse(JSON.stringify(settings)), plan = made.plan || (made.plan = {}), added = new Map((made.added || []).map((site) => [site.id, site]));
    const pins = new Set([...(plan.pin || []), ...state.pinned]), forbids = new Set([...(plan.forbid || []), ...state.forbidden]);
    start.pinned.filter((id) => !state.pinned.includes(id)).forEach((id) => pins.delete(id));
    state.sites.filter((site) => site.moved || site.added).forEach((site) => {
      const id = site.added ? site.key : `${site.id}-moved`;
      added.set(id, { id, label: site.added ? site.label : say(_("{site}（移位）"), { site: site.label }), kind: site.kind, lon: site.lon, lat: site.lat, hours: site.hours || "24/7" });
      pins.delete(site.key);
      pins.add(id);
    });
    state.sites.filter((site) => site.id && !site.moved && !start.sites.some((one) => one.key === site.key)).forEach((site) => pins.add(site.id));
    start.sites.filter((site) => !state.sites.some((one) => one.key === site.key)).forEach((site) => { pins.delete(site.id); forbids.add(site.id); });
    forbids.forEach((id) => pins.delete(id));
    [["pin", pins], ["forbid", forbids]].forEach(([key, ids]) => { if (ids.size) plan[key] = [...ids]; else delete plan[key]; });
    if (added.size) made.added = [...added.values()];
    return made;
  }

  const api = {
    move, add, use, drop, pin, forbid, back, forth, clear, view, into, body, placed, changed, value,
    get steps() { return past.length; }, get ahead() { return future.length; }, get sites() { return state.sites; },
    get edits() {
      const gone = start.sites.filter((site) => !state.sites.some((one) => one.key === site.key)).length;
      const other = state.sites.filter((site) => site.moved || site.added || !start.sites.some((one) => one.key === site.key)).length;
      const pins = state.pinned.filter((key) => !start.pinned.includes(key)).length + start.pinned.filter((key) => !state.pinned.includes(key)).length;
      return gone + other + pins + state.forbidden.filter((id) => !start.sites.some((one) => one.key === id)).length;
    },
  };
  return api;
}

/** The words below the map about a changed plan: what it is worth, what it breaks, and what to do with it. */
function draftWords(draft, worth, results) {
  const share = worth ? worth.share : results.share, change = worth ? worth.change_share : 0;
  const rows = [element("p", { class: "draft-value" }, element("b", {}, say(_("改动 {n} 处：覆盖 {share}"), { n: draft.edits, share: percent(share) })), " ",
    element("span", { class: change < -5e-7 ? "less" : "more" }, difference(change)))];
  if (worth) {
    const amount = figure(Math.abs(worth.change), Math.max(Math.abs(worth.change), 0.1)), counted = inUnit(results.basis);
    const what = Math.abs(worth.change) < 1e-9 ? "" : worth.change < 0 ? say(_("约少覆盖 {amount} {unit}。"), { amount, unit: counted }) : say(_("约多覆盖 {amount} {unit}。"), { amount, unit: counted });
    const bound = worth.bound_holds ? say(_("上界仍是 {bound}。"), { bound: percent(worth.bound_share) }) : _("有点位不在候选里或台数变了，上界要重新计算才知道。");
    rows.push(element("p", { class: "quiet" }, what, bound));
    if (worth.off_street.length) rows.push(element("p", { class: "unsure" }, say(_("有 {n} 个点位离街道太远，没有算进去。"), { n: worth.off_street.length })));
    worth.breaches.forEach((breach) => rows.push(element("p", { class: "unsure" }, inLanguage(breach))));
  }
  return rows;
}

/** The unit that demand of this basis is counted in. */
function inUnit(basis) { return basis.includes("arrests") ? _("例/年") : basis === "people" ? _("人") : basis; }
