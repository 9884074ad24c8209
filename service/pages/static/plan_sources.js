"use strict";
// Where streets, demand, devices and candidates come from: what the service has, files that are sent, places by name.

const ROLES = ["streets", "demand", "standing", "candidates"];
const KEEP = "keep";

/** The fields of one role: `read` gives the table of the settings, `write` shows it. */
function sourceField(role, choices, changed) {
  const select = byId(`${role}-file`), upload = byId(`${role}-upload`), crs = byId(`${role}-crs`);
  let given = {};

  function option(value, words) { return element("option", { value }, words); }

  function fill(uploads) {
    const known = choices.sources[role] || [];
    const options = known.map((one) => option(one.token, inLanguage(one) + (one.count ? say(_("（{n}）"), { n: whole(one.count) }) : "")));
    uploads.forEach((file) => options.push(option(file.token, file.name)));
    if (role === "standing") options.unshift(option("", _("一台也没有")));
    else options.unshift(option("", _("请选择")));
    if (role === "streets") options.push(option("place", _("按地名从网上取")));
    if (special(given)) options.push(option(KEEP, _("照原来的设置（另有说明）")));
    else if (given.file && !options.some((one) => one.value === given.file)) options.push(option(given.file, given.file));
    options.push(option("upload", _("用自己的文件…")));
    const now = select.value;
    refill(select, ...options);
    select.value = now;
  }

  /** Settings of this role that the page does not offer are kept as they are. */
  function special(table) {
    const plain = ["file", "crs", "place", "source", "licence", "arrests_per_100k", "sheet", "columns"];
    return Object.keys(table).some((key) => !plain.includes(key));
  }

  function show() {
    const value = select.value;
    upload.hidden = value !== "upload";
    byId(`${role}-crs-field`).hidden = role === "streets" || !value.startsWith("upload:");
    if (role === "streets") byId("place-field").hidden = value !== "place";
  }

  function write(table, uploads) {
    given = table || {};
    fill(uploads);
    select.value = special(given) ? KEEP : given.file || (given.place ? "place" : "");
    crs.value = given.crs || "";
    if (role === "streets") byId("place").value = given.place || "";
    show();
  }

  function read() {
    const value = select.value;
    if (value === KEEP) return { ...given };
    if (value === "place") return { place: byId("place").value.trim() };
    if (!value || value === "upload") return {};
    const same = value === given.file;
    const table = { ...(same ? given : {}), file: value };
    if (value.startsWith("upload:") && role !== "streets") {
      if (crs.value) table.crs = crs.value; else delete table.crs;
    }
    return table;
  }

  select.addEventListener("change", () => { show(); if (select.value !== "upload") changed(); });
  return { role, write, read, fill, show, select, says: () => (select.selectedOptions[0] ? select.selectedOptions[0].textContent : "") };
}

/** Send a file for a role; afterwards it is chosen. */
async function sendFile(input, field, uploads, changed) {
  const file = input.files[0];
  if (!file) return;
  tell(say(_("正在上传 {name}…"), { name: file.name }));
  const made = await attempt(() => ask("POST", `${API}/studies/files?name=${encodeURIComponent(file.name)}`, file), input);
  input.value = "";
  if (!made) return;
  tell(say(_("{name} 已上传。"), { name: made.name }));
  uploads.unshift(made);
  field.fill(uploads);
  field.select.value = made.token;
  field.show();
  changed();
}
