"use strict";
// The map of the emergency page: all devices, me, and a tap that chooses where one is. Fetched only when somebody wants it.

/** Draw the map into a box; returns {follow}, which moves the mark of where one is, and {open}, which asks about a place. */
async function drawMap(box, { devices, here, pick }) {
  const features = devices.map((device) => ({ id: device.code, device, geometry: { coordinates: [device.lon, device.lat] },
    properties: { label: device.label, code: device.code, place_zh: device.place, place_en: device.place, hours_zh: device.hours, hours_en: device.hours } }));
  const map = await makeMap(box, here ? { lon: here.lon, lat: here.lat, zoom: 16 } : {});
  const marks = deviceLayer(map, features);
  marks.show((feature) => stateAt(feature.device, Date.now()).state, (feature) => stateAt(feature.device, Date.now()).why);
  const open = (latlng) => {
    const choice = element("button", { type: "button" }, _("我在这里"));
    choice.addEventListener("click", () => { map.closePopup(); pick({ lon: latlng.lng, lat: latlng.lat, chosen: _("地图上选的地点") }); });
    L.popup().setLatLng(latlng).setContent(choice).openOn(map);
  };
  map.on("click", ({ latlng }) => open(latlng));
  const me = L.circleMarker([0, 0], { radius: 9, color: token("paper"), weight: 3, fillColor: token("ink"), fillOpacity: 1, interactive: false });
  const sure = L.circle([0, 0], { radius: 1, color: token("ink"), weight: 1, fillOpacity: 0.08, interactive: false });
  const follow = (now) => {
    me.setLatLng([now.lat, now.lon]).addTo(map);
    if (now.chosen) sure.remove(); else sure.setLatLng([now.lat, now.lon]).setRadius(now.accuracy).addTo(map);
  };
  if (here) follow(here);
  return { follow, open };
}
