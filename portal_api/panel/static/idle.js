// The time-out of the person's session: a countdown in the last seconds, and the end of it.

const SHOWN_SECONDS = 15;
let ends = 0;
let seconds = 0;
let told = 0;
let timer = null;
let hooks = null;

/** Watch from now on: `show(seconds left or null)`, `touch()` now and then while somebody is there, `end()`. */
export function watchIdle(idleSeconds, given) {
  stopIdle();
  seconds = idleSeconds;
  hooks = given;
  told = Date.now();
  noteTouch();
  timer = setInterval(look, 500);
}

/** Nobody is signed in. */
export function stopIdle() {
  clearInterval(timer);
  timer = null;
  hooks = null;
}

/** Something was touched. The portal is told seldom: its own clock only has to stay ahead of ours. */
export function noteTouch() {
  if (!hooks) return;
  const now = Date.now();
  ends = now + seconds * 1000;
  hooks.show(null);
  if (now - told > Math.min(seconds * 250, 20000)) {
    told = now;
    hooks.touch();
  }
}

function look() {
  const left = Math.ceil((ends - Date.now()) / 1000);
  if (left > SHOWN_SECONDS) return;
  if (left > 0) hooks.show(left);
  else {
    const { end } = hooks;
    stopIdle();
    end();
  }
}

for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, noteTouch, { passive: true });
