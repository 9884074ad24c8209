"use strict";
const aedplan = (() => {
  const SCALE = 1e6, CELL_PX = 22, LARGE_PX = 8;
  const PANES = ["ground", "streets", "demand", "reach"];
  const NAMES_Z = 450, NAME_GAP_PX = 5, SAME_NAME_PX = 320, SIDE_PX = { town: [12, 24, 36, 48], village: [12] }, FAR_ZOOM = 14, EQUATOR_M = 40075017;
  const ASIDE_PX = [[0, 0], [0, -26], [0, 26], [0, -42], [0, 42]], PIN_PX = 30, SIGN_PX = 26, FAR_PIN_PX = 23, ROUNDS = 120;
  const layers = {}, markers = {}, paint = [], demand = [], canvases = {}, titles = [], pins = [];
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let map;

  const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const grown = least => Math.min(4, Math.max(least, 2 ** ((map.getZoom() - 15) / 2)));

  function prepare(made) {
    map = made;
    if (parent !== window) {
      document.documentElement.classList.add("framed");
      map.invalidateSize({ animate: false });
    }
    PANES.forEach((name, i) => {
      map.createPane(name).style.zIndex = 300 + i;
      map.getPane(name).style.pointerEvents = "none";
      canvases[name] = L.canvas({ pane: name, padding: 0.5 });
    });
    L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
    const pane = map.createPane("names");
    Object.assign(pane.style, { zIndex: NAMES_Z, pointerEvents: "none" });
    pane.setAttribute("aria-hidden", "true");
    map.on("zoomend", repaint);
    map.on("moveend", showNames);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
    addEventListener("beforeprint", () => map.invalidateSize({ animate: false }));
  }

  function repaint() {
    map.getContainer().classList.toggle("far", map.getZoom() < FAR_ZOOM);
    paint.forEach(apply => apply());
    redot();
    placeNames();
  }

  function keep(group, layer, style) {
    paint.push(() => layer.setStyle(style()));
    layer.addTo(group);
  }

  function decode(flat) {
    const out = [];
    for (let i = 0, x = 0, y = 0; i < flat.length; i += 2) {
      x += flat[i]; y += flat[i + 1];
      out.push([y / SCALE, x / SCALE]);
    }
    return out;
  }

  function lines(group, data) {
    const made = L.polyline(data.lines.map(decode), { renderer: canvases[data.pane], interactive: false, smoothFactor: 0.6 });
    keep(group, made, () => ({ color: colour(data.colour), weight: data.width * grown(data.least), opacity: 1,
      dashArray: data.dashed ? `${2 * grown(1)} ${3 * grown(1)}` : null }));
  }

  function areas(group, data) {
    const made = L.polygon(data.areas.map(rings => rings.map(decode)), { renderer: canvases[data.pane], interactive: false,
      smoothFactor: 0.2 });
    keep(group, made, () => ({ color: colour(data.edge || data.colour), weight: data.edge ? 2 : 0, stroke: Boolean(data.edge),
      fillColor: colour(data.colour), fillOpacity: data.edge ? 0.25 : 1 }));
  }

  // Demand is summed over cells of the screen, so that the picture stays readable at every zoom; areas show the sums.
  function dots(group, data) { demand.push({ group, hollow: data.hollow, places: decode(data.places), weights: data.weights }); }

  function sumCells(layer) {
    const cells = new Map();
    layer.places.forEach((at, i) => {
      const { x, y } = map.project(at), weight = layer.weights[i];
      const key = Math.floor(x / CELL_PX) + ":" + Math.floor(y / CELL_PX);
      const cell = cells.get(key) || { lat: 0, lon: 0, weight: 0 };
      cell.lat += at[0] * weight; cell.lon += at[1] * weight; cell.weight += weight;
      cells.set(key, cell);
    });
    return [...cells.values()];
  }

  function redot() {
    const summed = demand.map(sumCells);
    const sizes = summed.flat().map(cell => cell.weight).sort((a, b) => a - b);
    const large = sizes[Math.floor(0.98 * sizes.length)] || 1;
    demand.forEach((layer, i) => {
      layer.group.clearLayers();
      summed[i].forEach(cell => {
        const radius = Math.min(1.3, Math.sqrt(cell.weight / large)) * LARGE_PX;
        const ring = { color: colour("gap"), weight: 1.5, opacity: 0.9, fill: false };
        const full = { stroke: false, fillColor: colour("gap"), fillOpacity: 0.65 };
        L.circleMarker([cell.lat / cell.weight, cell.lon / cell.weight], { renderer: canvases.demand, interactive: false,
          radius: Math.max(radius, 1), ...(layer.hollow ? ring : full) }).addTo(layer.group);
      });
    });
  }

  function names(group, data) {
    const probe = document.createElement("canvas").getContext("2d"), sample = map.getPane("names").appendChild(document.createElement("i"));
    sample.className = "name-on-map " + data.kind;
    const { fontWeight, fontSize, fontFamily } = getComputedStyle(sample), height = parseFloat(fontSize) * 1.2;
    probe.font = `${fontWeight} ${fontSize} ${fontFamily}`;
    sample.remove();
    data.names.forEach(([lon, lat, turn, room, ...words]) => {
      // Room is taken for the longer of the two languages, so that switching never makes names collide.
      const width = Math.max(...words.map(text => probe.measureText(text).width)), angle = turn * Math.PI / 180;
      const sine = Math.abs(Math.sin(angle)), cosine = Math.abs(Math.cos(angle));
      titles.push({ group, at: L.latLng(lat, lon), turn, room, words, width, kind: data.kind, zoom: data.zoom,
        half: [(width * cosine + height * sine) / 2 + NAME_GAP_PX, (width * sine + height * cosine) / 2 + NAME_GAP_PX] });
    });
  }

  // Seen from afar, numbers that would hide each other move apart; each stands on its place again when the map comes near.
  function spreadPins(zoom) {
    const far = zoom < FAR_ZOOM, boxes = pins.map(pin => ({ ...map.project(pin.at, zoom), half: pin.half[far ? "far" : "near"] }));
    const plan = boxes.filter((box, i) => pins[i].order);
    for (let round = 0; far && round < ROUNDS; round++) {
      plan.forEach((one, i) => plan.slice(0, i).forEach(other => {
        const east = one.x - other.x, south = one.y - other.y || 0.1, away = Math.hypot(east, south);
        const push = Math.max(0, FAR_PIN_PX - away) / 2 / away;
        one.x += east * push; one.y += south * push; other.x -= east * push; other.y -= south * push;
      }));
    }
    pins.forEach((pin, i) => {
      const element = pin.order && pin.marker.getElement(), from = map.project(pin.at, zoom);
      if (!element) return;
      element.style.marginLeft = boxes[i].x - from.x - PIN_PX / 2 + "px";
      element.style.marginTop = boxes[i].y - from.y - PIN_PX / 2 + "px";
    });
    return boxes;
  }

  // The most telling names come first and keep their place; what would touch a name or a device is hidden.
  function placeNames() {
    const zoom = map.getZoom(), same = {}, taken = spreadPins(zoom);
    const free = (x, y, half) => taken.every(other => Math.abs(x - other.x) > half[0] + other.half[0]
      || Math.abs(y - other.y) > half[1] + other.half[1]);
    titles.forEach(title => {
      const { x, y } = map.project(title.at, zoom), others = same[title.words[0]] || (same[title.words[0]] = []);
      const metre = 2 ** (zoom + 8) / (EQUATOR_M * Math.cos(title.at.lat * Math.PI / 180));
      const fits = zoom >= title.zoom && (!title.room || title.width <= 1.3 * title.room * metre)
        && others.every(other => Math.hypot(x - other.x, y - other.y) > SAME_NAME_PX);
      const sides = (SIDE_PX[title.kind] || []).flatMap(gap => [[gap + title.half[0], 0], [-gap - title.half[0], 0]]);
      const asides = title.room ? ASIDE_PX.slice(0, title.turn ? 1 : 3) : [...ASIDE_PX, ...sides];
      title.aside = fits ? asides.find(([dx, dy]) => free(x + dx, y + dy, title.half)) : undefined;
      if (title.marker) { title.marker.remove(); title.marker = null; }
      if (!title.aside) return;
      taken.push({ x: x + title.aside[0], y: y + title.aside[1], half: title.half });
      others.push({ x, y });
    });
    showNames();
  }

  function showNames() {
    const view = map.getBounds().pad(0.3);
    titles.forEach(title => {
      if (!title.aside || title.marker || !view.contains(title.at)) return;
      const box = document.createElement("div");
      say(box, "span", title.words.length > 1 ? title.words : title.words[0], "text");
      box.firstChild.style.transform = `translate(-50%, -50%) translate(${title.aside[0]}px, ${title.aside[1]}px) rotate(${title.turn}deg)`;
      const icon = L.divIcon({ className: "name-on-map " + title.kind, html: box, iconSize: null });
      title.marker = L.marker(title.at, { icon, pane: "names", interactive: false, keyboard: false }).addTo(title.group);
    });
  }

  function say(parent, tag, words, className) {
    const box = parent.appendChild(document.createElement(tag));
    box.className = className || "";
    if (typeof words === "string") { box.textContent = words; return; }
    [["zh", "zh-CN"], ["en", "en"]].forEach(([name, lang], i) => {
      const part = box.appendChild(document.createElement("span"));
      part.className = name; part.lang = lang; part.textContent = words[i];
    });
  }

  function describe(place) {
    const box = document.createElement("div");
    box.className = "place";
    say(box, "b", place.label);
    place.facts.forEach(fact => say(box, "span", fact, "line"));
    return box;
  }

  function sites(group, data) {
    data.forEach(place => {
      const size = place.order ? PIN_PX : SIGN_PX;
      const html = place.order ? `<b>${Number(place.order)}</b>` : '<svg><use href="#aed-sign"/></svg>';
      const icon = L.divIcon({ className: place.order ? "pin" : "standing", html, iconSize: [size, size] });
      // Plan over standing devices, first over later: half a sign is still a sign, a number that is half hidden says nothing.
      const marker = L.marker([place.lat, place.lon], { icon, riseOnHover: true, riseOffset: 1e7,
        zIndexOffset: place.order ? 1e6 - 2e3 * place.order : 0 });
      marker.bindPopup(() => describe(place), { maxWidth: 260, autoPanPadding: [16, 16] });
      if (matchMedia("(hover: hover)").matches) marker.bindTooltip(() => describe(place), { direction: "top", offset: [0, -size / 2] });
      marker.on("popupopen", () => marker.closeTooltip());
      marker.on("add", () => marker.getElement().setAttribute("aria-label", (place.order ? place.order + " " : "") + place.label));
      marker.addTo(group);
      const near = place.order ? 16 : 13, far = place.order ? 13 : 8;
      pins.push({ marker, at: marker.getLatLng(), order: place.order, half: { near: [near, near], far: [far, far] } });
      if (place.order) markers[place.order] = marker;
    });
  }

  function name(group, layer) { layers[layer] = group; }

  function connect() {
    repaint();
    if (parent !== window) join();
    document.querySelectorAll("[data-layer]").forEach(box => box.addEventListener("change", () => {
      const group = layers[box.dataset.layer];
      if (box.checked) { group.addTo(map); repaint(); } else group.remove();
    }));
    document.querySelectorAll("[data-order]").forEach(button => button.addEventListener("click", () => {
      const marker = markers[button.dataset.order];
      map.setView(marker.getLatLng(), Math.max(map.getZoom(), 16), { animate: !still.matches });
      marker.openPopup();
    }));
  }

  // Beside other maps on a page of comparison: only the map is shown, and all move together.
  function join() {
    let told = "";
    const view = () => JSON.stringify([map.getCenter().lat.toFixed(6), map.getCenter().lng.toFixed(6), map.getZoom()]);
    map.on("moveend", () => { if (view() !== told) { told = view(); parent.postMessage({ view: JSON.parse(told).map(Number) }, "*"); } });
    addEventListener("message", event => {
      if (event.source !== parent) return;
      if (event.data.lang) document.documentElement.lang = event.data.lang;
      if (event.data.tell) parent.postMessage({ view: JSON.parse(view()).map(Number) }, "*");
      if (event.data.view) {
        const [lat, lon, zoom] = event.data.view.map(Number);
        map.setView([lat, lon], zoom, { animate: false });
        told = view();
      }
    });
  }

  return { prepare, lines, areas, dots, names, sites, name, connect };
})();
if (matchMedia("(max-width: 640px)").matches) document.querySelectorAll("details").forEach(box => { box.open = false; });
// Only the service has a page for emergencies; it serves the map under an address of its own, never as a file of a name.
if (/^https?:$/.test(location.protocol) && !/\.html?$/.test(location.pathname)) {
  document.querySelectorAll("[data-served]").forEach(link => { link.href = link.dataset.served; });
  document.documentElement.classList.add("served");
}
