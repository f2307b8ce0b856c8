// While a person is at an item its page says so now and then: that is how handling time is known.

const EVERY = 15000;
const IDLE = 60000;
const LOOK = 1000;

let active = Date.now();
let told = { item: null, at: 0 };

export function watchFocus() {
  for (const name of ["keydown", "pointerdown", "pointermove", "scroll", "focus"]) {
    window.addEventListener(name, touch, { passive: true, capture: true });
  }
  window.addEventListener("pagehide", leave);
  look();
  setInterval(look, LOOK);
}

function touch() {
  active = Date.now();
}

// A decision puts the next item into the page without leaving it: the one before is told of once more.
function look() {
  const item = document.querySelector("[data-focus-item]")?.dataset.focusItem ?? null;
  if (item !== told.item) {
    leave();
    told = { item, at: 0 };
  }
  const isHere = document.visibilityState === "visible" && document.hasFocus() && Date.now() - active < IDLE;
  if (item !== null && (told.at === 0 || (isHere && Date.now() - told.at >= EVERY))) tell();
}

function leave() {
  if (told.item !== null && Date.now() - told.at > LOOK && Date.now() - active < IDLE) tell();
}

function tell() {
  const token = document.querySelector('input[name="csrf"]');
  if (token === null) return;
  told.at = Date.now();
  const body = new URLSearchParams({ csrf: token.value });
  fetch(`/items/${told.item}/focus`, { method: "POST", body, keepalive: true }).catch(() => {});
}
