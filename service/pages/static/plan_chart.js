"use strict";
/* The curve: what each number of devices covers as a line, what no plan can exceed as a thin line, the gap between them
   shaded, the chosen number marked. A slider below moves along it; the same figures stand in a table. */

const svgMade = (name, attributes = {}, ...inner) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...inner);
  return made;
};

const CHART = { width: 480, height: 264, left: 56, right: 16, top: 16, bottom: 44 };

/** The scale of a curve: x of a count, y of a share, and the shares of the grid. */
function chartScale(last, most) {
  const top = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8].find((share) => most <= share) || 1, { width, height, left, right, bottom } = CHART;
  return {
    x: (count) => left + (width - left - right) * count / Math.max(last, 1),
    y: (share) => height - bottom - (height - CHART.top - bottom) * share / top,
    shares: [0, top / 2, top], counts: roundCounts(last),
  };
}

function roundCounts(last) {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((one) => last / one <= 6) || 1000, counts = [];
  for (let count = 0; count < last - 0.6 * step; count += step) counts.push(count);
  return [...counts, last];
}

function chartPath(kind, at) { return svgMade("path", { class: kind, d: `M${at.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}` }); }

function chartText(x, y, words, anchor = "middle") { return svgMade("text", { x: x.toFixed(1), y: y.toFixed(1), "text-anchor": anchor }, words); }

/** The curve of a plan with its slider and table; `moved(n)` is told the number of devices looked at. */
function planCurve(curve, moved) {
  const last = curve[curve.length - 1], known = curve.filter((one) => one.bound_share !== null);
  const most = Math.max(...curve.map((one) => one.share), ...known.map((one) => one.bound_share)), scale = chartScale(last.devices, most);
  const at = (one, share) => [scale.x(one.devices), scale.y(share)];
  const grid = [...scale.shares.flatMap((share) => [chartPath("axis", [[CHART.left, scale.y(share)], [CHART.width - CHART.right, scale.y(share)]]),
    chartText(CHART.left - 8, scale.y(share) + 5, percent(share, share * 100 % 1 ? 1 : 0), "end")]),
  ...scale.counts.map((count) => chartText(scale.x(count), CHART.height - CHART.bottom + 22, whole(count)))];
  const value = curve.map((one) => at(one, one.share)), bound = known.map((one) => at(one, one.bound_share));
  const lines = [];
  if (bound.length > 1) {
    lines.push(chartPath("gap-area", [...bound, ...known.map((one) => at(one, one.share)).reverse()]), chartPath("bound", bound));
  } else if (bound.length) lines.push(chartPath("bound", [[bound[0][0] - 24, bound[0][1]], bound[0]]));
  const cursor = chartPath("cursor", [[0, CHART.top], [0, CHART.height - CHART.bottom]]), dot = svgMade("circle", { class: "mark", r: 6 });
  const drawn = svgMade("svg", { class: "curve", viewBox: `0 0 ${CHART.width} ${CHART.height}`, "aria-hidden": "true", focusable: "false" },
    ...grid, ...lines, chartPath("value", value), cursor, dot);
  const slider = element("input", { type: "range", min: 0, max: last.devices, step: 1, value: last.devices, class: "along", "aria-label": _("看前几台") });
  const said = element("output", { class: "at" });

  function look(n) {
    const one = curve.reduce((best, other) => (Math.abs(other.devices - n) < Math.abs(best.devices - n) ? other : best));
    const [x, y] = at(one, one.share);
    cursor.setAttribute("transform", `translate(${x.toFixed(1)} 0)`);
    dot.setAttribute("cx", x.toFixed(1));
    dot.setAttribute("cy", y.toFixed(1));
    const words = one.bound_share === null ? say(_("前 {n} 台：覆盖 {share}"), { n: one.devices, share: percent(one.share) })
      : say(_("前 {n} 台：覆盖 {share}，任何 {n} 台不超过 {bound}"), { n: one.devices, share: percent(one.share), bound: percent(one.bound_share) });
    said.textContent = words;
    slider.setAttribute("aria-valuetext", words);
  }

  slider.addEventListener("input", () => { look(Number(slider.value)); moved(Number(slider.value)); });
  drawn.addEventListener("click", (event) => {
    const box = drawn.getBoundingClientRect(), x = (event.clientX - box.left) / box.width * CHART.width;
    slider.value = Math.round((x - CHART.left) / (CHART.width - CHART.left - CHART.right) * last.devices);
    slider.dispatchEvent(new Event("input"));
  });
  look(last.devices);
  const key = element("p", { class: "chartkey" }, element("span", {}, element("i", { class: "line-key value-key" }), _("覆盖")),
    element("span", {}, element("i", { class: "line-key bound-key" }), _("上界")), element("span", {}, element("i", { class: "line-key gap-key" }), _("差距")));
  return element("div", { class: "chart" }, key, drawn, slider, said, curveTable(curve));
}

/** The same figures as a table, opened on demand. */
function curveTable(curve) {
  const columns = [{ words: _("台数"), heads: true }, { words: _("覆盖（%）"), number: true }, { words: _("上界（%）"), number: true }, { words: _("多出（个百分点）"), number: true }];
  const cell = (share) => (share === null ? "—" : (100 * share).toFixed(1));
  const rows = curve.map((one, i) => [whole(one.devices), cell(one.share), cell(one.bound_share), i ? (100 * (one.share - curve[i - 1].share)).toFixed(2) : "—"]);
  return element("details", { class: "figures" }, element("summary", {}, _("数字表")), tableOf(_("每个台数的覆盖和上界"), columns, rows));
}

/** Value and bound while a search runs: two lines coming together. */
function searchCurve(trace) {
  const [first] = trace, last = trace[trace.length - 1], most = Math.max(...trace.map((one) => one.bound_share)), least = Math.min(...trace.map((one) => one.share));
  const x = (one) => 100 * (one.seconds - first.seconds) / Math.max(last.seconds - first.seconds, 1e-9), y = (share) => 36 - 32 * (share - least) / Math.max(most - least, 1e-9);
  const line = (field) => trace.map((one) => [x(one), y(one[field])]);
  return svgMade("svg", { class: "search", viewBox: "0 0 100 40", preserveAspectRatio: "none", "aria-hidden": "true" },
    chartPath("gap-area", [...line("bound_share"), ...line("share").reverse()]), chartPath("bound", line("bound_share")), chartPath("value", line("share")));
}
