// A click by the real mouse, aimed and watched in the page: it reaches the element that was meant, or nobody.

let watch = null;

const topmost = (x, y) => {
  let hit = document.elementFromPoint(x, y);
  while (hit?.shadowRoot) {
    const inner = hit.shadowRoot.elementFromPoint(x, y);
    if (!inner || inner === hit) break;
    hit = inner;
  }
  return hit;
};
const within = (element, hit) => {
  for (let one = hit; one; one = one.parentNode || one.host) if (one === element) return true;
  return hit?.closest?.("label")?.control === element;
};
// Where a click would land on it; null where only waiting, scrolling or a person can tell.
const aimAt = (element) => {
  if (element.disabled || element.closest("[aria-disabled=true],[inert]") || element.closest("fieldset:disabled")) return null;
  if (document.getAnimations().some((one) => one.playState === "running")) return null;
  const inView = (box) => box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
  if (!inView(element.getBoundingClientRect())) element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  const box = [...element.getClientRects()].find((one) => one.width > 0 && one.height > 0);
  if (!box || !inView(box)) return null;
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  return within(element, topmost(x, y)) ? { x, y } : null;
};

const EVENTS = ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "dblclick", "auxclick", "contextmenu"];
const meet = (event) => {
  if (!watch || !event.isTrusted) return;
  if (within(watch.element, event.composedPath()[0])) watch.hit = watch.hit || event.type === "pointerdown" || event.type === "mousedown";
  else if (!watch.hit) {
    watch.missed = true;
    event.preventDefault();
    event.stopImmediatePropagation();
  }
};
// The page goes elsewhere: by a link or a script, by a form that is sent, by a form that a script sends without an event.
const leave = (event) => {
  if (watch && !event.destination.sameDocument && !event.downloadRequest) watch.leaving = true;
};
const send = (event) => { if (watch && event.target.method !== "dialog") watch.sending = event; };
const ownSubmit = HTMLFormElement.prototype.submit;
const lookOut = (element) => {
  stopLooking();
  watch = { element, hit: false, missed: false, leaving: false, sending: null };
  for (const type of EVENTS) addEventListener(type, meet, { capture: true });
  addEventListener("submit", send, { capture: true });
  globalThis.navigation?.addEventListener("navigate", leave);
  HTMLFormElement.prototype.submit = function submit() {
    if (watch) watch.leaving = true;
    return ownSubmit.call(this);
  };
};
// What stands behind `javascript:` runs a task later than the click.
const ran = () => (watch?.element.closest("[href^='javascript:' i]") ? new Promise((resolve) => setTimeout(resolve, 0)) : null);
const stopLooking = () => {
  const leaving = !!watch && (watch.leaving || (!!watch.sending && !watch.sending.defaultPrevented));
  globalThis[Symbol.for("clerkwork.left")] = leaving;
  const told = watch && { hit: watch.hit, missed: watch.missed, leaving };
  for (const type of EVENTS) removeEventListener(type, meet, { capture: true });
  removeEventListener("submit", send, { capture: true });
  globalThis.navigation?.removeEventListener("navigate", leave);
  if (watch) HTMLFormElement.prototype.submit = ownSubmit;
  watch = null;
  return told;
};
