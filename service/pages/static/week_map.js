"use strict";
// The map of a week: at the chosen hour which devices are usable, whom they reach, and where nobody is reached.
(async () => {
  const HOUR_MS = 3600e3, COUNTY_MS = 8 * HOUR_MS, CELL_PX = 18, LARGE_PX = 7, MARGIN = 0.3, SHAPE = "http://www.w3.org/2000/svg";
  const WEEKDAYS = [_("周日"), _("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六")];
  const WORDS = { usable: _("可用"), closed: _("已关闭"), unverified: _("未核实") };
  const LAYERS = ["devices", "circles", "demand"];
  const find = (id) => document.getElementById(id);
  const slider = find("hour"), box = find("map");
  const locale = english ? "en" : "zh-CN";

  let map, week, circles, listed;
  try {
    [map, week, circles, listed] = await Promise.all([
      makeMap(box, viewOfAddress()), ask("GET", "/api/v1/coverage/week"), ask("GET", "/api/v1/coverage/circles"), ask("GET", "/api/v1/devices")]);
  } catch (fault) {
    find("told").textContent = fault.message;
    box.hidden = true;
    return;
  }
  const states = new Map(week.devices.map((device) => [device.id, device.states]));
  const stateOf = (feature) => week.states[(states.get(feature.id) || "2".repeat(week.hours))[hour]];
  const begin = Date.parse(week.begin);
  let hour = 0;

  // What is drawn: demand lowest, then circles, then devices
  ["demand", "circles"].forEach((name, i) => {
    Object.assign(map.createPane(name).style, { zIndex: 410 + i, pointerEvents: "none" });
  });
  const reach = L.canvas({ pane: "circles", padding: MARGIN });
  const layers = { circles: L.layerGroup(), demand: dotLayer(), devices: deviceLayer(map, listed.features) };
  const open = L.polygon([], { pane: "circles", renderer: reach, interactive: false, fillRule: "nonzero", smoothFactor: 0.5 }).addTo(layers.circles);
  const shut = L.polygon([], { pane: "circles", renderer: reach, interactive: false, smoothFactor: 0.5 }).addTo(layers.circles);
  const rings = new Map(circles.features.map((one) => [one.id, one.geometry.coordinates.map((part) => part.map(turned))]));
  const hidden = new Set((new URLSearchParams(location.search).get("hide") || "").split(","));

  function turned(ring) { return ring.map(([lon, lat]) => [lat, lon]); }

  function draw() {
    layers.devices.show(stateOf, (feature) => (hour === hourNow() ? (english ? feature.properties.why_en : feature.properties.why_zh) : ""));
    const usable = week.devices.map((device) => device.states[hour] === "0");
    const shapes = (wanted) => [].concat(...week.devices.filter((device, i) => usable[i] === wanted).map((device) => rings.get(device.id) || []));
    open.setLatLngs(shapes(true));
    shut.setLatLngs(shapes(false));
    layers.demand.draw();
    tell(usable);
  }

  // Demand that nobody reaches, summed over cells of the screen; areas show the sums
  function drawDemand(canvas, { min, max }) {
    if (!week.coverage) return;
    const { lon, lat, weight, reached_by: reachedBy, sets } = week.coverage.demand;
    const reached = sets.map((devices) => devices.some((device) => week.devices[device].states[hour] === "0"));
    const cells = new Map();
    lon.forEach((east, i) => {
      if (reached[reachedBy[i]]) return;
      const { x, y } = map.project([lat[i], east]);
      if (x < min.x || x > max.x || y < min.y || y > max.y) return;
      const key = Math.floor(x / CELL_PX) + ":" + Math.floor(y / CELL_PX), cell = cells.get(key) || { x: 0, y: 0, weight: 0 };
      cell.x += x * weight[i]; cell.y += y * weight[i]; cell.weight += weight[i];
      cells.set(key, cell);
    });
    const sizes = [...cells.values()].map((cell) => cell.weight).sort((one, other) => one - other), large = sizes[Math.floor(0.98 * sizes.length)] || 1;
    Object.assign(canvas, { fillStyle: token("gap"), globalAlpha: 0.55 });
    cells.forEach((cell) => {
      canvas.beginPath();
      canvas.arc(cell.x / cell.weight - min.x, cell.y / cell.weight - min.y, Math.max(1, Math.min(1.3, Math.sqrt(cell.weight / large)) * LARGE_PX), 0, 7);
      canvas.fill();
    });
  }

  // One canvas for all dots, drawn anew when the map has come to rest
  function dotLayer() {
    const Dots = L.Layer.extend({
      onAdd() {
        this.canvas = this.canvas || L.DomUtil.create("canvas", "leaflet-zoom-hide");
        map.getPane("demand").append(this.canvas);
        map.on("moveend resize", this.draw, this);
        this.draw();
      },
      onRemove() {
        map.off("moveend resize", this.draw, this);
        this.canvas.remove();
      },
      draw() {
        if (!this._map) return;
        const size = map.getSize(), margin = size.multiplyBy(MARGIN).round(), scale = devicePixelRatio || 1;
        const whole = size.add(margin.multiplyBy(2)), corner = map.containerPointToLayerPoint(margin.multiplyBy(-1));
        const min = corner.add(map.getPixelOrigin());
        Object.assign(this.canvas, { width: whole.x * scale, height: whole.y * scale });
        Object.assign(this.canvas.style, { width: whole.x + "px", height: whole.y + "px" });
        L.DomUtil.setPosition(this.canvas, corner);
        const canvas = this.canvas.getContext("2d");
        canvas.scale(scale, scale);
        drawDemand(canvas, { min, max: min.add(whole) });
      },
    });
    return new Dots();
  }

  function colour() {
    open.setStyle({ stroke: true, color: token("reach-1"), weight: 1, opacity: 0.7, fillColor: token("reach-2"), fillOpacity: 0.3 });
    shut.setStyle({ stroke: true, color: token("closed"), weight: 1, opacity: 0.6, dashArray: "3 4", fill: false });
  }

  // What is said
  function tell(usable) {
    const at = when(hour), count = usable.filter(Boolean).length, covered = week.coverage;
    const finding = covered && covered.total
      ? say(_("{when}：{share} 的需求在 {minutes} 分钟内"), { when: at, share: share(covered.effective[hour] / covered.total), minutes: number(week.circle.minutes) })
      : say(_("{when}：{n} 台 AED 可用"), { when: at, n: count });
    find("finding").textContent = finding;
    slider.setAttribute("aria-valuetext", finding);
    find("told").textContent = [date(hour), english ? week.circle.words_en : week.circle.words_zh].join(" · ");
    const counts = { usable: 0, closed: 0, unverified: 0 };
    week.devices.forEach((device) => { counts[week.states[device.states[hour]]] += 1; });
    find("states").textContent = "";
    find("states").append(...Object.keys(counts).map((state) =>
      element("li", { class: state }, stateMark(state), say(_("{state} {n} 台"), { state: WORDS[state], n: counts[state] }))));
    find("legend-devices").textContent = say(_("AED {n} 台"), { n: week.devices.length });
    find("legend-circles").textContent = say(_("{minutes} 分钟内走得到；虚线：这时不可用"), { minutes: number(week.circle.minutes) });
    if (covered) {
      const left = covered.total - covered.effective[hour];
      find("legend-demand").textContent = say(_("够不到的需求，约 {left} 例/年；点越大越多"), { left: number(left) });
    }
    find("now").disabled = hour === hourNow();
  }

  function notes() {
    const covered = week.coverage, unknown = week.devices.filter((device) => !device.hours_known).length;
    return [
      covered && covered.total ? say(_("全部开放且完好时 {share}。"), { share: share(covered.paper / covered.total) }) : "",
      week.source === "plan" ? _("没有设备档案：按开放时间计，未核实是否完好。") : _("只计开放且确知完好的 AED。"),
      unknown ? say(_("{n} 台开放时间不明，不计入。"), { n: unknown }) : "",
      _("需求：预期心搏骤停。"),
      week.synthetic ? _("合成数据，非真实地点") : "",
    ].filter(Boolean).join(english ? " " : "");
  }

  const share = (part) => (100 * part).toLocaleString(locale, { maximumFractionDigits: part < 0.1 ? 1 : 0 }) + "%";
  const number = (value) => Number(value).toLocaleString(locale, { maximumFractionDigits: value < 10 ? 1 : 0 });
  const here = (index) => new Date(begin + index * HOUR_MS + COUNTY_MS);
  const clock = (index) => String(here(index).getUTCHours()).padStart(2, "0") + ":00";
  const when = (index) => `${say(WEEKDAYS[here(index).getUTCDay()])} ${clock(index)}`;
  const date = (index) => here(index).toISOString().slice(0, 10);
  const hourNow = () => Math.max(0, Math.min(week.hours - 1, Math.floor((Date.now() - begin) / HOUR_MS)));

  // The week as a curve above the slider: what is covered each hour, and as a line what all devices would cover
  function drawCurve() {
    const covered = week.coverage;
    if (!covered || !covered.paper) { find("curve").remove(); return; }
    const high = (value) => (40 - 36 * value / covered.paper).toFixed(2);
    const steps = covered.effective.map((value, i) => `L${i} ${high(value)}L${i + 1} ${high(value)}`).join("");
    [["area", `M0 40${steps}L168 40Z`], ["paper", `M0 ${high(covered.paper)}H168`], ["hand", ""]].forEach(([name, path]) => {
      const line = document.createElementNS(SHAPE, "path");
      line.setAttribute("class", name);
      line.setAttribute("d", path);
      find("curve").append(line);
    });
  }

  function drawDays() {
    find("days").append(...[...Array(week.hours / 24).keys()].map((day) => element("li", {}, say(WEEKDAYS[here(24 * day).getUTCDay()]).slice(0, english ? 3 : 2))));
  }

  function showHand() {
    const hand = document.querySelector("#curve .hand");
    if (hand) hand.setAttribute("d", `M${hour} 0H${hour + 1}V40H${hour}Z`);
  }

  // The address keeps hour, layers and view, so that what is seen can be sent
  function hourOfAddress() {
    const asked = Date.parse((new URLSearchParams(location.search).get("at") || "") + ":00:00+08:00"), index = Math.round((asked - begin) / HOUR_MS);
    return index >= 0 && index < week.hours ? index : hourNow();
  }

  function viewOfAddress() {
    const [zoom, lat, lon] = location.hash.slice(1).split("/").map(Number);
    return zoom >= 8 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180 ? { zoom, lat, lon } : {};
  }

  function keep() {
    const query = new URLSearchParams(location.search), off = LAYERS.filter((name) => hidden.has(name));
    if (hour === hourNow()) query.delete("at"); else query.set("at", here(hour).toISOString().slice(0, 13));
    if (off.length) query.set("hide", off.join(",")); else query.delete("hide");
    const { lat, lng } = map.getCenter(), asked = query.toString();
    history.replaceState(null, "", `${location.pathname}${asked ? "?" + asked : ""}#${map.getZoom()}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
  }

  let keeping = 0;
  const keepSoon = () => { clearTimeout(keeping); keeping = setTimeout(keep, 300); };

  function turnTo(index) {
    hour = Math.max(0, Math.min(week.hours - 1, index));
    slider.value = hour;
    draw();
    showHand();
    keepSoon();
  }

  slider.addEventListener("input", () => turnTo(Number(slider.value)));
  slider.addEventListener("keydown", (event) => {
    const days = { PageUp: 1, PageDown: -1 }[event.key];
    if (days) { event.preventDefault(); turnTo(hour + 24 * days); }
  });
  find("now").addEventListener("click", () => { turnTo(hourNow()); slider.focus(); });
  document.querySelectorAll("[data-layer]").forEach((choice) => {
    const name = choice.dataset.layer, show = () => { if (choice.checked) layers[name].addTo(map); else layers[name].remove(); };
    choice.checked = !hidden.has(name);
    show();
    choice.addEventListener("change", () => {
      hidden[choice.checked ? "delete" : "add"](name);
      show();
      keep();
    });
  });
  map.on("moveend", keepSoon);
  map.on("scheme", () => { colour(); draw(); });
  find("notes").textContent = notes();
  const near = L.polygon([...rings.values()]).getBounds();
  if (!location.hash && near.isValid()) map.fitBounds(near, { animate: false, maxZoom: 16 });
  colour();
  drawCurve();
  drawDays();
  turnTo(hourOfAddress());
  find("when").hidden = find("legend").hidden = false;
  if (!week.coverage) document.querySelector("[data-layer=demand]").closest("label").hidden = true;
  box.classList.add("drawn");
  window.weekMap = { map, week, layers };
})();
