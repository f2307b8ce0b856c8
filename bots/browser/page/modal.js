// What lies over the whole window, and what a person can still reach then.

let cover = null; // while set, what lies behind it counts as not to be seen

const fills = (element) => {
  const box = element.getBoundingClientRect();
  return box.left <= 1 && box.top <= 1 && box.right >= innerWidth - 1 && box.bottom >= innerHeight - 1 &&
    /^(fixed|absolute)$/.test(getComputedStyle(element).position);
};
// The layer that takes every click beside a dialog: a backdrop, or what the dialog lies in.
const backdrop = () => {
  const corners = [[2, 2], [innerWidth - 3, 2], [2, innerHeight - 3], [innerWidth - 3, innerHeight - 3]];
  const [first, ...others] = corners.map(([x, y]) => topmost(x, y));
  for (let one = first; one && one !== document.body && one !== document.documentElement; one = one.parentElement || one.getRootNode().host)
    if (fills(one) && others.every((other) => within(one, other))) return one;
  return null;
};
const hitAtCentre = (element) => {
  const box = element.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  return x >= 0 && y >= 0 && x < innerWidth && y < innerHeight && within(element, topmost(x, y));
};
// One that is on its way in or out is not there yet, or no more.
const moves = (element) => [element, ...element.children].some((one) => one.getAnimations().some(({ playState }) => playState === "running"));
const coverNow = () => {
  const modal = all(document, "dialog:modal").filter((one) => visible(one) && hitAtCentre(one)).at(-1);
  const found = modal || backdrop();
  return found && !moves(found) && all(document, `${FIELD},${CLICKABLE}`).some((one) => !within(found, one) && visible(one)) ? found : null;
};
// Beside the backdrop lies the dialog, and what opens out of it (lists, calendars) may lie anywhere above.
const reachable = (element, over) => {
  if (within(over, element) || element.contains(over)) return true;
  for (let one = element; one && one !== document.body; one = one.parentElement || one.getRootNode().host)
    if (/^(fixed|absolute)$/.test(getComputedStyle(one).position) && hitAtCentre(one)) return true;
  return hitAtCentre(element);
};
// What a look finds among that which can be reached; else among all, which tells more than that nothing is there.
const reached = (look, found) => {
  const over = cached("cover", document, coverNow);
  if (!over) return look();
  const whole = cache;
  cache = new Map();
  cover = over;
  try {
    const answer = look();
    if (found(answer)) return answer;
  } finally {
    cover = null;
    cache = whole;
  }
  return look();
};
