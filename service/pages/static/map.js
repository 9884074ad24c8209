"use strict";
/* The map of the county, for every page. It fetches Leaflet and the base map by itself when it is first asked for.

     const map = await makeMap(box, {lon, lat, zoom})        // a place; or {bounds: [west, south, east, north]};
                                                             // or {} for the whole county
     const devices = deviceLayer(map, features)              // of GET /api/v1/devices, or {id, geometry, properties}
     devices.show((feature) => "usable" | "closed" | "unverified")   // by another rule than properties.state
     devices.marker(id)                                      // the Leaflet marker of one device
     stateMark("closed")                                     // the same sign for a legend or a list
     token("plan")                                           // a colour of the house, for what is drawn on the map

   All coordinates are WGS-84, also where a public map in GCJ-02 lies below: the map shifts what it draws. Options: `free`
   for a page that is nothing but the map; else a finger that scrolls the page does not move the map before it was tapped.
   Leaflet is window.L once a map was made. The promise fails with an Error in words when the map cannot be fetched: show
   the list without it. Events of the map besides Leaflet's: "scheme" when light turns dark or back, after tokens changed. */

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

const makeMap = (() => {
  const TRIES = 30, PAUSE_MS = 1000, EQUATOR_M = 40075016.7, HALO_PX = 3, SAME_NAME_PX = 320, GAP_PX = 4, COUNTY_ZOOM = 17, NEAR_ZOOM = 14;
  const WIDTHS = {  // pixels at display zooms 9, 11, 13, 15, 17, 19
    major: [1, 1.6, 3, 5.5, 10, 18], medium: [0, 0.8, 2, 4, 8, 15], street: [0, 0, 0.7, 2, 5, 11],
    path: [0, 0, 0, 0.8, 1.6, 3], steps: [0, 0, 0, 0.8, 2, 4], indoor: [0, 0, 0, 0.6, 1.2, 2],
  };
  const NAMES = {  // the most telling first: from which display zoom, size in pixels, weight
    town: [8, 16, 700], suburb: [12, 15, 700], village: [11, 13, 600], water: [12, 13, 500], hamlet: [14, 13, 500],
    street: [14, 12, 500], park: [15, 12, 500], lane: [16, 12, 400], estate: [16, 12, 400],
  };
  const SEEN = { town: 13 };  // up to which zoom: near by, the name of the whole town says nothing
  let fetched = null;

  const once = () => fetched || (fetched = fetchAll().catch((fault) => { fetched = null; throw fault; }));

  async function fetchAll() {
    const about = await ask("GET", "/basemap" + (english ? "?lang=en" : ""));
    await Promise.all(about.styles.map(addStyle));
    await addElement("script", { src: about.scripts.leaflet });
    if (about.provider === "own") await addElement("script", { src: about.scripts.protomaps });
    return about;
  }

  function addElement(name, attributes) {
    return new Promise((done, failed) => {
      const made = element(name, attributes);
      made.onload = done;
      made.onerror = () => failed(new Error(_("地图暂时打不开，列表仍可使用。")));
      document.head.append(made);
    });
  }

  // One that the page has already moves to the end: ours must follow Leaflet's
  function addStyle(address) {
    const there = document.head.querySelector(`link[href="${address}"]`);
    if (there) { document.head.append(there); return undefined; }
    return addElement("link", { rel: "stylesheet", href: address });
  }

  async function makeMap(box, { lon, lat, zoom, bounds, free } = {}) {
    const about = await once();
    box.classList.add("map");
    const map = L.map(box, {
      crs: about.system === "gcj02" ? shiftedCrs() : L.CRS.EPSG3857, preferCanvas: true, zoomControl: false, attributionControl: false,
      minZoom: 8, maxZoom: about.provider === "own" ? 19 : 18, zoomAnimation: !still(), fadeAnimation: false, markerZoomAnimation: !still(),
      inertia: !still(), maxBoundsViscosity: 0.8,
    });
    const [west, south, east, north] = bounds || about.bounds;
    if (lon !== undefined) map.setView([lat, lon], zoom || 16);
    else map.fitBounds([[south, west], [north, east]], { maxZoom: zoom || COUNTY_ZOOM });
    L.control.zoom({ position: "topright", zoomInTitle: _("放大"), zoomOutTitle: _("缩小") }).addTo(map);
    L.control.scale({ position: "topleft", imperial: false, maxWidth: 120 }).addTo(map);
    credit(map, about);
    if (about.provider === "own") drawOwn(map, about); else drawTheirs(map, about);
    const far = () => box.classList.toggle("far", map.getZoom() < NEAR_ZOOM);
    map.on("zoomend", far);
    far();
    box.classList.toggle("odd", (window.devicePixelRatio || 1) % 1 !== 0);
    if (free) box.classList.add("free"); else guard(map, box);
    matchMedia("(prefers-color-scheme: dark)").addListener(() => map.fire("scheme"));
    if (window.ResizeObserver) new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(box);
    return map;
  }

  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  function credit(map, about) {
    const shown = L.control.attribution({ prefix: false }).addTo(map);
    const theirs = about.provider === "own" ? [] : [`${english ? about.name_en : about.name_zh} ${about.approval}`];
    const lines = [...(about.synthetic ? [_("合成数据，非真实地点")] : []), ...theirs, ...about.attribution];
    shown.addAttribution(element("i", {}, lines.join(" · ")).innerHTML);
  }

  // Our own base map, or the streets alone where it cannot be had
  async function drawOwn(map, about) {
    let gone = false;
    map.on("unload", () => { gone = true; });
    for (let tries = 0; about.state === "making" && tries < TRIES; tries++) {
      await new Promise((done) => setTimeout(done, PAUSE_MS));
      Object.assign(about, await ask("GET", "/basemap" + (english ? "?lang=en" : "")).catch(() => ({})));
    }
    if (gone) return;
    if (about.state === "ready") drawTiles(map, about);
    else drawStreets(map, about);
  }

  function drawTiles(map, about) {
    let colours = {};
    const read = () => ["map-ground", "map-street", "map-road", "map-water", "map-green", "map-name", "map-water-name"].forEach(
      (name) => { colours[name] = token(name); });
    read();
    const fill = (layer) => ({ dataLayer: layer, symbolizer: new protomapsL.PolygonSymbolizer({ fill: () => colours["map-" + layer] }) });
    const line = (kind) => ({ dataLayer: "roads", filter: (zoom, feature) => feature.props.kind === kind && width(kind, zoom) > 0,
      symbolizer: new Road(kind, () => colours[kind === "major" || kind === "medium" ? "map-road" : "map-street"]) });
    const layer = protomapsL.leafletLayer({
      url: about.tiles[0], attribution: "", maxDataZoom: 15, lang: english ? "en" : "zh-CN", noWrap: true, keepBuffer: 3,
      paintRules: [fill("green"), fill("water"), ...["indoor", "path", "steps", "street", "medium", "major"].map(line)],
      labelRules: Object.keys(NAMES).map((kind) => ({
        dataLayer: "names", minzoom: NAMES[kind][0], maxzoom: SEEN[kind], filter: (zoom, feature) => feature.props.kind === kind,
        sort: (one, other) => one.rank - other.rank, symbolizer: new Name(kind, colours, map),
      })),
    });
    layer.addTo(map);
    map.on("scheme", () => { read(); layer.clearLayout(); layer.rerenderTiles(); });
  }

  function width(kind, zoom) {
    const at = Math.min(4.999, Math.max(0, (zoom - 9) / 2)), step = Math.floor(at), [from, to] = WIDTHS[kind].slice(step);
    return from + (to - from) * (at - step);
  }

  class Road {
    constructor(kind, colour) { Object.assign(this, { kind, colour }); }
    draw(canvas, lines, zoom) {
      canvas.beginPath();
      lines.forEach((line) => line.forEach((at, i) => (i ? canvas.lineTo(at.x, at.y) : canvas.moveTo(at.x, at.y))));
      canvas.strokeStyle = this.colour();
      canvas.lineWidth = width(this.kind, zoom);
      canvas.lineCap = this.kind === "steps" ? "butt" : "round";
      canvas.lineJoin = "round";
      canvas.setLineDash(this.kind === "steps" ? [1.5, 1.5] : []);
      canvas.stroke();
      canvas.setLineDash([]);
    }
  }

  // A name, leaning with its street or river, where there is room for it
  class Name {
    constructor(kind, colours, map) {
      const [, size, weight] = NAMES[kind];
      Object.assign(this, { kind, colours, map, size, font: `${weight} ${size}px ${token("sans")}` });
    }
    place(layout, [[at]], feature) {
      const text = (english && feature.props.en) || feature.props.name, turn = feature.props.turn * Math.PI / 180;
      layout.scratch.font = this.font;
      const width = layout.scratch.measureText(text).width, height = this.size * 1.2;
      const metre = 2 ** (layout.zoom + 8) / (EQUATOR_M * Math.cos(this.map.getCenter().lat * Math.PI / 180));
      if (feature.props.room && width > 1.3 * feature.props.room * metre) return undefined;
      const sine = Math.abs(Math.sin(turn)), cosine = Math.abs(Math.cos(turn));
      const east = (width * cosine + height * sine) / 2 + GAP_PX, south = (width * sine + height * cosine) / 2 + GAP_PX;
      return [{
        anchor: at, bboxes: [{ minX: at.x - east, maxX: at.x + east, minY: at.y - south, maxY: at.y + south }],
        deduplicationKey: text, deduplicationDistance: SAME_NAME_PX, draw: (canvas) => this.draw(canvas, text, turn),
      }];
    }
    draw(canvas, text, turn) {
      canvas.rotate(turn);
      Object.assign(canvas, { font: this.font, textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: HALO_PX,
        strokeStyle: this.colours["map-ground"], fillStyle: this.colours[this.kind === "water" ? "map-water-name" : "map-name"] });
      canvas.strokeText(text, 0, 0);
      canvas.fillText(text, 0, 0);
    }
  }

  async function drawStreets(map, about) {
    const streets = await ask("GET", about.streets).catch(() => null);
    if (!streets) return;
    const pane = map.createPane("streets");
    pane.style.zIndex = 250;
    const style = (feature) => ({ color: token("map-street"), weight: Math.max(0.5, width(feature.properties.kind, map.getZoom())) });
    const layer = L.geoJSON(streets, { style, interactive: false, renderer: L.canvas({ pane: "streets", padding: 0.5 }) }).addTo(map);
    map.on("scheme zoomend", () => layer.setStyle(style));
  }

  // Maps of others: Tianditu as it is, Amap by a projection that shifts as theirs does
  function drawTheirs(map, about) {
    about.tiles.forEach((address) => L.tileLayer(address, { subdomains: about.subdomains, maxZoom: 18, referrerPolicy: "origin",
      className: "theirs", noWrap: true }).addTo(map));
  }

  function shiftedCrs() {
    const plain = L.Projection.SphericalMercator;
    const projection = L.extend({}, plain, {
      project: (at) => { const [lon, lat] = toGcj02(at.lng, at.lat); return plain.project(L.latLng(lat, lon)); },
      unproject: (xy) => { const at = plain.unproject(xy), [lon, lat] = fromGcj02(at.lng, at.lat); return L.latLng(lat, lon); },
    });
    return L.extend({}, L.CRS.EPSG3857, { projection });
  }

  // In a page that scrolls, the map moves by one finger only after a tap, and by the wheel only after a click or with Ctrl
  function guard(map, box) {
    const hint = element("p", { class: "map-hint", role: "status", hidden: true }, touches() ? _("点一下地图，再用一个手指移动") : _("点一下地图，再用滚轮缩放"));
    box.append(hint);
    let timer = 0;
    const tell = () => { hint.hidden = false; clearTimeout(timer); timer = setTimeout(() => { hint.hidden = true; }, 1500); };
    const wake = (on) => {
      box.classList.toggle("awake", on);
      if (touches()) map.dragging[on ? "enable" : "disable"]();
      map.scrollWheelZoom[on ? "enable" : "disable"]();
      if (on) hint.hidden = true;
    };
    wake(false);
    box.addEventListener("click", () => wake(true), true);
    box.addEventListener("focusin", () => wake(true));
    document.addEventListener("pointerdown", (event) => { if (!box.contains(event.target)) wake(false); });
    box.addEventListener("touchmove", (event) => { if (event.touches.length === 1 && !map.dragging.enabled()) tell(); }, { passive: true });
    box.addEventListener("wheel", (event) => {
      if (map.scrollWheelZoom.enabled()) return;
      if (event.ctrlKey) { event.preventDefault(); wake(true); } else tell();
    }, { passive: false });
  }

  const touches = () => matchMedia("(pointer: coarse)").matches;
  return makeMap;
})();

/* The shift of Chinese public maps; the same formula as in aedplan/coordinates.py, which tells its source. */
const [toGcj02, fromGcj02] = (() => {
  const AXIS_M = 6378245, ECCENTRICITY_2 = 0.00669342162296594323, TURN = Math.PI / 180, ROUNDS = 8;
  const inside = (lon, lat) => lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;
  const wave = (size, value) => size * Math.sin(Math.PI * value);

  function shifted(lon, lat) {
    const x = lon - 105, y = lat - 35, root = Math.sqrt(Math.abs(x)), both = wave(20, 6 * x) + wave(20, 2 * x);
    const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
      + (both + wave(20, y) + wave(40, y / 3) + wave(160, y / 12) + wave(320, y / 30)) * 2 / 3;
    const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
      + (both + wave(20, x) + wave(40, x / 3) + wave(150, x / 12) + wave(300, x / 30)) * 2 / 3;
    const squash = 1 - ECCENTRICITY_2 * Math.sin(lat * TURN) ** 2;
    const meridian = AXIS_M * (1 - ECCENTRICITY_2) / squash ** 1.5, parallel = AXIS_M / Math.sqrt(squash) * Math.cos(lat * TURN);
    return [lon + east / parallel / TURN, lat + north / meridian / TURN];
  }

  function back(lon, lat) {
    let at = [lon, lat];
    for (let round = 0; round < ROUNDS; round++) {
      const [east, north] = shifted(...at);
      at = [at[0] - (east - lon), at[1] - (north - lat)];
    }
    return at;
  }

  return [(lon, lat) => (inside(lon, lat) ? shifted(lon, lat) : [lon, lat]), (lon, lat) => (inside(lon, lat) ? back(lon, lat) : [lon, lat])];
})();

/* The AED sign in a state, told by shape and colour: for a marker, a legend, a list. The word goes beside it. */
const stateMark = (() => {
  const SHAPES = {
    closed: "M5 11V8a5 5 0 0 1 10 0v3h1v8H4v-8Zm2.5 0h5V8a2.5 2.5 0 0 0-5 0Z",
    unverified: "M6.2 7.4C6.4 4.6 8 3.2 10.2 3.2c2.3 0 3.9 1.5 3.9 3.7 0 1.7-.8 2.7-2.1 3.6-1 .7-1.3 1.2-1.3 2.2v.4H8.2v-.8c0-1.7.7-2.7 2-3.6.9-.6 1.2-1 1.2-1.7 0-.8-.5-1.3-1.3-1.3-.9 0-1.4.6-1.5 1.7ZM8 15h3v3H8Z",
  };
  const SVG = "http://www.w3.org/2000/svg";

  function drawing(box, name, attributes, kind = "") {
    const made = document.createElementNS(SVG, "svg"), inner = document.createElementNS(SVG, name);
    made.setAttribute("viewBox", box);
    made.setAttribute("class", kind);
    made.setAttribute("aria-hidden", "true");
    Object.entries(attributes).forEach((pair) => inner.setAttribute(...pair));
    made.append(inner);
    return made;
  }

  return (state) => element("span", { class: "device " + state }, drawing("0 0 32 32", "use", { href: "#aed-sign" }),
    SHAPES[state] ? drawing("0 0 20 22", "path", { d: SHAPES[state] }, "why") : null);
})();

/* Devices by the AED sign, each with its state as shape and word besides the colour. */
const deviceLayer = (() => {
  const SIZE_PX = 30, MOST_TABBED = 60, RISE = 1000, CHINESE = /[\u4e00-\u9fff]/;
  const WORDS = { usable: _("可用"), closed: _("已关闭"), unverified: _("未核实") };

  const icon = (state) => L.divIcon({ className: "", iconSize: [SIZE_PX, SIZE_PX], tooltipAnchor: [0, -SIZE_PX / 2],
    popupAnchor: [0, -SIZE_PX / 2], html: stateMark(state) });

  function words(feature, state, why) {
    const told = feature.properties, place = english ? told.place_en : told.place_zh, hours = (english ? told.hours_en : told.hours_zh) || told.hours;
    return element("div", { class: "place" },
      element("b", { lang: english ? "zh-CN" : null }, told.label),
      element("span", { class: state }, WORDS[state] + (why ? " · " + why : "")),
      place ? element("span", { lang: english && CHINESE.test(place) ? "zh-CN" : null }, place) : null,
      hours ? element("span", {}, say(_("开放时间 {hours}"), { hours })) : null,
      told.code ? element("a", { href: "/d/" + encodeURIComponent(told.code) + (english ? "?lang=en" : "") }, _("这台设备的页面")) : null);
  }

  return (map, features, { words: describe } = {}) => {
    const group = L.layerGroup(), markers = new Map(), tabbed = features.length <= MOST_TABBED;
    const own = (feature) => feature.properties.state || "unverified";
    const why = (feature) => (english ? feature.properties.why_en : feature.properties.why_zh) || "";
    features.forEach((feature) => {
      const [lon, lat] = feature.geometry.coordinates, held = { feature, state: "", why: why(feature) };
      held.marker = L.marker([lat, lon], { keyboard: tabbed, riseOnHover: true });
      held.marker.bindPopup(() => (describe || words)(feature, held.state, held.why), { maxWidth: 280, autoPanPaddingTopLeft: [16, 16], autoPanPaddingBottomRight: [16, 64] });
      if (matchMedia("(hover: hover)").matches) held.marker.bindTooltip(() => `${escaped(feature.properties.label)} · ${WORDS[held.state]}`, { direction: "top" });
      held.marker.on("popupopen", () => held.marker.closeTooltip());
      held.marker.on("add", () => label(held));
      markers.set(feature.id || feature.properties.id, held);
    });
    const escaped = (text) => element("i", {}, text).innerHTML;
    const label = (held) => {
      const shown = held.marker.getElement();
      if (shown) shown.setAttribute("aria-label", `${held.feature.properties.label} · ${WORDS[held.state]}`);
    };
    group.show = (stateOf, whyOf = () => "") => markers.forEach((held) => {
      const state = stateOf(held.feature);
      held.why = whyOf(held.feature);
      if (state === held.state) return;
      held.state = state;
      held.marker.setIcon(icon(state)).setZIndexOffset(state === "usable" ? RISE : 0);
      label(held);
      held.marker.addTo(group);
    });
    group.marker = (id) => (markers.get(id) || {}).marker;
    group.show(own, why);
    return group.addTo(map);
  };
})();
