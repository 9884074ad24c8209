"use strict";
// Where I am: by the phone's own position, watched as long as the page is seen, or by a place chosen by name or on the map.
// A position is used only while it is fresh; nothing of it is kept.
const OLDEST_FIX_MS = 20000;
const LATE_MS = 3000;
const INACCURATE_M = 100;
const AROUND_M = 2500;

/** Watches the position; calls found(here), late() after three seconds without it, refused(denied) when there will be none. */
function watchPosition({ found, late, refused }) {
  if (!navigator.geolocation) { refused(true); return () => {}; }
  let any = false;
  const timer = setTimeout(() => { if (!any) late(); }, LATE_MS);
  const taken = (position) => {
    const { longitude, latitude, accuracy } = position.coords;
    if (Math.abs(Date.now() - position.timestamp) > OLDEST_FIX_MS) return; // some phones hand out their last one first
    any = true;
    found({ lon: longitude, lat: latitude, accuracy, at: Date.now(), chosen: "" });
  };
  const failed = (fault) => {
    clearTimeout(timer);
    if (!any) refused(fault.code === fault.PERMISSION_DENIED);
  };
  const watch = navigator.geolocation.watchPosition(taken, failed, { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 });
  return () => { clearTimeout(timer); navigator.geolocation.clearWatch(watch); };
}

/** Whether the phone gives its position without asking. */
async function mayLocate() {
  try {
    return (await navigator.permissions.query({ name: "geolocation" })).state === "granted";
  } catch (fault) {
    return false;
  }
}

/** Where somebody is, in words, from the named place nearest to it; "" when none is near. */
function placeWords(here, places) {
  if (here.chosen) return here.chosen;
  let nearest = null;
  let metres = AROUND_M;
  for (const place of places) {
    const away = lineMetres(here, place);
    if (away < metres) [nearest, metres] = [place, away];
  }
  if (!nearest) return "";
  const name = placeName(nearest);
  if (metres <= 150) return say(_("{name}附近"), { name });
  return say(_("{name}{direction}约 {length}"), { name, direction: directionWords(bearing(nearest, here)), length: lengthWords(metres) });
}

/** A place with its town before it, unless it is that town or names it already. */
function placeName(place) {
  const name = (english && place.name_en) || place.name;
  return !place.town || place.name.includes(place.town) ? name : `${place.town} · ${name}`;
}

/** The places that answer to what was typed: a piece of the name, or of its pinyin initials; those that begin with it first. */
function matchPlaces(places, typed, most) {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return places.filter((place) => place.kind === "town").slice(0, 40);
  const rank = (place) => {
    const names = [place.name.toLowerCase(), (place.name_en || "").toLowerCase(), place.initials || ""];
    if (names.some((name) => name.startsWith(wanted))) return 0;
    return names.some((name) => name.includes(wanted)) ? 1 : 2;
  };
  return places.map((place) => [rank(place), place]).filter(([value]) => value < 2)
    .sort((a, b) => a[0] - b[0] || a[1].name.length - b[1].name.length).slice(0, most).map(([, place]) => place);
}

/** Turns an arrow towards a bearing, by the phone's compass where it has one that may be used. */
function makeCompass(turned) {
  let heading = null;
  const take = (event) => {
    const degrees = event.webkitCompassHeading !== undefined ? event.webkitCompassHeading
      : event.absolute && event.alpha !== null ? 360 - event.alpha : null;
    if (degrees === null || Number.isNaN(degrees)) return;
    const turn = (screen.orientation && screen.orientation.angle) || 0;
    heading = (degrees + turn) % 360;
    turned(heading);
  };
  const listen = () => {
    window.addEventListener("deviceorientationabsolute", take);
    window.addEventListener("deviceorientation", take);
  };
  return {
    heading: () => heading,
    /** To be called at a tap: some phones ask first. */
    async begin() {
      const Kind = window.DeviceOrientationEvent;
      if (!Kind) return;
      if (!Kind.requestPermission) { listen(); return; }
      try {
        if (await Kind.requestPermission() === "granted") listen();
      } catch (fault) { /* without a tap it may not be asked: the arrow stays north up */ }
    },
  };
}
