"use strict";
// "I took it" and "something is wrong here": one tap, no account, can be taken back. Without a network it is kept and sent later.
const WAITING = "reports";
const WRONG = [["missing", _("这里没有设备")], ["broken", _("设备或机柜坏了")], ["moved", _("位置不对")], ["closed", _("门关着，拿不到")]];

/** The two buttons of a device, and what becomes of them. */
function reportButtons(device) {
  const box = element("div", { class: "report" });
  const took = element("button", { type: "button", class: "second" }, _("我已取走这台设备"));
  const wrong = element("button", { type: "button", class: "plain", "aria-expanded": "false" }, _("这里有问题"));
  const kinds = element("div", { class: "kinds", hidden: true },
    ...WRONG.map(([kind, words]) => button(words, () => send(kind, words))));
  const said = element("div", { role: "status" });
  box.append(took, wrong, kinds, said);

  function button(words, act) {
    const made = element("button", { type: "button", class: "second" }, words);
    made.addEventListener("click", act);
    return made;
  }

  function offer(on) {
    took.hidden = wrong.hidden = !on;
    if (!on) kinds.hidden = true;
  }

  async function send(kind, words) {
    offer(false);
    if (kind === "used") noteTaken(device, true);
    box.dispatchEvent(new CustomEvent("taken", { bubbles: true }));
    said.replaceChildren(element("p", {}, _("正在送出……")));
    try {
      thank(await askAsNobody("POST", "/api/v1/reports", { kind, code: device.code }), words);
    } catch (fault) {
      if (fault.status !== 0) { noteTaken(device, false); offer(true); said.replaceChildren(element("p", { class: "unsure" }, fault.message)); return; }
      keep({ kind, code: device.code });
      said.replaceChildren(element("p", { class: "unsure" }, fault.message));
    }
  }

  function thank(taken, words) {
    const undo = element("button", { type: "button", class: "second" }, _("按错了，撤销"));
    undo.addEventListener("click", () => takeBack(taken));
    said.replaceChildren(element("p", { class: "done" }, icon("usable"),
      element("span", {}, say(_("已记下：{words}。谢谢。编号 {number}"), { words, number: taken.number }))), undo);
    undo.focus();
  }

  async function takeBack(taken) {
    try {
      await askAsNobody("DELETE", `/api/v1/reports/${taken.id}`, { undo: taken.undo });
      noteTaken(device, false);
      said.replaceChildren(element("p", {}, _("已撤销。")));
      offer(true);
      took.focus();
    } catch (fault) {
      said.replaceChildren(element("p", { class: "unsure" }, fault.message));
    }
  }

  took.addEventListener("click", () => send("used", _("您取走了这台设备")));
  wrong.addEventListener("click", () => {
    kinds.hidden = !kinds.hidden;
    wrong.setAttribute("aria-expanded", String(!kinds.hidden));
  });
  return box;
}

/** As `ask`, but as nobody: a report is the public's, also from somebody who is signed in. */
async function askAsNobody(method, address, body) {
  let reply;
  try {
    if (navigator.onLine === false) throw new Error("offline");
    reply = await fetch(address, { method, credentials: "omit", headers: { "Accept": "application/json", "Content-Type": "application/json" }, body: JSON.stringify(body) });
  } catch (fault) {
    throw Object.assign(new Error(_("现在没有网络。已记在手机里，有网络时自动送出。")), { status: 0 });
  }
  const answer = reply.status === 204 ? null : await reply.json().catch(() => null);
  if (reply.ok) return answer;
  throw Object.assign(new Error((answer && (english ? answer.message_en : answer.message_zh)) || _("服务器没有回答，请稍后再试。")), { status: reply.status });
}

/** Reports that wait for a network, kept on this phone only until they are sent. */
function waiting() {
  try { return JSON.parse(localStorage.getItem(WAITING) || "[]"); } catch (fault) { return []; }
}

function keep(report) {
  try { localStorage.setItem(WAITING, JSON.stringify([...waiting(), report].slice(-20))); } catch (fault) { /* a phone that keeps nothing */ }
}

async function sendWaiting() {
  const reports = waiting();
  if (!reports.length) return;
  try { localStorage.removeItem(WAITING); } catch (fault) { return; }
  for (const report of reports) {
    try {
      await askAsNobody("POST", "/api/v1/reports", report);
    } catch (fault) {
      if (fault.status === 0 || fault.status === 429) keep(report);
    }
  }
}
window.addEventListener("online", sendWaiting);
sendWaiting();
