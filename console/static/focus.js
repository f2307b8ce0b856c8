// While a person is at an item its page says so now and then: that is how handling time is known.

const EVERY = 15000;
const IDLE = 60000;

export function watchFocus() {
  // The next item may take the place of this one without a new page.
  const item = () => document.querySelector("[data-focus-item]")?.dataset.focusItem;
  const token = document.querySelector('input[name="csrf"]');
  if (!item() || token === null) return;
  let active = Date.now();
  let last = 0;
  const tell = () => {
    last = Date.now();
    if (!item()) return;
    const body = new URLSearchParams({ csrf: token.value });
    fetch(`/items/${item()}/focus`, { method: "POST", body, keepalive: true }).catch(() => {});
  };
  const isHere = () => document.visibilityState === "visible" && document.hasFocus() && Date.now() - active < IDLE;
  for (const name of ["keydown", "pointerdown", "pointermove", "scroll", "focus"]) {
    window.addEventListener(
      name,
      () => {
        active = Date.now();
      },
      { passive: true, capture: true },
    );
  }
  // What is left of the last stretch, when the page is left or a decision is sent.
  const leave = () => {
    if (Date.now() - last > 1000 && Date.now() - active < IDLE) tell();
  };
  window.addEventListener("pagehide", leave);
  document.addEventListener("submit", leave);
  tell();
  setInterval(() => isHere() && tell(), EVERY);
}
