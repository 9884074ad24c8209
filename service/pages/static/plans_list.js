"use strict";
// The list of studies: what is served now, each study with its last run, a new one, a copy.

const listed = byId("studies"), begin = byId("begin"), form = byId("new"), search = byId("find");
let studies = [];

function card(study) {
  const run = study.last_run;
  const open = element("a", { href: address(`/plans/${study.id}`, { run: run && run.has_plan ? run.id : null }), class: "name" }, named(inLanguage(study, "title")));
  const copy = element("button", { type: "button", class: "second narrow", "aria-label": say(_("复制“{title}”"), { title: inLanguage(study, "title") }) }, _("复制"));
  copy.addEventListener("click", () => copied(study, copy));
  const actions = [copy];
  if (study.may_change) {
    const remove = element("button", { type: "button", class: "plain", "aria-label": say(_("删除“{title}”"), { title: inLanguage(study, "title") }) }, _("删除"));
    remove.addEventListener("click", () => removed(study, remove));
    actions.push(remove);
  }
  const state = run ? element("p", {}, runBadge(run), " ", run.figures ? finding(run.figures) : "") : element("p", { class: "quiet" }, _("还没有计算过"));
  const about = [study.owner, say(_("改于 {at}"), { at: when(study.changed_at) }), say(_("计算 {n} 次"), { n: study.runs })].filter(Boolean).join(" · ");
  const words = element("div", {}, element("h3", {}, open), state, element("p", { class: "quiet" }, about));
  return element("li", {}, words, element("div", { class: "actions" }, ...actions));
}

function show() {
  const wanted = search.value.trim().toLowerCase();
  const found = studies.filter((study) => `${study.title_zh} ${study.title_en} ${study.owner}`.toLowerCase().includes(wanted));
  refill(listed, ...found.map(card));
  listed.removeAttribute("aria-busy");
  byId("none").hidden = found.length > 0;
  byId("none").textContent = wanted ? _("没有找到。换一个词，或清空查找。") : _("还没有研究。按“新的研究”开始。");
}

async function load() {
  const [read, published] = await Promise.all([ask("GET", `${API}/studies`), ask("GET", `${API}/published`).catch(() => [])]);
  studies = read;
  show();
  const served = published.find((plan) => plan.served);
  byId("served").hidden = !served;
  byId("withdraw").onclick = withdraw;
  if (served) byId("served-words").textContent = say(_("{title}：覆盖 {share}，{at} 起"), { title: served.title, share: percent(served.share), at: when(served.at) });
}

async function withdraw() {
  if (!await confirmed(_("不再发布这个方案？公众页面会换回服务自己的方案；这个方案和它的文件都还在。"), _("换回"))) return;
  await attempt(async () => {
    await ask("DELETE", `${API}/published`);
    tell(_("已换回服务自己的方案。"));
    await load();
  }, byId("withdraw"));
}

async function copied(study, button) {
  const made = await attempt(() => ask("POST", `${API}/studies/${study.id}/copy`, {}), button);
  if (made) location.href = address(`/plans/${made.id}`);
}

async function removed(study, button) {
  const words = say(_("删除“{title}”和它的 {n} 次计算？删掉就没有了。"), { title: inLanguage(study, "title"), n: study.runs });
  if (!await confirmed(words, _("删除"))) return;
  await attempt(async () => {
    await ask("DELETE", `${API}/studies/${study.id}`);
    tell(say(_("“{title}”已删除。"), { title: inLanguage(study, "title") }));
    await load();
    search.focus();
  }, button);
}

begin.addEventListener("click", () => {
  form.hidden = !form.hidden;
  begin.setAttribute("aria-expanded", String(!form.hidden));
  if (!form.hidden) form.title_zh.focus();
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button"), fault = byId("new-fault");
  button.disabled = true;
  try {
    const made = await ask("POST", `${API}/studies`, { title_zh: form.title_zh.value.trim(), start: form.start.value });
    location.href = address(`/plans/${made.id}`);
  } catch (wrong) {
    fault.hidden = false;
    fault.textContent = wrong.message;
    button.disabled = false;
  }
});

// What is looked for stands in the address, so that going back finds it again.
search.value = new URLSearchParams(location.search).get("q") || "";
search.addEventListener("input", () => {
  history.replaceState(null, "", address("/plans", { q: search.value.trim() }));
  show();
});
addEventListener("pageshow", (event) => { if (event.persisted) attempt(load); });
attempt(load);
