"use strict";
// Scanning the code on a cabinet, where the browser can read codes by itself; elsewhere the code is typed.

const canScan = "BarcodeDetector" in window && Boolean(navigator.mediaDevices);

/** The code of a device in what was scanned: the end of a short address, or the code alone; "" for anything else. */
function codeIn(text) {
  const found = /(?:^|\/d\/)([0-9A-Za-z-]{3,16})(?:[?#].*)?$/.exec(text.trim());
  return found ? found[1].toUpperCase() : "";
}

/** Show what the camera sees until it holds a code; `found` gets it. */
async function scan(place, found) {
  const video = element("video", { playsinline: true, muted: true, "aria-label": _("相机画面") });
  const words = element("p", { role: "status" }, _("把设备上的二维码放进画面"));
  const stop = element("button", { type: "button", class: "second" }, _("停止扫码"));
  const panel = element("section", { class: "card scanning" }, words, video, stop);
  place.textContent = "";
  place.append(panel);
  let stream = null;
  const end = () => {
    if (stream) for (const track of stream.getTracks()) track.stop();
    stream = null;
    panel.remove();
  };
  stop.addEventListener("click", end);
  stop.focus();
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = stream;
    await video.play();
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    while (stream) {
      for (const code of await detector.detect(video)) {
        const known = codeIn(code.rawValue);
        if (known) {
          end();
          found(known);
          return;
        }
        words.textContent = _("这不是设备的二维码");
      }
      await new Promise((done) => setTimeout(done, 200));
    }
  } catch (fault) {
    if (panel.isConnected) words.textContent = _("相机用不了，请输入设备编号。");
    if (stream) for (const track of stream.getTracks()) track.stop();
  }
}
