// Finds what a person means on a page: installed once in each document, asked by one call per pass.
//
// ask({tasks: [{parts: [{kind, value, exact}], want}], errors: [text]}) -> {results: [{matches, hidden}], errors}
// The elements stay here (`taken`), to be fetched by their place: take(task, match).
(() => {
  const KEY = Symbol.for("clerkwork.page");
  if (globalThis[KEY]) return;

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
  const CELL = "td,th,[role=cell],[role=gridcell],[role=rowheader],[role=columnheader]";
  const TESTID = ["data-testid", "data-test-id", "data-test", "data-qa", "data-cy"];
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

  const visible = (element) =>
    cached("visible", element, () => {
      if (!element.isConnected) return false;
      if (element.checkVisibility && !element.checkVisibility({ checkVisibilityCSS: true })) return false;
      const box = element.getBoundingClientRect();
      if (box.width > 0 && box.height > 0) return true;
      return [...element.children].some(visible) || (getComputedStyle(element).display === "contents" && !!squash(element.textContent));
    });

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
      for (const node of element.childNodes) {
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

  // ---- what a person sees: the cell left of the field, above it, the text just before, the header of its column
  const cellRule = (anchor, wanted, pick) => {
    const cell = (anchor.closest ? anchor : anchor.parentElement).closest(CELL);
    const row = cell?.closest("tr,[role=row]");
    if (!row || fold(ownText(cell)) !== wanted || pick(cell).length) return { left: [], above: [], column: [] };
    const cells = [...row.querySelectorAll(CELL)].filter((one) => one.closest("tr,[role=row]") === row);
    const left = [];
    for (const next of cells.slice(cells.indexOf(cell) + 1)) {
      const found = pick(next);
      if (found.length) { left.push(...found); break; }
      if (seenText(next)) break;
    }
    const position = columnOf(cell, cells);
    const below = rowsBelow(row).flatMap((other) => {
      const others = [...other.querySelectorAll(CELL)].filter((one) => one.closest("tr,[role=row]") === other);
      const under = others.find((one) => columnOf(one, others) === position);
      return under ? [pick(under)] : [];
    });
    const lone = below.length && below[0].length && !cells.some((one) => one !== cell && pick(one).length);
    return { left, above: lone && below.filter((one) => one.length).length === 1 ? below[0] : [], column: below.flat() };
  };
  const columnOf = (cell, cells) => cells.slice(0, cells.indexOf(cell)).reduce((sum, one) => sum + (one.colSpan || 1), 0);
  const rowsBelow = (row) => {
    const table = row.closest("table,[role=table],[role=grid]");
    if (!table) return [];
    const rows = [...table.querySelectorAll("tr,[role=row]")].filter((one) => one.closest("table,[role=table],[role=grid]") === table);
    return rows.slice(rows.indexOf(row) + 1);
  };
  const textBefore = (anchor, fields, root) => {
    const following = fields.find((one) => anchor.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING && !anchor.contains(one));
    if (!following || near(anchor, following) > 250) return [];
    const range = document.createRange();
    range.setStartAfter(anchor);
    range.setEndBefore(following);
    const between = squash(range.toString()).replace(/[\s:*()?]/g, "");
    if (between.length > 3 || following.getRootNode() !== anchor.getRootNode()) return [];
    const a = place(anchor), b = place(following);
    return b.bottom >= a.top - 4 && (b.left >= a.left - 40 || b.top >= a.bottom - 4) ? [following] : [];
  };
  const textAfter = (anchor, fields) => {
    const before = fields.filter((one) => anchor.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_PRECEDING).at(-1);
    if (!before || near(anchor, before) > 60) return [];
    const range = document.createRange();
    range.setStartAfter(before);
    range.setEndBefore(anchor);
    const a = place(anchor), b = place(before);
    return squash(range.toString()) === "" && b.right <= a.left + 4 && b.bottom >= a.top - 4 && b.top <= a.bottom + 4 ? [before] : [];
  };
  // Loose text (`<td><input> Paid</td>`) has no element of its own; its place is that of its characters.
  const place = (node) => {
    if (node.nodeType === 1) return node.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(node);
    return range.getBoundingClientRect();
  };
  const near = (one, other) => {
    const a = place(one), b = place(other);
    const dx = Math.max(0, a.left - b.right, b.left - a.right), dy = Math.max(0, a.top - b.bottom, b.top - a.bottom);
    return Math.hypot(dx, dy);
  };
  const asSeen = (anchor, fields) => {
    const a = place(anchor);
    const right = [], below = [];
    for (const field of fields) {
      const b = field.getBoundingClientRect();
      const level = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (b.left >= a.right - 4 && b.left - a.right < 250 && level > Math.min(a.height, b.height) / 2) right.push([b.left - a.right, field]);
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      if (b.top >= a.bottom - 4 && b.top - a.bottom < 50 && across > 0) below.push([b.top - a.bottom, field]);
    }
    const best = (right.length ? right : below).sort((x, y) => x[0] - y[0]);
    return best.length ? [best[0][1]] : [];
  };

  const anchorsOf = (root, text) => {
    const wanted = fold(text);
    const nodes = texts(root).filter((node) => fold(node.data) === wanted && visible(node.parentElement));
    const loose = nodes.map((node) => (fold(node.parentElement.textContent) === wanted && !node.parentElement.querySelector(FIELD) ? node.parentElement : node));
    return [...loose, ...withText(root, text, true).filter((one) => !nodes.some((node) => one.contains(node)))];
  };
  const visual = (root, text, want) => {
    const fields = fieldsFor(root, want);
    const anchors = anchorsOf(scopeOf(root), text).filter((one) => want === "tick" || !(one.closest ? one : one.parentElement).closest("option,button,a"));
    const pick = (cell) => fields.filter((one) => cell.contains(one));
    const inside = (found) => found.filter((one) => root === document || root.contains(one));
    const found = { after: [], left: [], above: [], before: [], seen: [], column: [] };
    for (const anchor of anchors) {
      const ticks = fields.filter((one) => one.matches(TICK));
      found.after.push(...textAfter(anchor, ticks));
      const cells = cellRule(anchor, fold(text), pick);
      found.left.push(...cells.left);
      found.above.push(...cells.above);
      found.column.push(...cells.column);
      found.before.push(...textBefore(anchor, fields, root));
      found.seen.push(...asSeen(anchor, fields));
    }
    const steps = [["the text after", found.after], ["the cell left", found.left], ["the cell above", found.above],
      ["the text before", found.before], ["the column's header", found.column], ["the text beside or above", found.seen]];
    return steps.map(([how, elements]) => [how, [...new Set(inside(elements))]]);
  };
  // The header of a column stands outside the row that is the scope.
  const scopeOf = (root) => (root instanceof Element && root.matches("tr,[role=row]") && root.closest("table,[role=table],[role=grid]")) || root;

  // ---- values beside a label that is no field's
  const valuesBeside = (root, text) => {
    const found = [];
    for (const anchor of withText(scopeOf(root), text, true)) {
      const cell = anchor.closest(CELL);
      if (cell && fold(ownText(cell)) === fold(ownText(anchor))) {
        const row = cell.closest("tr,[role=row]");
        const cells = row ? [...row.querySelectorAll(CELL)].filter((one) => one.closest("tr,[role=row]") === row) : [];
        const next = cells.slice(cells.indexOf(cell) + 1).find((one) => seenText(one));
        const headers = cells.every((one) => one.matches("th,[role=columnheader]"));
        const column = columnOf(cell, cells);
        const under = row ? rowsBelow(row).flatMap((other) => {
          const others = [...other.querySelectorAll(CELL)].filter((one) => one.closest("tr,[role=row]") === other);
          return others.filter((one) => columnOf(one, others) === column);
        }).filter((one) => root === document || root.contains(one)) : [];
        if (headers && cells.length > 1 && under.length) found.push(...under.map((one) => [one, seenText(one)]));
        else if (next) found.push([next, seenText(next)]);
        continue;
      }
      if (anchor.matches("dt") || anchor.closest("dt")) {
        const next = anchor.closest("dt").nextElementSibling;
        if (next?.matches("dd")) { found.push([next, seenText(next)]); continue; }
      }
      let after = "";
      let last = anchor;
      for (let node = anchor.nextSibling; node; node = node.nextSibling) {
        if (node.nodeType === 1 && (/^(BR|B|STRONG|LABEL|DT|P|HR)$/.test(node.tagName) || node.matches(FIELD)) && squash(after)) break;
        if (node.nodeType === 1 && node.tagName === "BR") continue;
        if (node.nodeType === 1 && visible(node)) { after += " " + seenText(node); last = node; if (getComputedStyle(node).display === "block") break; }
        if (node.nodeType === 3) after += node.data;
      }
      if (squash(after).replace(/^[:\s]+/, "")) found.push([last, squash(after).replace(/^[:\s]+/, "")]);
    }
    if (!found.length) {
      const start = new RegExp("^[*\\s]*" + squash(text).replace(/[.*+?^${}()|[\]\\]/g, "\\$&") + "\\s*[:：]\\s*(.+)$", "i");
      for (const element of withText(root, text, false)) {
        const match = start.exec(seenText(element));
        if (match) found.push([element, match[1]]);
      }
    }
    return found;
  };

  // ---- plain text, in the order of language.md: the first way that finds something decides
  const plainly = (root, text, want) => {
    const wanted = fold(text);
    const same = (other) => fold(other) === wanted && wanted !== "";
    const fields = want === "text" ? [] : fieldsFor(root, want);
    const clickables = want === "click" || want === "any" ? all(root, CLICKABLE).filter(usable) : [];
    const both = () => [...clickables, ...fields];
    const ways = [
      ["role and name", () => {
        const buttons = innermost(clickables.filter((one) => same(buttonName(one))));
        return buttons.length && want === "click" ? buttons : [...buttons, ...fields.filter((one) => same(ariaName(one)))];
      }],
      ["label", () => fields.filter((one) => labelTexts(one).some(same))],
      ["placeholder", () => fields.filter((one) => same(one.getAttribute("placeholder") || one.getAttribute("aria-placeholder")))],
      ["title or alt", () => [...both().filter((one) => same(one.title)),
        ...(clickables.length || want === "any" || want === "click" ? all(root, "img[alt],img[title]").filter((one) => visible(one) && (same(one.alt) || same(one.title))) : [])]],
      ["test id", () => (want === "text" ? [] : both()).filter((one) => TESTID.some((name) => one.getAttribute(name) === text))],
      ["visible text", () => (want === "click" || want === "any" || want === "text" ? withText(root, text, true) : [])],
    ];
    for (const [how, find] of ways) {
      const found = [...new Set(find())];
      if (found.length) return sameCase(found, text).map((element) => ({ element, how }));
    }
    if (want === "text") return [];
    for (const [how, found] of visual(root, text, want)) if (found.length) return found.map((element) => ({ element, how }));
    if (want === "value") {
      const beside = valuesBeside(root, text);
      if (beside.length) return beside.map(([element, value]) => ({ element, value, how: "the value beside its label" }));
      return withText(root, text, true).map((element) => ({ element, how: "visible text" }));
    }
    return [];
  };
  // `Open` and `open` on one page: the spelling decides, if it can.
  const sameCase = (elements, text) => {
    const exact = elements.filter((one) => [nameOf(one), seenText(one), ...labelTexts(one)].some((name) => plain(name) === plain(text)));
    return exact.length ? exact : elements;
  };

  const labelled = (root, text, want) => {
    const same = (other) => fold(other) === fold(text);
    const fields = fieldsFor(root, want).filter((one) => same(ariaName(one)) || labelTexts(one).some(same));
    if (fields.length) return fields.map((element) => ({ element, how: "label" }));
    for (const [how, found] of visual(root, text, want)) if (found.length) return found.map((element) => ({ element, how }));
    if (want !== "value" && want !== "any" && want !== "text") return [];
    return valuesBeside(root, text).map(([element, value]) => ({ element, value, how: "the value beside its label" }));
  };
  const byRole = (root, text) => {
    const given = /^\s*([\w-]+)\s*(?:\[\s*name\s*=\s*["']?(.*?)["']?\s*\])?\s*$/.exec(text);
    if (!given) return [];
    const selector = `[role="${given[1]}"]` + (ROLES[given[1]] ? "," + ROLES[given[1]] : "");
    return all(root, selector).filter((one) => (!one.hasAttribute("role") || one.getAttribute("role") === given[1]) &&
      (given[2] === undefined || fold(nameOf(one)) === fold(given[2])));
  };
  const byXPath = (root, text) => {
    const path = root !== document && text.startsWith("/") ? "." + text : text;
    const found = document.evaluate(path, root, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
    return Array.from({ length: found.snapshotLength }, (_, index) => found.snapshotItem(index)).filter((one) => one instanceof Element);
  };
  const rowsWith = (root, text) => {
    const rows = all(root, "tr,[role=row],li,[role=listitem],[role=treeitem]").filter(visible);
    const exact = rows.filter((one) => withText(one, text, true).length ||
      all(one, "input,textarea").some((field) => fold(field.value) === fold(text)));
    return innermost(exact.length ? exact : rows.filter((one) => word(text).test(seenText(one))));
  };
  const nearest = (root, text, want) => {
    const anchors = withText(root, text, true);
    const things = want === "click" ? [...new Set([...all(root, CLICKABLE), ...fieldsFor(root, want)])] : fieldsFor(root, want);
    const ranked = anchors.flatMap((anchor) => things.filter((one) => usable(one) && one !== anchor && !one.contains(anchor)).map((one) => [near(anchor, one), one]));
    ranked.sort((x, y) => x[0] - y[0]);
    return ranked.length ? [ranked[0][1]] : [];
  };

  const attribute = (root, names, text) => all(root, names.map((name) => `[${name}]`).join(",")).filter((one) => names.some((name) => fold(one.getAttribute(name)) === fold(text)));
  const last = (root, part, want) => {
    const wrap = (how, elements) => elements.map((element) => ({ element, how }));
    switch (part.kind) {
      case "plain": return plainly(root, part.value, want);
      case "label": return labelled(root, part.value, want);
      case "role": return wrap("role", byRole(root, part.value));
      case "text": return wrap("text", withText(root, part.value, part.exact));
      case "placeholder": return wrap("placeholder", attribute(root, ["placeholder", "aria-placeholder"], part.value));
      case "title": return wrap("title", attribute(root, ["title"], part.value));
      case "alt": return wrap("alt", attribute(root, ["alt"], part.value));
      case "test-id": return wrap("test id", all(root, TESTID.map((name) => `[${name}]`).join(",")).filter((one) => TESTID.some((name) => one.getAttribute(name) === part.value)));
      case "css": return wrap("css", all(root, part.value));
      case "xpath": return wrap("xpath", byXPath(root, part.value));
      case "near": return wrap("near", nearest(root, part.value, want));
      case "row": return wrap("row", rowsWith(root, part.value));
      default: throw new Error(`unknown locator ${part.kind}=`);
    }
  };
  // A scope named by a text (near=, section=, plain) is the smallest surroundings of that text in which the rest is found.
  const climbing = (root, anchors, parts, want) => {
    const found = [];
    for (const anchor of anchors) {
      for (let up = anchor.parentElement; up; up = up.parentElement) {
        const inside = chain(up, parts, want);
        if (inside.length) { found.push(...inside); break; }
        if (up === root || up === document.body) break;
      }
    }
    return found;
  };
  const HEADING = "h1,h2,h3,h4,h5,h6,legend,caption,summary,th,dt,[role=heading],[role=tab]";
  const chain = (root, parts, want) => {
    const [part, ...rest] = parts;
    if (!rest.length) return last(root, part, want);
    let found;
    if (part.kind === "near" || part.kind === "section" || part.kind === "plain") {
      const anchors = withText(root, part.value, true);
      const headings = anchors.filter((one) => one.closest(HEADING));
      const named = part.kind === "near" ? [] : all(root, "section,fieldset,form,table,dialog,[role=group],[role=region],[role=dialog]").filter((one) => fold(ariaName(one)) === fold(part.value));
      found = named.flatMap((one) => chain(one, rest, want));
      if (!found.length) found = climbing(root, part.kind === "near" || !headings.length ? anchors : headings, rest, want);
    } else {
      found = last(root, part, "any").filter(({ element }) => visible(element)).flatMap(({ element }) => chain(element, rest, want));
    }
    const seen = new Set();
    return found.filter(({ element }) => !seen.has(element) && seen.add(element));
  };

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
  const boxOf = (element) => {
    const box = element.getBoundingClientRect();
    return [Math.round(box.left), Math.round(box.top), Math.round(box.width), Math.round(box.height)];
  };
  const roleOf = (element) => {
    if (element.getAttribute("role")) return element.getAttribute("role");
    for (const [role, selector] of Object.entries(ROLES)) if (element.matches(selector)) return role;
    return element.tagName.toLowerCase();
  };
  const around = (element) => {
    const row = element.closest("tr,li,[role=row],label,fieldset,p,td,form");
    const text = squash(row ? ownText(row) : element.parentElement ? ownText(element.parentElement) : "");
    if (text && text !== seenText(element)) return text.slice(0, 80);
    const before = texts(document).filter((one) => one.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING && visible(one.parentElement)).slice(-3);
    return squash(before.map((one) => one.data).join(" ")).slice(-80);
  };
  const told = ({ element, how, value }) => ({
    how, value: value === undefined ? null : value, role: roleOf(element), name: plain(nameOf(element) || seenText(element)).slice(0, 80),
    tag: element.tagName.toLowerCase(), type: element.type || "", css: null, around: null, box: boxOf(element),
  });

  // Two links with one address (a picture and its text) are one to a person.
  const twins = (matches) => {
    const [first] = matches;
    const link = (one) => one.element.closest("a[href]");
    return matches.length > 1 && matches.every((one) => link(one) && link(one).href === link(first).href && !/^javascript:|#$/.test(link(first).href) && !link(one).onclick)
      ? [first] : matches;
  };

  const ERROR = /(^|[-_])(error|errors|errormsg|errormessage|error-?message|invalid-feedback|danger|fehler|failure)$|^(error|danger)[-_](text|message|msg|box|list)$/i;
  const CAMEL = /[a-z](Error|Errors|ErrorMessage|ErrorMsg|ErrorText)$/;
  const FINE = /success|info\b|notice|confirm|\bok\b|ok-message/i;
  const problems = (known) => {
    const found = [];
    const add = (kind, text) => { if (text && !found.some((one) => one.text === text)) found.push({ kind, text: text.slice(0, 300) }); };
    for (const text of known) if (reads(text)) add("known", lineWith(text));
    for (const element of all(document, "[role=alert],[class*=error i],[class*=danger i],[class*=invalid i],[class*=fehler i],[class*=failure i],[id*=error i]")) {
      const marks = [...element.classList, element.id].filter(Boolean);
      const alert = element.getAttribute("role") === "alert";
      const marked = marks.some((one) => ERROR.test(one) || CAMEL.test(one));
      if (!marked && (!alert || FINE.test(element.getAttribute("class")))) continue;
      if (!visible(element) || element.matches("body,form,label,button,a") || element.querySelector("input:not([type=hidden]),select,textarea")) continue;
      const text = seenText(element);
      if ((text.match(/\p{L}/gu) || []).length >= 3 && text.length < 1000) add(alert ? "alert" : "class", text);
    }
    try {
      for (const field of all(document, "input:user-invalid,select:user-invalid,textarea:user-invalid")) {
        if (visible(field)) add("field", `${nameOf(field) || field.name || "a field"}: ${field.validationMessage}`);
      }
    } catch { /* a browser without :user-invalid has no such messages to tell */ }
    return found;
  };
  const lineWith = (text) => {
    const [element] = withText(document, text, false);
    return element ? seenText(element).slice(0, 300) : text;
  };
  const pageText = () =>
    cached("pageText", document, () => {
      if (!document.body) return "";
      const parts = [document.body.innerText];
      for (const one of roots(document).slice(1)) for (const child of one.children) if (visible(child) && child.innerText) parts.push(child.innerText);
      for (const field of all(document, "input,textarea,select")) {
        if (!visible(field) || /^(password|hidden|checkbox|radio)$/.test(field.type)) continue;
        parts.push(field.tagName === "SELECT" ? [...field.selectedOptions].map((one) => one.text).join(" ") : field.value);
      }
      return squash(parts.join(" \n "));
    });

  // Texts that touch (`<button>More</button>Enough`) are told apart by the elements they stand in.
  const reads = (text) => {
    const wanted = word(text);
    return wanted.test(pageText()) || texts(document).some((node) => wanted.test(squash(node.data)) && visible(node.parentElement));
  };

  let taken = [];
  const find = (parts, want) => {
    const found = chain(document, parts, want);
    const shown = found.filter(({ element }) => want === "file" || visible(element) || (element.matches(TICK) && usable(element)));
    return { matches: twins(shown), hidden: found.length - shown.length };
  };
  globalThis[KEY] = {
    fresh() { cache = new Map(); },
    ask(request) {
      cache = new Map();
      taken = [];
      const results = request.tasks.map((task, index) => {
        const { matches, hidden } = find(task.parts, task.want);
        taken[index] = matches.map((one) => one.element);
        const list = matches.slice(0, 20).map(told);
        if (task.want === "value") list.forEach((one, place) => { one.value ??= globalThis[KEY].shown(matches[place].element); });
        if (list.length > 1 || task.explain) list.forEach((one, place) => { one.css = cssOf(matches[place].element); one.around = around(matches[place].element); });
        return { matches: list, total: matches.length, hidden };
      });
      const answer = { results, errors: request.errors ? problems(request.errors) : [] };
      cache = new Map();
      return answer;
    },
    take(task, match) { return taken[task]?.[match] ?? null; },
    // Is this to be seen now, and does the page show an error?
    look(request) {
      cache = new Map();
      const [part] = request.parts;
      const bare = request.parts.length === 1 && (part.kind === "plain" || (part.kind === "text" && !part.exact));
      const answer = {
        seen: bare ? reads(part.value) : find(request.parts, "text").matches.length > 0,
        errors: problems(request.errors), loading: document.readyState !== "complete",
      };
      cache = new Map();
      return answer;
    },
    // What could be named here: for the message that something was not found.
    inventory(want) {
      cache = new Map();
      const names = [];
      const fields = [...new Set(all(document, want === "click" ? CLICKABLE : FIELD))].filter(usable);
      for (const element of fields) {
        let name = plain(nameOf(element));
        if (!name && element.matches(FIELD)) {
          const cell = element.closest(CELL)?.previousElementSibling;
          name = plain((cell && ownText(cell)) || "");
        }
        names.push({ name: name.slice(0, 60), role: roleOf(element), css: name ? "" : cssOf(element) });
        if (names.length >= 200) break;
      }
      const lines = want === "field" ? [] : [...new Set(texts(document).filter((one) => visible(one.parentElement)).map((one) => squash(one.data).slice(0, 60)))].slice(0, 400);
      cache = new Map();
      return { names, lines };
    },
    fold, squash, seenText, visible, all, withText, find,
  };
})();
