// Sets fields so that the page notices, and reads them back.

const setter = (element) => Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element), "value")?.set;
const say = (element, type, data) =>
  element.dispatchEvent(type === "input" ? new InputEvent("input", { bubbles: true, composed: true, inputType: "insertText", data })
    : new Event(type, { bubbles: true, composed: true }));

const optionOf = (list, wanted) => {
  const options = [...list.options];
  return options.find((one) => squash(one.label || one.text) === squash(wanted)) || options.find((one) => fold(one.label || one.text) === fold(wanted)) ||
    options.find((one) => one.value === wanted);
};
const selectIn = (list, wanted) => {
  const chosen = wanted.map((one) => optionOf(list, one));
  const missing = wanted[chosen.indexOf(undefined)];
  if (missing !== undefined) return { problem: "no option", missing, options: [...list.options].map((one) => squash(one.label || one.text)).slice(0, 30) };
  if (chosen.some((one) => one.disabled)) return { problem: "option disabled", missing: wanted[chosen.findIndex((one) => one.disabled)], options: [] };
  if (!list.multiple && chosen.length > 1) return { problem: "one option only", missing: "", options: [] };
  const before = [...list.options].map((one) => one.selected).join();
  for (const option of list.options) if (list.multiple) option.selected = chosen.includes(option);
  if (!list.multiple) list.selectedIndex = chosen[0].index;
  if ([...list.options].map((one) => one.selected).join() !== before) { say(list, "input"); say(list, "change"); }
  return { done: true };
};
// null: set; else why not. `real` means that only real keys will do.
const closed = (element) => {
  if (element.matches(":disabled") || element.closest("[aria-disabled=true],[inert]")) return "disabled";
  return element.readOnly || element.getAttribute("aria-readonly") === "true" ? "read only" : null;
};
// A field that shows a formatted number is often another one than the field that is typed in: it goes when it gets the focus.
const standIns = new WeakMap();
const inSight = (element) => element.isConnected && (!element.checkVisibility || element.checkVisibility({ checkVisibilityCSS: true }));
const faceOf = (element) => {
  const others = [...(element.parentElement?.querySelectorAll(FIELD) || [])].filter((one) => one !== element && inSight(one) && !closed(one));
  return others.length === 1 ? others[0] : null;
};
// The one of the two that is to be seen.
const facing = (element) => {
  const other = standIns.get(element);
  return other && inSight(other) && !inSight(element) ? other : element;
};
const put = (element, value) => {
  if (closed(element)) return { problem: closed(element) };
  if (element.tagName === "SELECT") return selectIn(element, [value]);
  if (/^(checkbox|radio)$/.test(element.type)) {
    const on = /^(yes|true|on|1)$/i.test(value);
    if (element.checked !== on) element.click();
    return { done: true };
  }
  if (element.type === "file") return { problem: "file" };
  if (element.isContentEditable) {
    element.focus();
    getSelection().selectAllChildren(element);
    document.execCommand(value ? "insertText" : "delete", false, value);
    return { done: true };
  }
  const write = setter(element);
  if (!write) return { problem: "real" };
  if (element.maxLength >= 0 && value.length > element.maxLength) return { problem: "too long", limit: element.maxLength };
  element.focus({ preventScroll: true });
  if (!inSight(element)) {
    const other = faceOf(element);
    if (other) standIns.set(element, other);
    return other ? put(other, value) : { problem: "real" };
  }
  write.call(element, value);
  if (value !== "" && element.value === "") return { problem: "not taken", type: element.type };
  say(element, "input", value);
  say(element, "change");
  return { done: true };
};
const shown = (field) => {
  const element = facing(field);
  if (element.tagName === "SELECT") return [...element.selectedOptions].map((one) => squash(one.label || one.text)).join(", ");
  if (/^(checkbox|radio)$/.test(element.type)) return element.checked ? "yes" : "no";
  if (element.getAttribute("role") && element.hasAttribute("aria-checked")) return element.getAttribute("aria-checked") === "true" ? "yes" : "no";
  if (element.type === "file") return [...element.files].map((one) => one.name).join(", ");
  if (element.isContentEditable) return squash(element.innerText);
  // A button and an entry of a list have a `value` too, which nobody sees.
  return "value" in element && !/^(BUTTON|LI)$/.test(element.tagName) ? String(element.value) : seenText(element);
};
// A page may write 1234.5 as 1,234.50: the same value, though not the same text.
const number = (text) => {
  const bare = text.replace(/[^\d.,-]/g, "");
  const mark = Math.max(bare.lastIndexOf("."), bare.lastIndexOf(","));
  if (!/\d/.test(bare) || /\p{L}/u.test(text)) return NaN;
  return mark < 0 ? Number(bare) : Number(bare.slice(0, mark).replace(/[.,]/g, "") + "." + bare.slice(mark + 1));
};
const kept = (field, value) => {
  const element = facing(field);
  const now = shown(element);
  if (now === value || fold(now) === fold(value)) return true;
  if (element.tagName === "SELECT") return element.value === value;
  if (/^(checkbox|radio)$/.test(element.type)) return (now === "yes") === /^(yes|true|on|1)$/i.test(value);
  const bare = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  return bare(now) === bare(value) ? !/[.,]\d{1,2}$/.test(value) || number(now) === number(value) : number(now) === number(value);
};
// What a slider says of itself; null for one that says nothing.
const sliderOf = (element) => {
  const one = element.matches("[role=slider],[role=spinbutton],input[type=range]") ? element : element.querySelector("[role=slider],input[type=range]");
  if (one?.tagName === "INPUT") return { native: true, now: one.value || 0, low: one.min || (one.type === "range" ? 0 : -1e12), high: one.max || (one.type === "range" ? 100 : 1e12) };
  const now = one?.getAttribute("aria-valuenow") ?? null;
  return now === null ? null : { native: false, now, low: one.getAttribute("aria-valuemin") ?? -1e12, high: one.getAttribute("aria-valuemax") ?? 1e12 };
};
