"use strict";
// The page of a stranger: where I am, the devices nearest on foot, the way there. The list below it is complete without a script.
// Streets decide which device is nearest: the server's, or the phone's own from the street file of the neighbourhood;
// else the straight line times what walks are longer here, said with "about".
const page = { devices: [], asOf: 0, places: [], walks: null, walksAt: "", here: null, answered: null, map: null };
const find = (selector) => document.querySelector(selector);
const list = find("#all");
const near = find("#near");
const status = find("#status");
const chooser = find("#chooser");
const PATIENCE_MS = 900;
const MOVED_M = 40;
const FAR_M = 750;
const OUTSIDE_M = 20000;
const OLD_MS = 7 * DAY;
const MOST_PHOTOS = 60;
const REFRESH_MS = 2 * MINUTE;

// The list: its devices as data, its states as they are now

function readList() {
  page.asOf = Date.parse(list.dataset.asOf);
  const known = { asOf: page.asOf, told: Date.parse(list.dataset.told) };
  page.devices = [...list.querySelectorAll(".entry")].map((item) => readDevice(item, known));
}

function freshenStates() {
  const now = Date.now();
  for (const device of page.devices) {
    const { state, why } = stateAt(device, now);
    const shown = device.item.querySelector(".state");
    if (state !== device.shown || why !== device.shownWhy) shown.replaceWith(stateLine({ state, why }));
    [device.shown, device.shownWhy] = [state, why];
  }
  tellAge(now - page.asOf);
}

function tellAge(age) {
  const minutes = Math.floor(age / MINUTE);
  const words = minutes < 2 ? _("刚刚") : minutes < 120 ? say(_("{n} 分钟前"), { n: minutes })
    : minutes < 2880 ? say(_("{n} 小时前"), { n: Math.round(minutes / 60) }) : say(_("{n} 天前"), { n: Math.round(minutes / 1440) });
  find("#age").textContent = words;
  find("#old").hidden = age <= OLD_MS;
}

/** Fetch the list anew when it has aged: a page kept open, or one that came out of a cache. */
async function refreshList() {
  if (Date.now() - page.asOf < REFRESH_MS || navigator.onLine === false) return;
  try {
    const reply = await fetch(location.pathname + location.search, { cache: "no-cache" });
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("#all");
    if (!reply.ok || !fresh || Date.parse(fresh.dataset.asOf) <= page.asOf) return;
    list.dataset.asOf = fresh.dataset.asOf;
    list.replaceChildren(...fresh.childNodes);
    readList();
    freshenStates();
    if (page.here) lookAround(page.here);
  } catch (fault) { /* the list that is here stays; its age is shown */ }
}

// Nearest: ranked by the server, or here

/** By the streets where they are known, else by the straight line times what walks are longer in this county. */
function rankHere(here) {
  const now = Date.now();
  const walks = page.walks ? page.walks.metresTo(here.lon, here.lat, page.devices) : [];
  const factor = Number(list.dataset.lineFactor);
  return {
    outside: !page.devices.some((device) => lineMetres(here, device) < OUTSIDE_M),
    ranked: page.devices.map((device, number) => {
      const about = !(walks[number] < Infinity);
      return { device, now: stateAt(device, now), about, metres: about ? lineMetres(here, device) * factor : walks[number] };
    }).sort(byUse),
  };
}

const USE = { usable: 0, unverified: 1, closed: 2 };
const byUse = (a, b) => USE[a.now.state] - USE[b.now.state] || a.metres - b.metres;

/** The server's answer in the same shape; what it knows of a device is newer than what the list says. */
function rankThere(answer) {
  const about = answer.measure === "line";
  const factor = about ? Number(list.dataset.lineFactor) : 1;
  const known = new Map(page.devices.map((device) => [device.code, device]));
  const ranked = answer.devices.filter((one) => known.has(one.code)).map((one) => {
    const device = known.get(one.code);
    device.ready = one.ready;
    device.state = one.state;
    if (one.state !== "closed") device.taken = 0; // whether it is taken is in its state
    device.why = english ? one.why_en : one.why_zh;
    return { device, now: { state: one.state, why: device.why }, about, metres: one.metres * factor };
  });
  return { outside: answer.reason === "outside_area", ranked };
}

/** The first is the nearest usable; of the two more one that is nearer but not verified goes before those further off. */
function choose(ranked) {
  const [first] = ranked;
  const others = ranked.slice(1).filter((one) => one.now.state !== "closed" || first.now.state !== "usable");
  const nearer = others.find((one) => one.now.state === "unverified" && one.metres < first.metres);
  return [first, nearer, ...others.filter((one) => one !== nearer)].filter(Boolean).slice(0, 3);
}

/** Ask the server, which knows what was reported a moment ago; whoever waits too long for it sees what the phone itself finds. */
async function lookAround(here) {
  const turn = {};
  [page.here, page.answered, page.turn] = [here, here, turn];
  const show = (answer) => { if (page.turn === turn) showNear(answer, here); };
  const showOwn = () => show(rankHere(here));
  showHere();
  if (page.walks || navigator.onLine === false) showOwn();
  const early = setTimeout(showOwn, PATIENCE_MS);
  try {
    if (navigator.onLine === false) throw new Error("offline");
    const answer = rankThere(await ask("GET", `/api/v1/nearest?lon=${here.lon.toFixed(6)}&lat=${here.lat.toFixed(6)}&limit=10`));
    show(answer);
    if (!answer.outside) fetchWalks(here);
  } catch (fault) {
    showOwn();
    fetchWalks(here).then(showOwn);
  } finally {
    clearTimeout(early);
  }
}

/** The streets of the neighbourhood, asked for by corners of a grid, so that the same question is kept for the whole of it. */
async function fetchWalks(here) {
  const address = `/api/v1/walks?lon=${here.lon.toFixed(2)}&lat=${here.lat.toFixed(2)}&radius_m=2000`;
  if (page.walksAt === address) return;
  try {
    page.walks = makeWalks(await ask("GET", address));
    page.walksAt = address;
  } catch (fault) { /* without them the straight line is used */ }
}

// Shown

function showHere() {
  const { here } = page;
  find("#me").hidden = false;
  find("#ask-part").hidden = true;
  find("#me-words").textContent = placeWords(here, page.places);
  find("#me-point").textContent = `${here.lat.toFixed(5)}, ${here.lon.toFixed(5)}`;
  const rough = !here.chosen && here.accuracy > INACCURATE_M;
  find("#me-sure").textContent = here.chosen ? _("您选的地点") : say(_("精确到约 {length}"), { length: lengthWords(here.accuracy) });
  find("#me-rough").hidden = !rough;
  if (page.map) page.map.follow(here);
  if (rough) find("#me-rough").textContent = say(_("定位不准，误差约 {length}。请选一个地点，或走到窗边、室外再试。"), { length: lengthWords(here.accuracy) });
}

function showNear({ ranked, outside }, here) {
  near.hidden = false;
  status.textContent = "";
  if (!ranked.length) { near.replaceChildren(element("p", { class: "unsure" }, _("这里还没有登记的设备。请拨打 120，马上胸外按压。"))); return; }
  const chosen = choose(ranked);
  const usable = chosen[0].now.state === "usable";
  const what = [usable, outside, ...chosen.map(({ device }) => device.code)].join();
  if (what === page.what && near.querySelector(".near")) renewCards(chosen, here);
  else near.replaceChildren(
    element("h2", {}, usable ? _("最近可用的 AED") : _("现在没有确定可用的 AED")),
    outside ? element("p", { class: "unsure" }, _("您不在本图范围内，附近没有登记的设备。请拨打 120，马上胸外按压。")) : "",
    element("ol", { class: "near" }, ...chosen.map((one, number) => card(one, number, here))),
  );
  [page.shown, page.what] = [chosen, what];
  turnArrows();
  find("#heard").textContent = say(_("最近：{name}，{length}"), { name: chosen[0].device.label, length: lengthWords(chosen[0].metres) });
}

/** The same devices again: only state and way change, so that nothing closes under the finger. */
function renewCards(chosen, here) {
  for (const [number, box] of near.querySelectorAll(".near > li").entries()) {
    box.querySelector(".state").replaceWith(stateLine(chosen[number].now));
    box.querySelector(".way").replaceWith(way(chosen[number], here));
  }
}

function card(one, number, here) {
  const { device, now, metres } = one;
  const first = number === 0;
  return element("li", { class: first ? "card first" : "card", "data-code": device.code },
    element("h3", {}, element("a", { href: device.page, lang: "zh-CN" }, device.label)),
    stateLine(now),
    way(one, here),
    first && metres > FAR_M ? element("p", { class: "unsure" }, _("较远。只有您一人时不要去取，一直按压，等 120。")) : "",
    device.place ? element("p", { class: "where", lang: device.placeLanguage }, device.place) : "",
    device.phone && now.state !== "usable" ? element("p", {}, element("a", { class: "button second", href: `tel:${device.phone}` }, say(_("打给值班：{phone}"), { phone: device.phone }))) : "",
    goTo(device, first),
    first && device.photo ? element("img", { class: "photo", src: device.photo, alt: say(_("{name}的设备照片"), { name: device.label }), width: 480, height: 360 }) : "",
    first && list.dataset.reports ? reportButtons(device) : "");
}

function way({ device, metres, about }, here) {
  const rough = about || (!here.chosen && here.accuracy > INACCURATE_M);
  const minutes = Math.max(1, Math.ceil(metres / Number(list.dataset.speed) / 60));
  const degrees = bearing(here, device);
  return element("div", { class: "way" },
    element("span", { class: "arrow", "data-bearing": degrees, "data-north": _("北") }, icon("arrow")),
    element("div", {},
      element("p", { class: "walk" }, say(rough ? _("步行约 {n} 分钟") : _("步行 {n} 分钟"), { n: minutes })),
      element("p", { class: "quiet" }, `${rough ? say(_("约 {length}"), { length: lengthWords(metres) }) : lengthWords(metres)} · ${directionWords(degrees)}`)));
}

function goTo(device, first) {
  const apps = device.apps.map(([name, address]) => element("a", { class: "button second", href: address, rel: "noreferrer" }, name));
  return element("details", { class: "go" },
    element("summary", { class: first ? "button" : "button second" }, _("去这里")), element("div", { class: "apps" }, ...apps));
}

const compass = makeCompass(turnArrows);

/** Arrows point from the top of the phone where its compass is known, else from north. */
function turnArrows() {
  const heading = compass.heading();
  for (const arrow of document.querySelectorAll(".arrow")) {
    arrow.firstChild.style.transform = `rotate(${Number(arrow.dataset.bearing) - (heading || 0)}deg)`;
    arrow.classList.toggle("north", heading === null);
  }
}

// Position

let stopWatching = null;

function locate() {
  compass.begin();
  if (stopWatching) stopWatching();
  status.textContent = _("正在定位……");
  stopWatching = watchPosition({
    found: (here) => {
      if (page.here && page.here.chosen) { find("#use-mine").hidden = false; page.mine = here; return; }
      moved(here);
    },
    late: () => {
      status.textContent = _("还没有定位成功。可以先选一个地点。");
      if (!page.here) openChooser(false);
    },
    refused: (denied) => {
      status.textContent = denied ? _("手机没有允许定位。请选一个地点。") : _("手机现在无法定位。请选一个地点。");
      if (!page.here) openChooser(false);
    },
  });
}

/** Ask anew when one has really moved or the position has become twice as sure; between that only the arrows follow. */
function moved(here) {
  const before = page.answered;
  const sharper = before && !before.chosen && here.accuracy < before.accuracy / 2 && before.accuracy > 30;
  page.here = here;
  if (!choosing()) closeChooser(); // it was opened because nobody knew where one is; whoever opened it goes on choosing
  if (!before || before.chosen || sharper || lineMetres(before, here) > MOVED_M) { lookAround(here); return; }
  showHere();
  for (const [number, arrow] of near.querySelectorAll(".arrow").entries()) arrow.dataset.bearing = bearing(here, page.shown[number].device);
  turnArrows();
}

// A place by name

async function fetchPlaces() {
  if (page.places.length) return;
  try {
    page.places = (await ask("GET", "/api/v1/places")).places;
    if (page.here) showHere();
    if (!chooser.hidden) showMatches();
  } catch (fault) { /* the list below is by town all the same */ }
}

/** Whether somebody has opened the chooser; going back closes it. */
const choosing = () => Boolean(history.state && history.state.choosing);

function openChooser(byHand) {
  chooser.hidden = false;
  find("#ask-part").hidden = page.here !== null;
  fetchPlaces().then(showMatches);
  if (byHand) {
    if (!choosing()) history.pushState({ choosing: true }, "");
    find("#place").focus();
  }
}

function closeChooser() {
  if (chooser.hidden) return;
  chooser.hidden = true;
  if (choosing()) history.back();
}

function showMatches() {
  const typed = find("#place").value;
  const found = matchPlaces(page.places, typed, 8);
  find("#matches").replaceChildren(...found.map((place) => {
    const pick = element("button", { type: "button", class: "second", lang: "zh-CN" }, typed ? placeName(place) : place.name);
    pick.addEventListener("click", () => pickPlace({ lon: place.lon, lat: place.lat, chosen: placeName(place) }));
    return element("li", {}, pick);
  }));
  find("#no-match").hidden = found.length > 0 || !typed;
}

function pickPlace(place) {
  find("#use-mine").hidden = true;
  closeChooser();
  lookAround({ ...place, accuracy: 0, at: Date.now() });
  near.scrollIntoView({ block: "nearest" });
}

// The map, when there is time for it

async function openMap() {
  const box = find("#map");
  if (page.map) return;
  page.map = { follow() {} };
  find("#map-open").hidden = find("#map-none").hidden = true;
  box.hidden = false;
  try {
    for (const script of box.dataset.scripts.split(" ")) await load(script);
    page.map = await drawMap(box, { devices: page.devices, here: page.here, pick: pickPlace });
  } catch (fault) {
    page.map = null;
    box.hidden = true;
    find("#map-open").hidden = find("#map-none").hidden = false;
  }
}

function load(address) {
  return new Promise((done, failed) => {
    const script = element("script", { src: address });
    script.addEventListener("load", done);
    script.addEventListener("error", failed);
    document.head.append(script);
  });
}

// What happens when

function wake() {
  freshenStates();
  refreshList();
  const { here } = page;
  if (stopWatching && here && !here.chosen && Date.now() - here.at > OLDEST_FIX_MS) locate(); // whoever comes back may have moved
}

function hintInside() {
  find("#inside").hidden = !/MicroMessenger/i.test(navigator.userAgent);
}

/** Whoever comes for one device, by a link or a code that was scanned without a network, finds it unfolded. */
function unfold() {
  const device = page.devices.find(({ code }) => `#${code}` === location.hash);
  if (!device) return;
  device.item.closest("details").open = true;
  device.item.scrollIntoView();
}

/** Buttons act; links that lead to the list while no script is there become buttons. */
function onTap(box, act) {
  if (box.href) box.setAttribute("role", "button");
  box.addEventListener("click", (event) => { event.preventDefault(); act(); });
  box.addEventListener("keydown", (event) => { if (box.href && event.key === " ") { event.preventDefault(); act(); } });
}

async function begin() {
  readList();
  freshenStates();
  unfold();
  hintInside();
  setInterval(freshenStates, MINUTE / 2);
  onTap(find("#ask"), locate);
  onTap(find("#again"), locate);
  for (const open of document.querySelectorAll("[data-choose]")) onTap(open, () => openChooser(true));
  find("#place").addEventListener("input", showMatches);
  find("#use-mine").addEventListener("click", () => { page.here = page.answered = null; find("#use-mine").hidden = true; moved(page.mine); });
  find("#map-open").hidden = false;
  find("#map-open").addEventListener("click", openMap);
  find("#on-map").addEventListener("click", () => { openMap(); find("#map-part").scrollIntoView(); });
  window.addEventListener("hashchange", unfold);
  near.addEventListener("taken", () => { if (stopWatching) stopWatching(); }); // on the way back nothing changes under the hand
  window.addEventListener("popstate", () => { chooser.hidden = true; });
  window.addEventListener("pageshow", (event) => { if (event.persisted) wake(); });
  window.addEventListener("online", wake);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) wake(); });
  window.addEventListener("beforeprint", () => { for (const part of list.querySelectorAll("details")) part.open = true; });
  if (await mayLocate()) locate();
  refreshList();
  if (document.readyState === "complete") later(); else window.addEventListener("load", later);
}

/** What can wait until the list stands: the names of places, and the worker that keeps all this for a time without a network. */
function later() {
  setTimeout(fetchPlaces, 300);
  if (navigator.serviceWorker && navigator.onLine !== false) setTimeout(keepAll, 1500);
}

/** What was asked for before the worker was there is asked for again, out of the browser's cache, so that it keeps it too. */
async function keepAll() {
  try {
    const { serviceWorker } = navigator;
    await serviceWorker.register("/worker.js");
    await serviceWorker.ready;
    if (!serviceWorker.controller) await new Promise((done) => serviceWorker.addEventListener("controllerchange", done, { once: true }));
    const sparing = navigator.connection && navigator.connection.saveData;
    const photos = page.devices.filter((device) => device.photo).slice(0, sparing ? 0 : MOST_PHOTOS).map((device) => device.photo);
    for (const address of ["/api/v1/places", page.walksAt, ...photos]) if (address) await fetch(address);
  } catch (fault) { /* the page goes on without */ }
}

begin();
