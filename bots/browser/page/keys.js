// Real keys go wherever the focus is. A page that moves it meanwhile would get them in another field: there they are stopped.
// Not so where a field that is full hands over to the next one, or where a key opens a field of its own (a search box).

let keyed = null;
const KEYS_APART = 2000; // ms after which a key is none of those that were announced
const KEYS = ["keydown", "keypress", "beforeinput", "keyup"];
const meetKey = (event) => {
  if (!keyed || !event.isTrusted || performance.now() - keyed.last > KEYS_APART) return;
  keyed.last = performance.now();
  const field = event.composedPath().find((one) => keyed.others.has(one));
  const { element } = keyed;
  const full = element.isConnected && element.maxLength > 0 && element.value.length >= element.maxLength;
  if (!field || full) return;
  keyed.missed = true;
  event.preventDefault();
  event.stopImmediatePropagation();
};
const keysFor = (element) => {
  keysDone();
  const others = all(document, FIELD).filter((one) => one !== element && !one.contains(element) && !element.contains(one) && visible(one));
  keyed = { element, others: new Set(others), missed: false, last: performance.now() };
  for (const type of KEYS) addEventListener(type, meetKey, { capture: true });
};
// Whether any key would have gone elsewhere.
const keysDone = () => {
  const missed = !!keyed?.missed;
  for (const type of KEYS) removeEventListener(type, meetKey, { capture: true });
  keyed = null;
  return missed;
};
