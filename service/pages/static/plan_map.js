"use strict";
/* A plan on the map: sites in their order, what hangs already, streets reached in time, demand that is not covered.

     const shown = await planMap(box, bounds, {open, moved, placed})   // any of the three may be left out
     shown.sites(view)    // {plan, standing, candidates, forbidden}: see `draft.view` in plan_draft.js
     shown.demand(places) shown.cover(covered) shown.reach(read) shown.first(n) shown.layer(name, on) shown.point(key)
     shown.fit() shown.clear()

   Canvas for what is many, elements for what is touched; colours are read again when light turns dark. */

const NOTHING = { measure: "street", bands: [] };
const LAYERS = ["plan", "standing", "reach", "demand", "candidates"];

async function planMap(box, bounds, does = {}) {
  const CELL_PX = 22, LARGE_PX = 8, PIN_PX = 30, FAR_PIN_PX = 23, ROUNDS = 80, SIGN_PX = 26, REACH_PX = 4.5, STEP_M = 10, DEGREE_M = 111320, RISE = 1e6, NEAR_ZOOM = 14;
  const map = await makeMap(box, bounds ? { bounds } : {});
  const canvas = {};
  ["demand", "reach", "candidates"].forEach((name, i) => {
    const pane = map.createPane(`plan-${name}`);
    pane.style.zIndex = 410 + i;
    if (name !== "candidates") pane.style.pointerEvents = "none";
    canvas[name] = L.canvas({ pane: `plan-${name}`, padding: 0.5 });
  });
  const groups = Object.fromEntries(LAYERS.map((name) => [name, L.layerGroup()]));
  ["reach", "demand", "standing", "plan"].forEach((name) => groups[name].addTo(map));
  const markers = new Map();
  let places = null, covered = [], reached = NOTHING, view = null, upTo = Infinity;

  // --- demand that is not covered, summed over cells of the screen so that it stays readable at every zoom

  function drawDemand() {
    groups.demand.clearLayers();
    if (!places) return;
    const cells = new Map();
    places.weight.forEach((weight, i) => {
      const left = weight * (1 - covered[i]);
      if (left <= 0) return;
      const { x, y } = map.project([places.lat[i], places.lon[i]]), key = `${Math.floor(x / CELL_PX)}:${Math.floor(y / CELL_PX)}`;
      const cell = cells.get(key) || { lat: 0, lon: 0, left: 0 };
      cell.lat += places.lat[i] * left; cell.lon += places.lon[i] * left; cell.left += left;
      cells.set(key, cell);
    });
    const summed = [...cells.values()], sizes = summed.map((cell) => cell.left).sort((a, b) => a - b);
    const large = sizes[Math.floor(0.98 * sizes.length)] || 1, fillColor = token("gap");
    summed.forEach((cell) => L.circleMarker([cell.lat / cell.left, cell.lon / cell.left], { renderer: canvas.demand, interactive: false, stroke: false,
      radius: Math.max(1, Math.min(1.3, Math.sqrt(cell.left / large)) * LARGE_PX), fillColor, fillOpacity: 0.5 }).addTo(groups.demand));
  }

  // --- streets reached, the nearest third darkest

  function decode(flat) {
    const line = [];
    for (let i = 0, lon = 0, lat = 0; i < flat.length; i += 2) {
      lon += flat[i]; lat += flat[i + 1];
      line.push([lat / 1e6, lon / 1e6]);
    }
    return line;
  }

  function drawReach() {
    groups.reach.clearLayers();
    if (reached.measure === "line") { drawDiscs(); return; }
    const bands = reached.bands, grown = Math.min(2, Math.max(0.6, 2 ** ((map.getZoom() - 15) / 2)));
    [...bands].reverse().forEach((band, i) => L.polyline(band.lines.map(decode), { renderer: canvas.reach, interactive: false, smoothFactor: 0.6,
      color: token(`reach-${bands.length - i}`), weight: REACH_PX * grown, opacity: 1 }).addTo(groups.reach));
  }

  /** By a straight line: a disc about each device. */
  function drawDiscs() {
    const devices = view ? [...view.plan, ...view.standing.filter((site) => !site.away)] : [];
    devices.forEach((site) => L.circle([site.lat, site.lon], { renderer: canvas.reach, interactive: false, radius: reached.limit_m, color: token("reach-1"), weight: 1,
      fillColor: token("reach-2"), fillOpacity: 0.2 }).addTo(groups.reach));
  }

  // --- sites

  function pin(site) {
    const state = [site.pinned && "pinned", site.changed && "changed", site.order > upTo && "later"].filter(Boolean).join(" ");
    const icon = L.divIcon({ className: `pin ${state}`, html: `<b>${Number(site.order)}</b>`, iconSize: [PIN_PX, PIN_PX] });
    const marker = L.marker([site.lat, site.lon], { icon, draggable: Boolean(does.moved), autoPan: true, riseOnHover: true, riseOffset: RISE, zIndexOffset: RISE - 2000 * site.order });
    marker.on("add", () => name(marker, `${site.order} ${site.label}${site.pinned ? ` · ${_("已固定")}` : ""}`));
    marker.on("dragstart", () => aside(marker.getElement(), 0, 0));
    marker.on("dragend", () => { const at = marker.getLatLng(); does.moved(site, round(at.lng), round(at.lat)); });
    return marker;
  }

  // Seen from afar, numbers that would hide each other move apart; each stands on its place again when the map comes near.
  function spread() {
    const far = map.getZoom() < NEAR_ZOOM, at = (view ? view.plan : []).map((site) => map.project([site.lat, site.lon]));
    const boxes = at.map(({ x, y }) => ({ x, y }));
    for (let round = 0; far && round < ROUNDS; round += 1) {
      boxes.forEach((one, i) => boxes.slice(0, i).forEach((other) => {
        const east = one.x - other.x, south = one.y - other.y || 0.1, away = Math.hypot(east, south), push = Math.max(0, FAR_PIN_PX - away) / 2 / away;
        one.x += east * push; one.y += south * push; other.x -= east * push; other.y -= south * push;
      }));
    }
    (view ? view.plan : []).forEach((site, i) => {
      const marker = markers.get(site.key), shown = marker && marker.getElement();
      if (shown) aside(shown, boxes[i].x - at[i].x, boxes[i].y - at[i].y);
    });
  }

  function aside(shown, east, south) {
    shown.style.marginLeft = `${east - PIN_PX / 2}px`;
    shown.style.marginTop = `${south - PIN_PX / 2}px`;
  }

  function sign(site) {
    const icon = L.divIcon({ className: `standing ${site.away ? "away" : ""}`, html: '<svg aria-hidden="true"><use href="#aed-sign"/></svg>', iconSize: [SIGN_PX, SIGN_PX] });
    const marker = L.marker([site.lat, site.lon], { icon, riseOnHover: true });
    marker.on("add", () => name(marker, `${site.away ? _("移走") : _("已设")} ${site.label}`));
    return marker;
  }

  function ring(site, forbidden) {
    return L.circleMarker([site.lat, site.lon], { renderer: canvas.candidates, radius: 6, weight: 2, color: token(forbidden ? "closed" : "plan"),
      dashArray: forbidden ? "2 3" : null, fillColor: token("paper"), fillOpacity: 0.9 });
  }

  function name(marker, words) {
    const shown = marker.getElement();
    if (shown) shown.setAttribute("aria-label", words);
  }

  function round(degrees) { return Math.round(degrees * 1e7) / 1e7; }

  function drawSites() {
    if (!view) return;
    const held = [...markers].find(([, marker]) => marker.getElement && marker.getElement() === document.activeElement);
    ["plan", "standing", "candidates"].forEach((layer) => groups[layer].clearLayers());
    markers.clear();
    const put = (site, marker, layer) => {
      markers.set(site.key, marker);
      if (does.open) marker.bindPopup(() => does.open(site), { maxWidth: 280, minWidth: 200, autoPanPadding: [16, 16] });
      marker.addTo(groups[layer]);
    };
    view.plan.forEach((site) => put(site, pin(site), "plan"));
    view.plan.filter((site) => site.from).forEach((site) => L.polyline([site.from, [site.lat, site.lon]], { renderer: canvas.candidates, interactive: false, color: token("plan"), weight: 2, dashArray: "2 5" }).addTo(groups.plan));
    view.standing.forEach((site) => put(site, sign(site), "standing"));
    view.candidates.forEach((site) => put(site, ring(site, view.forbidden.has(site.id)), "candidates"));
    spread();
    if (held) focus(held[0]);
  }

  function focus(key) {
    const marker = markers.get(key), shown = marker && marker.getElement && marker.getElement();
    if (shown && shown.focus) shown.focus({ preventScroll: true });
  }

  // --- moving a site by keys, as a drag for who has no mouse

  function steer(site) {
    const marker = markers.get(site.key), box = map.getContainer();
    const turn = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    map.closePopup();
    map.keyboard.disable();
    const end = (done) => {
      box.removeEventListener("keydown", press, true);
      map.keyboard.enable();
      const at = marker.getLatLng();
      if (done) does.moved(site, round(at.lng), round(at.lat)); else marker.setLatLng([site.lat, site.lon]);
    };
    const press = (event) => {
      const way = turn[event.key];
      if (way) {
        const at = marker.getLatLng(), step = (event.shiftKey ? 5 : 1) * STEP_M / DEGREE_M;
        marker.setLatLng([at.lat + way[1] * step, at.lng + way[0] * step / Math.cos(at.lat * Math.PI / 180)]);
      } else if (event.key === "Enter" || event.key === "Escape") end(event.key === "Enter");
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    box.addEventListener("keydown", press, true);
    marker.getElement().focus();
    tell(_("用方向键移动，每次 10 米，按住 Shift 每次 50 米；回车放下，Esc 取消。"));
  }

  const far = () => box.classList.toggle("far", map.getZoom() < NEAR_ZOOM);
  far();
  map.on("zoomend", () => { far(); drawDemand(); drawReach(); spread(); });
  map.on("scheme", () => { drawDemand(); drawReach(); drawSites(); });
  map.on("click", (event) => { if (does.placed) does.placed(round(event.latlng.lng), round(event.latlng.lat)); });

  return {
    map, steer, focus,
    sites: (shown) => { view = shown; drawSites(); },
    demand: (read) => { places = read; covered = read ? read.covered : []; drawDemand(); },
    cover: (shares) => { covered = shares; drawDemand(); },
    reach: (read) => { reached = read; drawReach(); },
    first: (n) => { upTo = n; drawSites(); },
    layer: (layer, on) => { if (on) groups[layer].addTo(map); else groups[layer].remove(); },
    point: (key) => {
      const marker = markers.get(key);
      if (!marker) return;
      map.setView(marker.getLatLng(), Math.max(map.getZoom(), 16), { animate: false });
      if (!map.hasLayer(marker)) return;
      marker.openPopup();
      map.getContainer().scrollIntoView({ block: "nearest" });
    },
    clear: () => { view = null; ["plan", "standing", "candidates"].forEach((layer) => groups[layer].clearLayers()); places = null; reached = NOTHING; drawDemand(); drawReach(); },
    fit: () => {
      const at = view ? [...view.plan, ...view.standing].map((site) => [site.lat, site.lon]) : [];
      if (at.length) map.fitBounds(at, { maxZoom: 16, padding: [PIN_PX, PIN_PX] });
    },
  };
}

/** Maps that move together. */
function together(maps) {
  let moving = false;
  maps.forEach((one) => one.on("move", () => {
    if (moving) return;
    moving = true;
    maps.filter((other) => other !== one).forEach((other) => other.setView(one.getCenter(), one.getZoom(), { animate: false }));
    moving = false;
  }));
}

/** The legend: what each layer shows, with its sign, and whether it is shown. */
function planLegend(list, shown, circle) {
  const rows = {
    plan: [element("b", { class: "key pin-key" }, "1"), _("新设备，按先后")],
    standing: [sample("standing-key"), _("已设设备")],
    reach: [element("span", { class: "key ramp" }, element("i"), element("i"), element("i")), circle ? say(_("{n} 分钟内走得到的街道"), { n: Number(circle.minutes.toFixed(1)) }) : _("走得到的街道")],
    demand: [element("span", { class: "key dot" }), _("没有覆盖的需求")],
    candidates: [element("span", { class: "key hollow" }), _("候选点位")],
  };
  refill(list, ...LAYERS.map((layer) => {
    const box = element("input", { type: "checkbox", checked: layer !== "candidates" });
    box.addEventListener("change", () => shown.layer(layer, box.checked));
    box.dataset.layer = layer;
    return element("li", {}, element("label", {}, box, ...rows[layer]));
  }));

  function sample(kind) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", "#aed-sign");
    svg.setAttribute("class", `key ${kind}`);
    svg.setAttribute("aria-hidden", "true");
    svg.append(use);
    return svg;
  }
}
