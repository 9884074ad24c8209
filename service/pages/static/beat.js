"use strict";
// The beat of chest compressions, 110 a minute (between the 100 and 120 of the guidelines): heard, seen and counted.
const BEATS_A_MINUTE = 110;
const AHEAD_S = 0.1;
for (const box of document.querySelectorAll("[data-beat]")) makeBeat(box);

function makeBeat(box) {
  const button = box.querySelector("button");
  const count = box.querySelector("[data-count]");
  let sound = null;
  let timer = 0;
  let next = 0;
  let beats = 0;

  /** Beats are laid ahead on the clock of the sound, so that a busy phone does not make them stumble. */
  function lay() {
    while (next < sound.currentTime + AHEAD_S) {
      click(next);
      setTimeout(show, Math.max(0, (next - sound.currentTime) * 1000));
      next += 60 / BEATS_A_MINUTE;
    }
  }

  function click(at) {
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    tone.frequency.value = 880;
    volume.gain.setValueAtTime(0.6, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.07);
    tone.connect(volume).connect(sound.destination);
    tone.start(at);
    tone.stop(at + 0.08);
  }

  function show() {
    if (!timer) return;
    beats += 1;
    count.textContent = String((beats - 1) % 30 + 1);
    box.classList.remove("hit");
    void box.offsetWidth; // lets the drawing begin anew
    box.classList.add("hit");
  }

  function start() {
    const Sound = window.AudioContext || window.webkitAudioContext;
    sound = Sound ? new Sound() : silent();
    next = sound.currentTime + 0.05;
    beats = 0;
    timer = setInterval(lay, 25);
    if (sound.resume) sound.resume();
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    if (sound.close) sound.close();
    box.classList.remove("hit");
    count.textContent = "";
  }

  button.hidden = false;
  button.addEventListener("click", () => {
    if (timer) stop(); else start();
    button.textContent = timer ? _("停止节拍") : _("开始节拍");
    box.classList.toggle("beating", Boolean(timer));
  });
}

/** A clock with no sound, where a browser has none: the beat is still seen. */
function silent() {
  const nothing = { setValueAtTime() {}, exponentialRampToValueAtTime() {} };
  const part = () => ({ frequency: {}, gain: nothing, connect: (to) => to, start() {}, stop() {} });
  return { get currentTime() { return performance.now() / 1000; }, createOscillator: part, createGain: part };
}
