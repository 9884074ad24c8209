"use strict";

// What stands behind the # of a link that lets in once goes into the form, and out of the address and the history.
const token = location.hash.slice(1);
const byLink = document.querySelector("#by-link");
if (byLink && /^[\w-]{20,100}$/.test(token)) {
  history.replaceState(null, "", location.pathname + location.search);
  const field = byLink.elements.token;
  field.value = token;
  field.closest("label").hidden = true;
  for (const other of document.querySelectorAll("#by-name, #by-link .paste")) other.hidden = true;
  byLink.hidden = false;
  byLink.querySelector("button").focus();
}
