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

// The page goes elsewhere: by a link or a script, by a form that is sent, by a form that a script sends without an event.
let going = null;
const ownSubmit = HTMLFormElement.prototype.submit;
const leave = (event) => {
  if (going && !event.destination.sameDocument && !event.downloadRequest) going.leaving = true;
};
const send = (event) => { if (going && event.target.method !== "dialog") going.sending = event; };
const seeOff = () => {
  isLeaving();
  going = { leaving: false, sending: null };
  addEventListener("submit", send, { capture: true });
  globalThis.navigation?.addEventListener("navigate", leave);
  HTMLFormElement.prototype.submit = function submit() {
    if (going) going.leaving = true;
    return ownSubmit.call(this);
  };
};
const isLeaving = () => {
  const leaving = !!going && (going.leaving || (!!going.sending && !going.sending.defaultPrevented));
  globalThis[Symbol.for("clerkwork.left")] = leaving;
  removeEventListener("submit", send, { capture: true });
  globalThis.navigation?.removeEventListener("navigate", leave);
  if (going) HTMLFormElement.prototype.submit = ownSubmit;
  going = null;
  return leaving;
};

// What was filled since the last click. A popup, or a script that comes late, may put a field back to what it was.
let filled = new Map();
const noteFilled = (element, label, value, before) => { if (kept(element, value) && before !== shown(element)) filled.set(element, { label, value, before }); };
const lost = () => [...filled].filter(([element, { value, before }]) => element.isConnected && shown(element) === before && !kept(element, value)).map(([, { label }]) => label);

const EVENTS = ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "dblclick", "auxclick", "contextmenu"];
const meet = (event) => {
  if (!watch || !event.isTrusted) return;
  if (!watch.hit && !watch.missed) {
    watch.lost = lost();
    watch.missed = watch.lost.length > 0;
  }
  if (!watch.missed && within(watch.element, event.composedPath()[0])) watch.hit = watch.hit || event.type === "pointerdown" || event.type === "mousedown";
  else if (!watch.hit) {
    watch.missed = true;
    event.preventDefault();
    event.stopImmediatePropagation();
  }
};
const lookOut = (element) => {
  stopLooking();
  seeOff();
  watch = { element, hit: false, missed: false, lost: [] };
  for (const type of EVENTS) addEventListener(type, meet, { capture: true });
};
// What stands behind `javascript:` runs a task later than the click.
const ran = () => (watch?.element.closest("[href^='javascript:' i]") ? new Promise((resolve) => setTimeout(resolve, 0)) : null);
const stopLooking = () => {
  const leaving = isLeaving();
  const told = watch && { hit: watch.hit, missed: watch.missed, lost: watch.lost, leaving };
  for (const type of EVENTS) removeEventListener(type, meet, { capture: true });
  if (watch) filled = new Map();
  watch = null;
  return told;
};
// The answer of a pass for one target, and where to click if just that one fits; from then on clicks are watched.
const aimed = (request) => {
  const answer = whole(request);
  const [only, other] = taken[0];
  const place = only && !other ? aimAt(only) : null;
  if (place) lookOut(only);
  return { ...answer, place };
};
