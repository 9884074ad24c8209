"use strict";
// The runs of a study: what each found, how far one is that is still running, stop it, start it again, publish it.

const POLL_MS = 1000, SILENT_S = 30;
const isActive = (run) => run.state === "waiting" || run.state === "running";

/** The list of runs, the newest first; `does` holds open, again, remove, publish and picked. */
function showRuns(list, runs, open, picked, does) {
  refill(list, ...runs.map((run) => runRow(run, open, picked, does)));
  if (!runs.length) list.append(element("li", { class: "quiet" }, _("还没有计算过。")));
}

function runRow(run, open, picked, does) {
  const figures = run.figures, current = open && open.id === run.id;
  const link = element("a", { href: address(location.pathname, { run: run.id }), class: "name", "aria-current": current ? "true" : null }, figures ? finding(figures) : say(_("{at} 的计算"), { at: when(run.started_at) }));
  link.addEventListener("click", (event) => { if (event.ctrlKey || event.metaKey || event.shiftKey) return; event.preventDefault(); does.open(run); });
  const pick = element("input", { type: "checkbox", "aria-label": say(_("比较 {at} 的计算"), { at: when(run.started_at) }), disabled: !run.has_plan });
  pick.checked = picked.has(run.id);
  pick.addEventListener("change", () => does.picked(run, pick.checked));
  const badges = element("p", {}, runBadge(run), run.served ? element("span", { class: "tag" }, _("现在发布的")) : "");
  const about = element("p", { class: "quiet" }, [figures ? when(run.started_at) : "", run.by, run.seconds ? lasted(run.seconds) : ""].filter(Boolean).join(" · "));
  const deeds = [];
  const deed = (words, act) => {
    const button = element("button", { type: "button", class: "plain", "aria-label": `${words} · ${when(run.started_at)}` }, words);
    button.addEventListener("click", () => act(run, button));
    deeds.push(button);
  };
  if (run.may_start_again) deed(_("再算一次"), does.again);
  if (run.may_change && !isActive(run) && !run.served) deed(_("删除"), does.remove);
  return element("li", { class: current ? "open" : "" }, element("label", { class: "pick" }, pick), element("div", {}, link, badges, about, runFault(run), element("div", { class: "actions" }, ...deeds)));
}

/** Why a run has no plan, and what to do. */
function runFault(run) {
  if (run.state === "interrupted") return element("p", { class: "unsure" }, _("服务停过，这次计算没有算完。设置还在，可以再算一次。"));
  if (run.state === "failed") return element("p", { class: "fault" }, inLanguage(run, "fault"));
  return "";
}

/** How far a run is: what is being done, value, bound and gap so far, and stop. */
function progressPanel(run, trace, stop) {
  const stage = run.stage, so_far = run.so_far, parts = [];
  const head = run.state === "waiting" ? _("排队等着计算") : run.stopping ? _("正在停下，马上给出目前最好的方案") : stage ? inLanguage(stage) : _("正在计算");
  parts.push(element("p", { class: "stage-words" }, element("b", {}, head), " ", run.started_at ? element("span", { class: "quiet" }, lasted((Date.now() - new Date(run.started_at)) / 1000)) : ""));
  const part = stage && stage.whole ? { value: stage.done, max: stage.whole } : {};
  parts.push(element("progress", { ...part, "aria-label": head }));
  if (so_far) {
    const figures = [[_("目前覆盖"), percent(so_far.share)], [_("上界"), percent(so_far.bound_share)], [_("差距"), percent(so_far.gap, 2)]];
    parts.push(element("dl", { class: "so-far" }, ...figures.map(([words, figure]) => element("div", {}, element("dt", {}, words), element("dd", {}, figure)))));
  }
  if (trace.length > 1) parts.push(searchCurve(trace));
  if (run.silent_s > SILENT_S) parts.push(element("p", { class: "unsure" }, say(_("已 {n} 秒没有消息；大的县一步可能要几分钟。"), { n: Math.round(run.silent_s) })));
  if (run.may_change && !run.stopping) {
    const button = element("button", { type: "button", class: "second narrow", id: "stop" }, _("停止，用目前最好的"));
    button.addEventListener("click", () => stop(button));
    parts.push(button);
  }
  return parts;
}

/** Watches a run until it ends; `seen` is told of it each time. Returns a function that stops watching. */
function watchRun(id, seen) {
  let timer = 0, over = false;
  async function look() {
    let run = null;
    try { run = await ask("GET", `${API}/runs/${id}`); } catch (fault) { tell(fault.message, true); }
    if (over) return;
    if (run) seen(run);
    if (!run || isActive(run)) timer = setTimeout(look, POLL_MS);
  }
  look();
  return () => { over = true; clearTimeout(timer); };
}
