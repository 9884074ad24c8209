"use strict";
// The button that prints; the browser's own menu does the same.
document.querySelector("[data-print]").addEventListener("click", () => print());
