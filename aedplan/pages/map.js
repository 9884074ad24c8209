"use strict";
const aedplan = (() => {
  const SCALE = 1e6, CELL_PX = 22, LARGE_PX = 8;
  const PANES = ["ground", "streets", "demand", "reach"];
  const NAMES_Z = 450, NAME_GAP_PX = 6, ASIDE_PX = [0, -26, 26, -40, 40];
  const layers = {}, markers = {}, paint = [], demand = [], canvases = {}, titles = [], pins = [];
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let map;

  const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const grown = least => Math.min(4, Math.max(least, 2 ** ((map.getZoom() - 15) / 2)));

  function prepare(made) {
    map = made;
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
    map.getContainer().classList.toggle("far", map.getZoom() < 14);
    paint.forEach(apply => apply());
    redot();
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
    data.names.forEach(([lon, lat, turn, ...words]) => titles.push({ group, at: L.latLng(lat, lon), turn, words, ...data }));
  }

  function makeName(title) {
    const box = document.createElement("div"), words = title.words;
    say(box, "span", words.length > 1 ? words : words[0], "text");
    box.firstChild.style.setProperty("--turn", title.turn + "deg");
    const icon = L.divIcon({ className: "name-on-map " + title.kind, html: box, iconSize: null });
    title.marker = L.marker(title.at, { icon, pane: "names", interactive: false, keyboard: false });
  }

  // Widths are measured once, in the larger of the two languages, so that switching language never makes names collide.
  function measure(title) {
    const probe = document.createElement("canvas").getContext("2d"), style = getComputedStyle(title.marker.getElement());
    probe.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const width = Math.max(...title.words.map(text => probe.measureText(text).width)), height = parseFloat(style.fontSize) * 1.2;
    const turn = title.turn * Math.PI / 180, sine = Math.abs(Math.sin(turn)), cosine = Math.abs(Math.cos(turn));
    title.half = [(width * cosine + height * sine) / 2 + NAME_GAP_PX, (width * sine + height * cosine) / 2 + NAME_GAP_PX / 2];
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
      const size = place.order ? 30 : 26;
      const html = place.order ? `<b>${Number(place.order)}</b>` : '<svg><use href="#aed-sign"/></svg>';
      const icon = L.divIcon({ className: place.order ? "pin" : "standing", html, iconSize: [size, size] });
      const marker = L.marker([place.lat, place.lon], { icon, riseOnHover: true, zIndexOffset: place.order ? 0 : 1000 });
      marker.bindPopup(() => describe(place), { maxWidth: 260, autoPanPadding: [16, 16] });
      if (matchMedia("(hover: hover)").matches) marker.bindTooltip(() => describe(place), { direction: "top", offset: [0, -size / 2] });
      marker.on("popupopen", () => marker.closeTooltip());
      marker.on("add", () => marker.getElement().setAttribute("aria-label", (place.order ? place.order + " " : "") + place.label));
      marker.addTo(group);
      if (place.order) markers[place.order] = marker;
    });
  }

  function name(group, layer) { layers[layer] = group; }

  function connect() {
    repaint();
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

  return { prepare, lines, areas, dots, sites, name, connect };
})();
if (matchMedia("(max-width: 640px)").matches) document.querySelectorAll("details").forEach(box => { box.open = false; });
