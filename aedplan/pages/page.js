"use strict";
(() => {
  const root = document.documentElement;
  function speak(english) {
    root.lang = english ? "en" : "zh-CN";
    document.title = english ? root.dataset.titleEn : root.dataset.titleZh;
  }
  speak(location.hash === "#en");
  document.querySelector(".language").addEventListener("click", () => speak(root.lang !== "en"));
})();
