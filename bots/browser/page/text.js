// What is on the page, as a person reads it: texts, whole words, what is visible.

const FIELD =
  "input:not([type=hidden]):not([type=submit]):not([type=button]):not([type=reset]):not([type=image])," +
  "textarea,select,[contenteditable=''],[contenteditable=true],[role=textbox],[role=combobox],[role=searchbox]," +
  "[role=spinbutton],[role=slider],[role=checkbox],[role=radio],[role=switch],[role=listbox]";
const CLICKABLE =
  "button,a,area,summary,input[type=submit],input[type=button],input[type=reset],input[type=image],[onclick]," +
  "[role=button],[role=link],[role=menuitem],[role=menuitemcheckbox],[role=menuitemradio],[role=tab],[role=option]," +
  "[role=treeitem]";
const TICK = "input[type=checkbox],input[type=radio],[role=checkbox],[role=radio],[role=switch]," +
  "[role=menuitemcheckbox],[role=menuitemradio]";
const TABLE = "table,[role=table],[role=grid]";
const ROW = "tr,[role=row]";
const CELL = "td,th,[role=cell],[role=gridcell],[role=rowheader],[role=columnheader]";
const TESTID = ["data-testid", "data-test-id", "data-test", "data-qa", "data-cy"];
const squash = (text) => (text || "").replace(/\u00ad|\u200b/g, "").replace(/[\s\u00a0]+/g, " ").trim();
// A label's own marks are not part of its name: `Vendor no.: *` is `Vendor no.`
const plain = (text) => squash(text).replace(/^[*\s]+/, "").replace(/[\s:*：]+$/, "");
const fold = (text) => plain(text).toLowerCase();
const word = (text) => {
  const escaped = squash(text).toLowerCase().replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/ /g, "\\s+");
  const head = /^[\p{L}\p{N}]/u.test(squash(text)) ? "(?<![\\p{L}\\p{N}])" : "";
  const tail = /[\p{L}\p{N}]$/u.test(squash(text)) ? "(?![\\p{L}\\p{N}])" : "";
  return new RegExp(head + escaped + tail, "iu");
};

// One pass looks the same things up again and again; a cache lives as long as the pass.
let cache = new Map();
const pass = (look) => {
  cache = new Map();
  const answer = look();
  cache = new Map();
  return answer;
};
const cached = (kind, key, make) => {
  let known = cache.get(kind);
  if (!known) cache.set(kind, (known = new Map()));
  if (!known.has(key)) known.set(key, make());
  return known.get(key);
};

const roots = (root) =>
  cached("roots", root, () => {
    const found = [root];
    for (const element of root.querySelectorAll("*")) if (element.shadowRoot) found.push(...roots(element.shadowRoot));
    if (root.shadowRoot) found.push(...roots(root.shadowRoot));
    return found;
  });
const all = (root, selector) =>
  cached("all " + selector, root, () => roots(root).flatMap((one) => [...one.querySelectorAll(selector)]));

// What stands in a slot came from outside the component; else it shows its own.
const slotted = (element) => {
  const given = element.tagName === "SLOT" ? element.assignedNodes({ flatten: true }) : [];
  return given.length ? given : [...element.childNodes];
};
const visible = (element) =>
  cached("visible", element, () => {
    if (!element.isConnected || (cover && !reachable(element, cover))) return false;
    if (element.checkVisibility && !element.checkVisibility({ checkVisibilityCSS: true })) {
      if (getComputedStyle(element).display !== "contents") return false;
      const around = element.parentElement || element.getRootNode().host;  // it has no box of its own
      return (!around || visible(around)) && !!squash(slotted(element).map((one) => one.textContent).join(""));
    }
    const box = element.getBoundingClientRect();
    if (box.width > 0 && box.height > 0) return true;
    return [...element.children].some(visible);
  });

// Of nested tables, the rows and cells of this one alone.
const rowsOf = (table) => [...table.querySelectorAll(ROW)].filter((one) => one.closest(TABLE) === table);
const cellsOf = (row) => [...row.querySelectorAll(CELL)].filter((one) => one.closest(ROW) === row);

const SKIPPED = /^(SCRIPT|STYLE|NOSCRIPT|TEMPLATE|HEAD|TITLE)$/;
// Every piece of text with the element it stands in.
const texts = (root) =>
  cached("texts", root, () => {
    const found = [];
    for (const one of roots(root)) {
      const walker = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const parent = node.parentElement;
        if (parent && !SKIPPED.test(parent.tagName) && parent.tagName !== "OPTION" && /\S/.test(node.data)) found.push(node);
      }
    }
    return found;
  });
// The text of an element without what its fields and lists contain.
const ownText = (element) =>
  cached("ownText", element, () => {
    let text = "";
    for (const node of slotted(element)) {
      if (node.nodeType === 3) text += node.data;
      else if (node.nodeType === 1 && !/^(SELECT|TEXTAREA|OPTION|SCRIPT|STYLE|TEMPLATE)$/.test(node.tagName)) {
        const block = /^(DIV|P|TD|TH|TR|LI|BR|H\d|LABEL|DT|DD)$/.test(node.tagName) ? " " : "";
        if (node.tagName === "IMG") text += " " + (node.alt || "") + " ";
        else text += block + (visible(node) ? ownText(node) : "") + block;
      }
    }
    return text;
  });
const seenText = (element) => squash(ownText(element));

// The deepest visible elements whose text is this one (or contains it as words).
const withText = (root, text, exact) => {
  const wanted = exact ? fold(text) : word(text);
  const limit = text.length * 2 + 40;
  const found = new Set();
  for (const node of texts(root)) {
    let element = node.parentElement;
    if (exact) {
      const piece = fold(node.data);
      if (piece && !wanted.includes(piece)) continue;
      for (; element && element !== root.parentElement; element = element.parentElement) {
        if (element.textContent.length > limit + 200) break;
        if (fold(ownText(element)) === wanted) {
          if (visible(element)) found.add(element);
          break;
        }
      }
    } else {
      for (let up = 0; element && up < 4; element = element.parentElement, up += 1) {
        if (wanted.test(seenText(element))) {
          if (visible(element)) found.add(element);
          break;
        }
      }
    }
  }
  return innermost([...found]);
};
const innermost = (elements) => elements.filter((one) => !elements.some((other) => other !== one && one.contains(other)));
