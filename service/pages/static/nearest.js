"use strict";
// Asks where the person is and shows the devices nearest on foot. The page is complete without it.
const near = document.getElementById("near");
const status = near.querySelector("[role=status]");
const list = near.querySelector("ol");

function walk(device, trips) {
  const metres = Math.max(10, Math.round(device.metres / 10) * 10);
  const minutes = Math.max(1, Math.ceil(device.minutes));
  if (device.measure === "line") return say(_("直线约 {metres} 米"), { metres });
  if (trips === 2) return say(_("步行约 {metres} 米，取回共约 {minutes} 分钟"), { metres, minutes });
  return say(_("步行约 {metres} 米，{minutes} 分钟"), { metres, minutes });
}

function show(answer) {
  status.textContent = english ? answer.message_en : answer.message_zh;
  list.replaceChildren(...answer.devices.map((device) => element("li", {},
    element("strong", {}, device.label),
    element("span", {}, walk(device, answer.circle.trips)),
    device.hours ? element("span", {}, `${_("开放时间")} ${device.hours}`) : element("p", { class: "unsure" }, _("开放时间未核实")))));
}

async function look(position) {
  const { longitude, latitude } = position.coords;
  try {
    show(await ask("GET", `/api/v1/nearest?lon=${longitude.toFixed(6)}&lat=${latitude.toFixed(6)}&limit=3`));
  } catch (fault) {
    status.textContent = _("查询没有成功。请看下面的清单，或问附近的工作人员。");
  }
}

if (navigator.geolocation) {
  near.hidden = false;
  near.querySelector("button").addEventListener("click", () => {
    status.textContent = _("正在定位……");
    navigator.geolocation.getCurrentPosition(look, () => { status.textContent = _("无法取得您的位置。请看下面的清单，或问附近的工作人员。"); }, {
      enableHighAccuracy: true, timeout: 15000, maximumAge: 0,
    });
  });
}
