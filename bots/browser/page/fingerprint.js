// What tells an element apart, kept while its target is found, so that it can be known again on a page that changed.
// No values: what was typed or is shown as data never goes into it.

const LONGEST = 80;
const label = (text) => plain(text).slice(0, LONGEST);
const worded = (text) => /\p{L}/u.test(text) && !/\d{3}/.test(text);
// Each text of the page with its place, once a pass.
const textPlaces = () => cached("places of texts", document, () => texts(document)
  .filter((node) => visible(node.parentElement) && !node.parentElement.closest("option"))
  .map((node) => ({ node, text: plain(node.data), box: place(node), of: node.parentElement.closest("button,a,summary") }))
  .filter(({ text, box }) => text && worded(text) && box.width > 0));
// The text that a person takes for its label: on its left, else above it; behind it for a box to tick.
const besides = (element) => {
  const b = element.getBoundingClientRect();
  let best = "", least = Infinity;
  for (const { node, text, box: a, of } of textPlaces()) {
    if (of || element.contains(node)) continue;
    const level = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > Math.min(a.height, b.height) / 2;
    let far = Infinity;
    if (level && a.right <= b.left + 4) far = b.left - a.right;
    else if (level && element.matches(TICK) && a.left >= b.right - 4) far = a.left - b.right - 20;
    else if (a.bottom <= b.top + 4 && across(a, b)) far = b.top - a.bottom + 15;
    if (far < least && far < 250) [best, least] = [text, far];
  }
  return best.slice(0, LONGEST);
};
const headingOf = (element) => {
  const before = cached("headings", document, () => all(document, TITLE + ",legend,caption").filter(visible))
    .filter((one) => one.contains(element) || one.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING);
  return before.length ? label(seenText(before.at(-1))) : "";
};
// Texts close by that are no data, from the smallest surroundings that have some.
const nearby = (element) => {
  for (let up = element.parentElement, level = 0; up && up !== document.body && level < 5; up = up.parentElement, level += 1) {
    const pieces = texts(up).filter((one) => !element.contains(one) && visible(one.parentElement)).map((one) => plain(one.data)).filter((one) => worded(one) && one.length <= 40);
    if (pieces.length) return [...new Set(pieces)].slice(0, 8);
  }
  return [];
};
const pathOf = (element) => {
  const steps = [];
  for (let one = element; one && one !== document.documentElement; one = one.parentElement) {
    const same = one.parentElement ? [...one.parentElement.children].filter((other) => other.tagName === one.tagName) : [one];
    steps.unshift(one.tagName.toLowerCase() + (same.length > 1 ? `:${same.indexOf(one) + 1}` : ""));
  }
  return steps.join("/");
};
const formOf = (element) => {
  const form = element.form || element.closest("form,[role=form],[role=dialog],dialog,fieldset,table");
  return form ? [form.tagName.toLowerCase(), form.id, form.getAttribute("name"), (form.getAttribute("action") || "").split("?")[0]].filter(Boolean).join(" ").slice(0, LONGEST) : "";
};
// Of data only what sort it is: a number, a date, words.
const sortOf = (text) => (/^[^\p{L}]*\d[^\p{L}]*(\p{Lu}{3}|[€$£])?$/u.test(text) ? (/\d[./-]\d+[./-]\d/.test(text) && text.length <= 10 ? "date" : "number") : /\d/.test(text) ? "mixed" : "words");
const printed = (element, want) => {
  const data = want === "value" || want === "text";
  const box = element.getBoundingClientRect();
  const link = element.closest("a[href]")?.getAttribute("href") || "";
  const print = {
    tag: element.tagName.toLowerCase(), type: element.getAttribute("type") || "", role: roleOf(element),
    name: data ? "" : label(nameOf(element)), label: data || element.matches(FIELD) ? besides(element) || labelTexts(element)[0]?.slice(0, LONGEST) || "" : "",
    sort: data && !element.matches(FIELD) ? sortOf(squash(seenText(element))) : "",
    text: data || element.matches(FIELD) ? "" : label(seenText(element)),
    id: element.id, called: (element.getAttribute("name") || "") + (element.type === "radio" ? `=${element.value}` : ""), classes: [...element.classList].slice(0, 8).sort().join(" "),
    href: /^(javascript:|#|data:)/i.test(link) ? "" : link.split("?")[0].slice(0, LONGEST),
    placeholder: label(element.getAttribute("placeholder") || ""), title: label(element.title || ""), alt: label(element.alt || element.querySelector?.("img")?.alt || ""),
    testid: TESTID.map((name) => element.getAttribute(name)).find(Boolean) || "",
    icon: element.querySelector?.("img,svg,i[class]")?.outerHTML.replace(/\s(style|width|height|id)="[^"]*"/g, "").slice(0, 120) || "",
    onclick: (element.getAttribute("onclick") || "").slice(0, LONGEST),
    options: element.tagName === "SELECT" ? [...element.options].map((one) => label(one.text)).filter(worded).slice(0, 6) : [],
    form: formOf(element), heading: headingOf(element), near: nearby(element), path: pathOf(element),
    box: [Math.round(box.left + scrollX), Math.round(box.top + scrollY), Math.round(box.width), Math.round(box.height)],
  };
  return Object.fromEntries(Object.entries(print).filter(([, value]) => value && value.length !== 0));
};

// All that a verb of this kind could mean, in the order of the page. `wide`: also what only shows a text.
const candidatesFor = (want, wide, parts) => {
  // What stands under a heading or near a text has no element of its own around it: all of the page is looked at.
  const loose = parts.some(({ kind }) => kind === "section" || kind === "near" || kind === "plain");
  const scopes = parts.length && !loose ? chain(document, parts, "any").map(({ element }) => element) : [document];
  if (scopes.length !== 1) return [];
  const [root] = scopes;
  const plainTexts = () => [...new Set(texts(root).map((one) => one.parentElement))].filter((one) => visible(one) && !one.closest("button,option"));
  const fields = () => fieldsFor(root, want === "value" || want === "any" ? "field" : want);
  const clicks = () => innermost(all(root, CLICKABLE).filter(usable));
  const found = {
    field: fields, file: fields, tick: fields,
    click: () => [...clicks(), ...(wide ? plainTexts() : [])],
    value: () => [...fields(), ...plainTexts()],
    any: () => [...clicks(), ...fields(), ...(wide ? plainTexts() : [])],
  }[want];
  return [...new Set(found ? found() : [])].slice(0, 800);
};
// With `fetch` they stay in `taken`, to be fetched by their place.
const prints = ({ want, wide, parts, fetch }) => {
  const found = candidatesFor(want, wide, parts);
  if (fetch) taken = [found];
  return found.map((one) => ({ ...printed(one, want), shown: boxOf(one) }));
};
// What an author may write for the one at a place: first what a person would say, then what only a program knows.
const wordsFor = ({ want, index, parts }) => {
  const element = taken[0][index];
  const only = (part) => {
    try {
      const { matches } = find([...parts, part], want);
      return matches.length === 1 && matches[0].element === element;
    } catch { return false; }
  };
  const data = want === "value";
  const said = [data ? "" : nameOf(element), besides(element), ...labelTexts(element), data || element.matches(FIELD) ? "" : seenText(element), element.title, element.getAttribute("placeholder")]
    .map(plain).filter((text) => text && text.length <= 60 && !text.includes(">>") && !/^[\w-]+=/.test(text));
  const choices = [...new Set(said)].map((value) => ({ kind: "plain", value, exact: false }));
  const test = TESTID.map((name) => element.getAttribute(name)).find(Boolean);
  if (test) choices.push({ kind: "test-id", value: test, exact: false });
  const part = choices.find(only);
  if (part) return written(part);
  const [best] = choices;
  return best && !parts.length ? locatorFor(element, [best], want) : cssOf(element);
};
const compared = ({ old, fresh, want }) => {
  const [before, now] = [old, fresh].map((parts) => find(parts, want).matches.map(({ element }) => element));
  taken = [before, now];
  const only = now.length === 1 ? now[0] : null;
  return { old: before.length, fresh: now.length, same: !!only && before.length === 1 && only === before[0],
    other: only ? plain(nameOf(only) || besides(only) || seenText(only)).slice(0, LONGEST) : "" };
};
