"use strict";
// The check of one device: what was known is shown, one button says that all is so, only differences are typed. Every
// change is kept on the phone at once, by device and account.

const QUICK = ["status_indicator", "pads_adult_expiry", "pads_child_expiry", "battery_expiry", "cabinet_opens"];

/** What the page works on. `entry` is a check that was to be sent and came back; otherwise the draft stands alone. */
const work = { round: null, draft: null, entry: null, faults: new Map(), tried: false, views: [], on: dayHere(), since: Date.now() };

/** Open the check of a device: first from what is kept, then from what the service says. */
async function openCheck(code) {
  const held = await keptRound();
  if (held && deviceOf(held.round, code)) await showCheck(held.round, code);
  try {
    const round = await freshRound();
    const same = held && JSON.stringify(deviceOf(held.round, code)) === JSON.stringify(deviceOf(round, code));
    if (same || touched() || shownSaved) work.round = round;
    else await showCheck(round, code);
  } catch (fault) {
    if (held && deviceOf(held.round, code)) return outOfDate(held.at, fault);
    clear(_("检查"), element("p", { class: "unsure" }, `⚠ ${fault.message}`), backLink());
  }
  return undefined;
}

async function showCheck(round, code) {
  const device = deviceOf(round, code);
  if (!device) return clear(_("检查"), element("p", { class: "unsure" }, say(_("您检查的设备里没有 {code}。"), { code })), backLink());
  Object.assign(work, { round, faults: new Map(), tried: false, entry: null });
  const waiting = (await mine()).filter((entry) => entry.device_id === device.device_id).sort((a, b) => (a.at < b.at ? -1 : 1));
  const back = waiting.find((entry) => entry.state !== "waiting");
  if (back) return showReturned(back);
  const [last] = waiting.slice(-1);
  return last ? showSaved(last) : showForm(device);
}

/** A fresh draft, or the one that was left; one in which nothing was typed begins anew. */
async function showForm(device) {
  const key = `${ACCOUNT} ${device.device_id}`;
  const left = await kept.get("drafts", key);
  work.draft = left && hasWords(left) ? left : {
    key, account: ACCOUNT, device_id: device.device_id, client_id: newId(), fine: false,
    answers: {}, plans: {}, reasons: {}, photos: [], note: "", base: device,
  };
  drawForm(Boolean(left && hasWords(left)));
}

const hasWords = (draft) => draft.fine || draft.photos.length || draft.note || Object.keys(draft.answers).length > 0;
const touched = () => Boolean(work.entry || (work.draft && hasWords(work.draft)));

function drawForm(left) {
  shownSaved = null;
  const device = work.draft.base;
  const known = itemsOf(work.round.form).filter((item) => ["fail", "not_checked"].includes(shownAt(device, item).result));
  work.views = itemsOf(work.round.form).map((item) => itemField(item, work));
  clear(
    device.site_name || device.public_code, headOf(device),
    left ? element("p", { class: "unsure", role: "status" }, `✎ ${_("接着上次没有交的填写，内容都还在。")}`) : null,
    knownPart(known), quickPart(device, known), finePart(known), groupsPart(known), morePart(), placePart(), endPart(), pastPart(device),
  );
  work.refresh();
}

function headOf(device) {
  const why = device.reasons.filter((reason) => reason.state !== "READY").map((reason) => (english ? reason.en : reason.zh));
  const place = [device.location_text, device.level && say(_("{level} 层"), { level: device.level })].filter(Boolean).join(" · ");
  return element(
    "div", { class: "of-device" },
    element("p", {}, element("span", { class: "code" }, device.public_code), place),
    element("p", {}, badge(STATES[device.state]), ` · ${say(_("检查：{when}"), { when: sayWhen(device) })}`),
    why.length ? element("p", { class: "quiet" }, why.join(english ? "; " : "；")) : null,
  );
}

function knownPart(known) {
  if (!known.length) return null;
  return element("section", {}, element("h2", {}, say(_("先看这 {n} 处"), { n: known.length })), ...known.map((item) => viewOf(item).field));
}

/** The few values that one button confirms. */
function quickPart(device, known) {
  const shown = QUICK.map((id) => itemsOf(work.round.form).find((item) => item.id === id)).filter((item) => !known.includes(item));
  const rows = shown.map((item) => [item, shownAt(device, item)]).filter(([, answer]) => answer.result === "ok" && answer.value);
  const values = [].concat(...rows.map(([item, answer]) => [element("dt", {}, item.label), element("dd", {}, sayValue(item, answer.value, answer))]));
  return element("section", { class: "card quick" }, element("h2", {}, _("看一看，与登记一致吗？")), element("dl", {}, ...values));
}

function finePart(known) {
  const words = element("span");
  const button = element("button", { type: "button", class: "fine", "aria-pressed": "false" }, words);
  button.addEventListener("click", () => {
    work.draft.fine = !work.draft.fine;
    work.changed();
  });
  work.showFine = () => {
    const some = Object.keys(work.draft.answers).length || known.length;
    words.textContent = some ? _("其余都正常") : _("全部正常");
    button.setAttribute("aria-pressed", String(work.draft.fine));
  };
  return button;
}

function groupsPart(known) {
  const groups = work.round.form.groups.map((group) => {
    const views = group.items.filter((item) => !known.includes(item)).map(viewOf);
    const count = element("span", { class: "quiet" });
    const details = element("details", {}, element("summary", {}, group.label, " ", count), ...views.map((view) => view.field));
    const refresh = () => {
      const n = views.filter((view) => view.item.id in work.draft.answers).length;
      count.textContent = n ? say(_("{n} 处不同"), { n }) : "";
      if (n || (work.tried && views.some((view) => !view.field.querySelector("[role=alert]").hidden))) details.open = true;
    };
    return { details, refresh };
  });
  work.showGroups = () => groups.forEach((group) => group.refresh());
  return element("section", {}, element("h2", {}, _("不同之处")), element("p", { class: "quiet" }, _("只填与登记不同的；没有动的按登记记录。")), ...groups.map((group) => group.details));
}

function morePart() {
  const area = element("textarea", { rows: 2, maxlength: LONGEST });
  area.addEventListener("input", () => { work.draft.note = area.value; work.changed(); });
  const list = element("ul", { class: "photos" });
  work.showMore = () => {
    if (area !== document.activeElement) area.value = work.draft.note;
    const labels = Object.fromEntries(itemsOf(work.round.form).map((item) => [item.id, item.label]));
    list.textContent = "";
    list.append(...photoList(work.draft.photos, (photo) => labels[photo.item] || _("现场照片"), (photo) => {
      work.draft.photos = work.draft.photos.filter((one) => one !== photo);
      work.changed();
    }));
    list.hidden = !work.draft.photos.length;
  };
  const asked = itemsOf(work.round.form).filter((item) => item.photo).map((item) => item.label).join(english ? ", " : "、");
  const hint = element("p", { class: "quiet" }, say(_("可以拍照：{items}。"), { items: asked }));
  return element("section", {}, hint, list, element("details", {}, element("summary", {}, _("备注")), element("label", {}, _("想说明的"), area)));
}

function placePart() {
  const words = element("p", { role: "status", class: "quiet" });
  work.showPlace = () => {
    const fix = bestFix();
    const metres = fix ? metresTo(work.draft.base, fix) : Infinity;
    const far = metres < Infinity && metres > work.round.form.far_m;
    words.className = far ? "unsure" : "quiet";
    if (far) words.textContent = `⚠ ${say(_("离登记位置约 {metres}，会请红十字会核对；仍可提交。"), { metres: sayMetres(metres) })}`;
    else if (metres < Infinity) words.textContent = say(_("离设备约 {metres}，位置误差 {accuracy}。"), { metres: sayMetres(metres), accuracy: sayMetres(fix.accuracy_m) });
    else if (fix) words.textContent = say(_("位置误差 {accuracy}。"), { accuracy: sayMetres(fix.accuracy_m) });
    else words.textContent = work.noPlace ? _("没有位置，也可以提交，会注明。") : _("正在取位置，不用等。");
  };
  return words;
}

function endPart() {
  const words = element("p", { class: "unsure", role: "alert", hidden: true });
  const submit = element("button", { type: "button", class: "submit" }, _("提交"));
  submit.addEventListener("click", () => submitCheck(words));
  const camera = photoButton(_("拍照"), (blob) => work.addPhoto(blob, ""));
  return element("div", { class: "end" }, words, element("div", { class: "two" }, camera, submit));
}

const viewOf = (item) => work.views.find((view) => view.item.id === item.id);

work.refresh = () => {
  for (const view of work.views) view.refresh();
  for (const show of [work.showFine, work.showGroups, work.showMore, work.showPlace]) show();
};

/** After each change: keep it, then show what follows from it. */
work.changed = (item) => {
  saveDraft();
  if (item) viewOf(item).refresh();
  work.showFine();
  work.showGroups();
};

work.addPhoto = (blob, item) => {
  if (work.draft.photos.length >= MOST_PHOTOS) return;
  work.draft.photos.push({ id: newId().slice(0, 8), item, blob, sha256: "", tried: false });
  work.changed();
  work.showMore();
};

async function saveDraft() {
  const { entry, draft } = work;
  if (entry) await kept.change("queue", entry.client_id, (held) => ({ ...held, draft }));
  else await kept.put("drafts", draft);
  tell("draft", draft.key);
}

/** Look over what was filled in, put it into the queue, send it. */
async function submitCheck(words) {
  const faults = faultsOf(work.round.form, work.draft, work.on);
  const nothing = !work.draft.fine && !Object.keys(work.draft.answers).length;
  words.hidden = !(faults.length || nothing);
  if (nothing) words.textContent = `⚠ ${_("请先点“全部正常”，或填写不同之处。")}`;
  if (faults.length) words.textContent = `⚠ ${say(_("还有 {n} 处要补充"), { n: faults.length })}`;
  if (faults.length || nothing) {
    work.tried = faults.length > 0;
    work.refresh();
    const target = faults.length ? viewOf({ id: faults[0].item }).field : document.querySelector(".fine");
    (target.querySelector("input:checked, input, select, textarea") || target).focus();
    return;
  }
  const entry = work.entry ? { ...work.entry, draft: work.draft, state: "waiting", next_try_at: 0 } : newEntry();
  await enqueue(entry, work.draft.key);
  tell("draft", work.draft.key);
  await showSaved(entry);
  await sendWaiting(true);
}

function newEntry() {
  const fix = bestFix();
  const { draft } = work;
  return {
    client_id: draft.client_id, account: ACCOUNT, device_id: draft.device_id, code: draft.base.public_code,
    site_name: draft.base.site_name, draft, at: new Date().toISOString(), state: "waiting", body: null, tries: 0, words: "",
    position: fix && { lon: fix.lon, lat: fix.lat, accuracy_m: fix.accuracy_m },
    duration_s: Math.round((Date.now() - work.since) / 1000),
  };
}

// Another tab has changed or sent this draft: show what is kept by now.
hear(async (told) => {
  if (told.kind !== "draft" || !work.draft || told.key !== work.draft.key || work.entry) return;
  const left = await kept.get("drafts", told.key);
  if (left) {
    work.draft = left;
    drawForm(false);
  } else if (!shownSaved) {
    await showCheck(work.round, work.draft.base.public_code);
  }
});
