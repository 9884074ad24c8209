"use strict";
// Asks where the person is and shows the devices nearest on foot. The page is complete without it.
const near = document.getElementById("near");
const words = near.dataset;
const status = near.querySelector("[role=status]");
const list = near.querySelector("ol");

function say(kind, device, trips) {
  const metres = Math.max(10, Math.round(device.metres / 10) * 10);
  const pattern = kind === "line" ? words.line : trips === 2 ? words.walkBack : words.walk;
  return pattern.replace("{metres}", metres).replace("{minutes}", Math.max(1, Math.ceil(device.minutes)));
}

function line(name, text, style) {
  const part = document.createElement(name);
  part.textContent = text;
  if (style) part.className = style;
  return part;
}

function show(answer) {
  status.textContent = words.language === "en" ? answer.message_en : answer.message_zh;
  list.replaceChildren(...answer.devices.map((device) => {
    const item = document.createElement("li");
    item.append(line("strong", device.label), line("span", say(device.measure, device, answer.circle.trips)));
    item.append(device.hours ? line("span", `${words.hours} ${device.hours}`) : line("p", words.unknown, "unsure"));
    return item;
  }));
}

async function ask(position) {
  const { longitude, latitude } = position.coords;
  try {
    const reply = await fetch(`/api/v1/nearest?lon=${longitude.toFixed(6)}&lat=${latitude.toFixed(6)}&limit=3`);
    const answer = await reply.json();
    if (!reply.ok) throw new Error(answer.message_en);
    show(answer);
  } catch {
    status.textContent = words.failed;
  }
}

if (navigator.geolocation) {
  near.hidden = false;
  near.querySelector("button").addEventListener("click", () => {
    status.textContent = words.seeking;
    navigator.geolocation.getCurrentPosition(ask, () => { status.textContent = words.denied; }, {
      enableHighAccuracy: true, timeout: 15000, maximumAge: 0,
    });
  });
}
