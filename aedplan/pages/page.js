"use strict";
(() => {
  const root = document.documentElement;
  function speak(english) {
    root.lang = english ? "en" : "zh-CN";
    document.title = english ? root.dataset.titleEn : root.dataset.titleZh;
  }
  speak(location.hash === "#en" || new URLSearchParams(location.search).get("lang") === "en");
  const narrow = matchMedia("(max-width: 640px)");
  const fold = (open) => document.querySelectorAll("details.fold").forEach((part) => { part.open = open; });
  fold(!narrow.matches);
  narrow.addEventListener("change", () => fold(!narrow.matches));
  addEventListener("beforeprint", () => fold(true));
  document.querySelector(".language").addEventListener("click", () => speak(root.lang !== "en"));
})();
