"use strict";
// Photos: made smaller on the phone before they are kept, without where and when the camera says it was.

const LONGEST_SIDE = 1600;
const MOST_PHOTOS = 10;

/** A photo as a JPEG of at most 1600 pixels a side, upright; as it came when this browser cannot read it. */
async function smaller(file) {
  const address = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const scale = Math.min(1, LONGEST_SIDE / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.naturalWidth * scale);
    canvas.height = Math.round(image.naturalHeight * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return (await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.82))) || file;
  } catch (fault) {
    return file;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** A button that opens the camera, or the photos where there is none; `taken` gets each photo. */
function photoButton(words, taken) {
  const input = element("input", { type: "file", accept: "image/*", capture: "environment", class: "unseen" });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    input.value = "";
    if (file) await taken(await smaller(file));
  });
  return element("label", { class: "button second camera" }, input, words);
}

/** The photos taken so far, each with a button to leave it out. */
function photoList(photos, words, leaveOut) {
  return photos.map((photo, n) => {
    const image = element("img", { src: URL.createObjectURL(photo.blob), alt: words(photo) });
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    const button = element("button", { type: "button", class: "plain" }, say(_("去掉照片 {n}"), { n: n + 1 }));
    button.addEventListener("click", () => leaveOut(photo));
    return element("li", {}, image, element("span", { class: "quiet" }, words(photo)), button);
  });
}
