"use strict";
// The page of one device: its state as it is now, and reports that can be taken back. The page is complete without it.
const box = document.getElementById("device");
const shown = readDevice(box, { asOf: Date.parse(box.dataset.asOf), told: Date.parse(box.dataset.told) });
const tell = document.getElementById("tell");

function freshen() {
  const mark = stateLine(stateAt(shown, Date.now()));
  const before = box.querySelector(".state");
  if (mark.textContent !== before.textContent) before.replaceWith(mark);
}

freshen();
setInterval(freshen, MINUTE / 2);
if (tell && !tell.querySelector("[role=status], [role=alert]")) tell.querySelector("form").replaceWith(reportButtons(shown));
if (navigator.serviceWorker) window.addEventListener("load", () => setTimeout(() => navigator.serviceWorker.register("/worker.js").catch(() => {}), 1500));
