// Changes a page as a new release would: `CASE` is {kind, seed, path, want}. Then tells the server what was used.

const random = ((state) => () => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
})(CASE.seed * 7919 + 13);
const any = (list) => list[Math.floor(random() * list.length)];
const mixed = (list) => {
  const left = [...list], out = [];
  while (left.length) out.push(...left.splice(Math.floor(random() * left.length), 1));
  return out;
};
const token = () => Math.floor(random() * 36 ** 6).toString(36).padStart(6, "q");
const walk = (path) => path.split("/").reduce((at, step) => {
  const [tag, place] = step.split(":");
  return [...at.children].filter((one) => one.tagName.toLowerCase() === tag)[(Number(place) || 1) - 1];
}, document.documentElement);
const target = walk(CASE.path);

const letters = (text) => /\p{L}/u.test(text);
const textNodes = (root) => {
  const found = [], walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (letters(node.data) && !node.parentElement.closest("style,script,title")) found.push(node);
  return found;
};
// The texts by which a person would name it: what stands on it, its label, else the text before it.
const namesOf = (element) => {
  const data = CASE.want === "value";
  const own = data || element.matches("select") ? [] : textNodes(element);
  const attributes = ["value", "title", "aria-label", "placeholder", "alt"].filter((name) => !(name === "value" && !/^(submit|button|reset)$/.test(element.type || "")));
  const held = data ? [] : attributes.filter((name) => letters(element.getAttribute(name) || "")).map((name) => ({ get: () => element.getAttribute(name), set: (text) => element.setAttribute(name, text) }));
  const images = [...element.querySelectorAll?.("img[alt]") || []].map((one) => ({ get: () => one.alt, set: (text) => { one.alt = text; } }));
  let labels = [...(element.labels || [])].flatMap(textNodes).filter((one) => !element.contains(one));
  const by = (element.getAttribute("aria-labelledby") || "").split(/\s+/).map((id) => document.getElementById(id)).filter(Boolean);
  labels = [...labels, ...by.flatMap(textNodes)];
  if (!own.length && !held.some((one) => !/placeholder/.test(one)) && !labels.length) {
    const others = textNodes(document.body).filter((one) => !element.contains(one) && !one.parentElement.closest("option,button"));
    const side = element.matches("[type=checkbox],[type=radio]") ? Node.DOCUMENT_POSITION_PRECEDING : Node.DOCUMENT_POSITION_FOLLOWING;
    const [beside] = others.filter((one) => one.compareDocumentPosition(element) & side).slice(side === Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 0);
    labels = beside ? [beside] : [];
  }
  return [...new Set([...own, ...labels])].map((node) => ({ get: () => node.data, set: (text) => { node.data = text; } })).concat(held, images);
};

const SAME = {
  save: "Store", cancel: "Abort", delete: "Remove", search: "Find", new: "Create", edit: "Change", no: "number", number: "no.", invoice: "bill",
  supplier: "vendor", vendor: "supplier", customer: "client", amount: "sum", total: "overall total", phone: "telephone", mail: "e-mail", street: "road",
  city: "town", zip: "postal code", name: "full name", date: "day", due: "payable by", submit: "send", approve: "release", reject: "turn down",
  description: "text", comment: "remark", notes: "remarks", quantity: "qty", price: "unit price", account: "a/c", status: "state", back: "go back",
  next: "continue", close: "leave", reference: "ref.", start: "begin", end: "finish", employee: "staff member", department: "dept.",
};
const GERMAN = {
  save: "Speichern", cancel: "Abbrechen", delete: "Löschen", search: "Suchen", new: "Neu", edit: "Bearbeiten", number: "Nummer", no: "Nr", invoice: "Rechnung",
  supplier: "Lieferant", vendor: "Lieferant", customer: "Kunde", amount: "Betrag", total: "Summe", date: "Datum", name: "Name", street: "Straße", city: "Ort",
  country: "Land", price: "Preis", quantity: "Menge", description: "Bezeichnung", status: "Status", back: "Zurück", next: "Weiter", close: "Schließen",
  approve: "Freigeben", reject: "Ablehnen", print: "Drucken", order: "Bestellung", from: "von", to: "bis", and: "und", of: "von", the: "das", currency: "Währung",
};
const OTHERS = ["Storage bin", "Colour scheme", "Warehouse zone", "Language of letters", "Shift leader", "Route code", "Batch stamp", "Vehicle", "Weather", "Printer tray"];
const foreign = (word) => {
  const known = GERMAN[word.toLowerCase()];
  if (known) return known;
  let seed = [...word].reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) >>> 0, 7), out = "";
  for (let index = 0; index < Math.max(3, word.length); index += 1) {
    seed = (seed * 1103515245 + 12345) >>> 0;
    out += (index % 2 ? "aeiou" : "bdfgklmnprstvz")[seed % (index % 2 ? 5 : 14)];
  }
  return /^\p{Lu}/u.test(word) ? out[0].toUpperCase() + out.slice(1) : out;
};
const reworded = (text) => {
  const words = text.split(/(\P{L}+)/u);
  const known = words.map((one, index) => index).filter((index) => SAME[words[index].toLowerCase()]);
  if (known.length) { const at = any(known); words[at] = SAME[words[at].toLowerCase()]; return words.join(""); }
  return any([(one) => `${one.trim()} (required)`, (one) => `Your ${one.trim().toLowerCase()}`, (one) => one.toUpperCase(), (one) => `${one.trim()} *`, (one) => `${one.replace(/:\s*$/, "").trim()} details:`])(text);
};

const renameAll = (names, of) => {
  const fresh = new Map();
  for (const element of document.querySelectorAll("*"))
    for (const name of names) {
      const old = element.getAttribute(name);
      if (!old) continue;
      if (!fresh.has(name + old)) fresh.set(name + old, token());
      of(element, name, fresh.get(name + old), old);
    }
};
const relink = (old, id) => {
  for (const name of ["for", "aria-labelledby", "aria-controls", "list"])
    for (const element of document.querySelectorAll(`[${name}]`))
      if (element.getAttribute(name) === old) element.setAttribute(name, id);
};
const KINDS = {
  nothing: () => {},
  ids: () => {
    renameAll(["id"], (element, _name, id, old) => { element.id = id; relink(old, id); });
    renameAll(["name", "data-testid"], (element, name, value) => { if (element.type !== "radio") element.setAttribute(name, value); });
  },
  classes: () => renameAll(["class"], (element, _name, value) => element.setAttribute("class", value)),
  order: () => {
    for (let up = target.parentElement, turns = 0; up && up !== document.body && turns < 3; up = up.parentElement) {
      const moving = [...up.children].filter((one) => !one.matches("legend,caption,thead,script,style,label") && !one.querySelector("th"));
      const loose = [...up.childNodes].some((one) => one.nodeType === 3 && letters(one.data));  // it belongs to what stands beside it
      const flat = CASE.want === "value" && moving.every((one) => !one.firstElementChild);  // labels and values side by side
      if (moving.length < 2 || loose || flat || up.matches("tr,dl,label")) continue;
      const places = moving.map((one) => { const mark = document.createComment(""); one.replaceWith(mark); return mark; });
      mixed(moving).forEach((one, index) => places[index].replaceWith(one));
      turns += 1;
    }
  },
  wrappers: () => {
    const free = [...document.body.querySelectorAll("input,button,a,p,select,textarea,h1,h2,h3,table,form")].filter((one) => !one.parentElement.matches("tr,tbody,table,dl,ul,select,label"));
    for (const one of new Set([...mixed(free).slice(0, 8), ...(free.includes(target) ? [target] : [])])) {
      const around = document.createElement(one.matches("table,form,p,h1,h2,h3") ? "div" : "span");
      one.replaceWith(around);
      around.append(one);
    }
  },
  wording: () => namesOf(target).forEach((one) => one.set(reworded(one.get()))),
  renamed: () => { const name = any(OTHERS); namesOf(target).forEach((one) => one.set(name)); },
  language: () => {
    const turned = (text) => text.replace(/\p{L}+/gu, foreign);
    for (const node of textNodes(document.body)) if (!(CASE.want === "value" && target.contains(node))) node.data = turned(node.data);
    for (const element of document.querySelectorAll("[title],[placeholder],[aria-label],[alt],input[type=submit],input[type=button],input[type=reset]"))
      for (const name of ["title", "placeholder", "aria-label", "alt", "value"])
        if (element.getAttribute(name) && (name !== "value" || /^(submit|button|reset)$/.test(element.type))) element.setAttribute(name, turned(element.getAttribute(name)));
  },
  redesign: () => { KINDS.ids(); KINDS.classes(); KINDS.wrappers(); KINDS.wording(); },
  upgrade: () => { KINDS.classes(); KINDS.wrappers(); KINDS.order(); KINDS.wording(); },
  "ids moved": () => {
    const same = [...document.querySelectorAll(target.tagName)].filter((one) => one.id && one !== target);
    KINDS.wording();
    if (!target.id || !same.length) return;
    const other = any(same), [mine, its] = [target.id, other.id];
    const [labels, others] = [[...(target.labels || [])], [...(other.labels || [])]].map((list) => list.filter((one) => one.htmlFor));
    target.id = its;
    other.id = mine;
    for (const one of labels) one.htmlFor = its;
    for (const one of others) one.htmlFor = mine;
  },
  gone: () => {
    const row = target.closest("tr,li,label");
    const alone = row && row.querySelectorAll("input,select,textarea,button,a,td").length <= 2;
    for (const one of namesOf(target)) one.set("");
    (alone ? row : target).remove();
  },
  replaced: () => {
    const other = target.cloneNode(true);
    target.replaceWith(other);
    for (const { name } of [...other.attributes]) if (["id", "name", "data-testid", "onclick", "href"].includes(name)) other.setAttribute(name, name === "href" ? "/other" : token());
    const name = any(OTHERS);
    const before = target;
    const names = namesOf(other);
    names.forEach((one) => one.set(name));
    for (const one of document.querySelectorAll("label")) if (one.htmlFor && one.htmlFor === before.id) { one.htmlFor = other.id; one.textContent = name; }
    if (CASE.want === "value") other.textContent = String(Math.floor(random() * 90000) + 10000);
  },
};
KINDS[CASE.kind]();
globalThis.__target = CASE.kind === "gone" || CASE.kind === "replaced" ? null : target;
const lost = CASE.kind === "gone" || CASE.kind === "replaced";

// What was used: asked at the first click or input, the right one or another.
let told = false;
const tell = (element) => {
  if (told) return;
  told = true;
  const right = !lost && (target.contains(element) || [...(target.labels || [])].some((one) => one.contains(element)));
  fetch("/used", { method: "POST", body: JSON.stringify({ right, with: element.outerHTML.slice(0, 200) }), keepalive: true });
  document.body.insertAdjacentHTML("beforeend", "<p>All recorded.</p>");
};
for (const type of ["click", "input", "change"])
  document.addEventListener(type, (event) => {
    if (type === "click" && CASE.want === "field") return;
    if (type === "click" && event.target.closest("a,button,input[type=submit],input[type=image],input[type=reset]")) event.preventDefault();
    tell(event.target);
  }, true);
document.addEventListener("submit", (event) => event.preventDefault(), true);
