"use strict";
// What all pages share. Written for Chromium 80 and newer. The server puts each message into the language of the page.

/** A message as the server sent it; the list of both where it has a singular and a plural. */
function _(message) { return message; }

/** A message with its {places} filled in; `n` chooses between singular and plural. */
function say(message, values = {}) {
  const text = Array.isArray(message) ? message[values.n === 1 ? 0 : 1] : message;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** An element with attributes and what stands in it: element("p", {class: "quiet"}, "text", another). */
function element(name, attributes = {}, ...inner) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...inner.filter((part) => part !== null && part !== undefined && part !== ""));
  return made;
}

const english = document.documentElement.lang === "en";

/** Ask the service; returns what it answers as JSON. Throws an Error with words to show and, where known, `status` and `faults`. */
async function ask(method, address, body) {
  const headers = { "Accept": "application/json" };
  const token = document.querySelector("meta[name=csrf]");
  if (token) headers["X-CSRF-Token"] = token.content;
  if (body !== undefined && !(body instanceof Blob)) headers["Content-Type"] = "application/json";
  let reply;
  try {
    reply = await fetch(address, { method, headers, body: body === undefined || body instanceof Blob ? body : JSON.stringify(body) });
  } catch (fault) {
    throw Object.assign(new Error(_("没有网络，服务器没有回答。填写的内容还在，请稍后再试。")), { status: 0 });
  }
  const answer = reply.status === 204 ? null : await reply.json().catch(() => null);
  if (reply.ok) return answer;
  const words = answer && (english ? answer.message_en : answer.message_zh);
  throw Object.assign(new Error(words || _("服务器没有回答，请稍后再试。")), { status: reply.status, faults: (answer && answer.faults) || [] });
}

// Large text, remembered on this device
const large = document.querySelector("[data-large]");
if (large) {
  const kept = () => { try { return localStorage.getItem("large") === "1"; } catch (fault) { return false; } };
  const show = (on) => {
    document.documentElement.classList.toggle("large", on);
    large.setAttribute("aria-pressed", String(on));
  };
  show(kept());
  large.hidden = false;
  large.addEventListener("click", () => {
    const on = !document.documentElement.classList.contains("large");
    try { localStorage.setItem("large", on ? "1" : "0"); } catch (fault) { /* not kept, shown all the same */ }
    show(on);
  });
}
