// What things are called, what they are, and how to tell of them.

const ROLES = {
  button: "button,input[type=submit],input[type=button],input[type=reset],input[type=image],summary",
  link: "a[href],area[href]",
  textbox: "input:not([type]),input[type=text],input[type=email],input[type=tel],input[type=url],input[type=password],textarea",
  searchbox: "input[type=search]",
  checkbox: "input[type=checkbox]",
  radio: "input[type=radio]",
  combobox: "select:not([multiple]):not([size])",
  listbox: "select[multiple],select[size]",
  option: "option",
  spinbutton: "input[type=number]",
  slider: "input[type=range]",
  heading: "h1,h2,h3,h4,h5,h6",
  img: "img,svg",
  table: "table",
  row: "tr",
  cell: "td",
  columnheader: "th",
  list: "ul,ol",
  listitem: "li",
  dialog: "dialog",
  form: "form",
  navigation: "nav",
  main: "main",
};

const idText = (element, ids) =>
  squash(ids.split(/\s+/).map((id) => element.getRootNode().getElementById?.(id)?.textContent || "").join(" "));
const ariaName = (element) => {
  const by = element.getAttribute("aria-labelledby");
  return (by && idText(element, by)) || squash(element.getAttribute("aria-label"));
};
const labelTexts = (element) => [...(element.labels || [])].map((label) => plain(ownText(label))).filter(Boolean);
const buttonName = (element) => {
  const aria = ariaName(element);
  if (aria) return aria;
  if (element.tagName === "INPUT") {
    if (element.type === "image") return squash(element.alt || element.title || element.value);
    if (/^(submit|button|reset)$/.test(element.type)) return squash(element.value || { submit: "Submit", reset: "Reset" }[element.type]);
  }
  return seenText(element) || squash(element.title);
};
const nameOf = (element) =>
  element.matches(FIELD)
    ? ariaName(element) || labelTexts(element)[0] || squash(element.placeholder) || squash(element.title)
    : buttonName(element);

const fieldsFor = (root, want) => {
  const selector = { file: "input[type=file]", tick: TICK, list: FIELD }[want] || FIELD;
  return all(root, selector).filter((one) => want === "file" || usable(one));
};
// A styled check box is often hidden behind its label; the label is then what a person clicks.
const usable = (element) => visible(element) || (element.matches(TICK) && [...(element.labels || [])].some(visible));

// ---- what to tell of an element
const unique = (selector, element) => {
  try {
    const found = all(document, selector);
    return found.length === 1 && found[0] === element;
  } catch { return false; }
};
const cssOf = (element) => {
  const tag = element.tagName.toLowerCase();
  for (const name of [...TESTID, "id", "name", "aria-label", "title", "value", "href"]) {
    const value = element.getAttribute(name);
    if (!value || value.length > 80 || (name === "value" && !/^(submit|button|reset|radio|checkbox)$/.test(element.type || ""))) continue;
    const selector = `${tag}[${name}=${JSON.stringify(value)}]`;
    if (unique(selector, element)) return "css=" + selector;
  }
  const steps = [];
  for (let one = element; one && one !== document.body && one.parentElement; one = one.parentElement) {
    const same = [...one.parentElement.children].filter((other) => other.tagName === one.tagName);
    steps.unshift(one.tagName.toLowerCase() + (same.length > 1 ? `:nth-of-type(${same.indexOf(one) + 1})` : ""));
    const selector = steps.join(" > ");
    if (unique(selector, element)) return "css=" + selector;
  }
  return "css=body > " + steps.join(" > ");
};
// Its place in the window: a frame of the same origin counts from where it stands in its page.
const boxOf = (element) => {
  const box = element.getBoundingClientRect();
  let { left, top } = box;
  try {
    for (let one = globalThis; one.frameElement; one = one.parent) {
      const around = one.frameElement.getBoundingClientRect();
      left += around.left + one.frameElement.clientLeft;
      top += around.top + one.frameElement.clientTop;
    }
  } catch { /* from here on it is another origin's */ }
  return [Math.round(left), Math.round(top), Math.round(box.width), Math.round(box.height)];
};
const roleOf = (element) => {
  if (element.getAttribute("role")) return element.getAttribute("role");
  for (const [role, selector] of Object.entries(ROLES)) if (element.matches(selector)) return role;
  return element.tagName.toLowerCase();
};
const around = (element) => {
  const own = seenText(element);
  for (let up = element.parentElement; up && up !== document.body; up = up.parentElement) {
    const text = squash(ownText(up));
    if (text && text !== own) return text.slice(0, 80);
  }
  const before = texts(document).filter((one) => one.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING && visible(one.parentElement)).slice(-3);
  return squash(before.map((one) => one.data).join(" ")).slice(-80);
};
// What an author may write for just this one: its row, its section, what stands near; else a path.
const written = ({ kind, value, exact }) => (kind === "plain" ? value : `${kind}=${exact ? JSON.stringify(value) : value}`);
const locatorFor = (element, parts, want) => {
  const row = element.closest("tr,[role=row],li,[role=listitem],[role=treeitem]");
  const scopes = [];
  const pieces = (root) => texts(root).filter((one) => visible(one.parentElement) && !element.contains(one) && !one.parentElement.closest(CLICKABLE)).map((one) => plain(one.data));
  if (row) scopes.push(...pieces(row).map((value) => ["row", value]));
  const before = (one) => one.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING && !one.contains(element);
  scopes.push(...all(document, HEADING).filter((one) => before(one) && visible(one)).slice(-3).reverse().map((one) => ["section", plain(seenText(one))]));
  if (row) scopes.push(...pieces(row).map((value) => ["near", value]));
  // A toolbar often has its title beside it, which is no heading to the browser.
  const titles = texts(document).filter((one) => before(one) && visible(one.parentElement) && !one.parentElement.closest(CLICKABLE)).slice(-6).reverse();
  scopes.push(...titles.map((one) => ["section", plain(one.data)]));
  for (const [kind, value] of scopes.filter(([, text]) => text && text.length <= 40 && !text.includes(">>")).slice(0, 12)) {
    const scope = { kind, value, exact: false };
    const { matches } = find([scope, ...parts], want);
    if (matches.length === 1 && matches[0].element === element) return [scope, ...parts].map(written).join(" >> ");
  }
  return cssOf(element);
};
// `parts` where there are several, of which the author has to choose.
const told = ({ element, how, value }, want, parts) => ({
  how, value: want === "value" ? value ?? shown(element) : null, role: roleOf(element), box: boxOf(element),
  name: plain(nameOf(element) || seenText(element)).slice(0, 80),
  locator: parts ? locatorFor(element, parts, want) : null, around: parts ? around(element) : null,
});
const nameable = (element) => {
  const cell = element.matches(FIELD) ? element.closest(CELL)?.previousElementSibling : null;
  const name = plain(nameOf(element)) || plain(cell ? ownText(cell) : "");
  return { name: name.slice(0, 60), role: roleOf(element), css: name ? "" : cssOf(element) };
};
