// A map that was moved says where it is; the others go there. Maps speak the language of the page.
(() => {
  const frames = [...document.querySelectorAll("iframe")].map(frame => frame.contentWindow);
  addEventListener("message", event => {
    if (frames.includes(event.source) && event.data.view) frames.filter(one => one !== event.source).forEach(one => one.postMessage(event.data, "*"));
  });
  const tell = () => frames.forEach(one => one.postMessage({ lang: document.documentElement.lang }, "*"));
  document.querySelector(".language").addEventListener("click", tell);
  let loading = frames.length;
  const loaded = () => { tell(); loading -= 1; if (!loading) frames[0].postMessage({ tell: true }, "*"); };
  document.querySelectorAll("iframe").forEach(frame => frame.addEventListener("load", loaded));
})();
