// Targets: plain text in the order of the language, explicit locators, and scopes one within another.

// ---- plain text, in the order of language.md: the first way that finds something decides
const plainly = (root, text, want) => {
  const wanted = fold(text);
  const same = (other) => fold(other) === wanted && wanted !== "";
  const fields = want === "text" ? [] : fieldsFor(root, want);
  const clickables = want === "click" || want === "any" ? all(root, CLICKABLE).filter(usable) : [];
  const both = () => [...clickables, ...fields];
  const ways = [
    ["role and name", () => {
      const named = innermost(clickables.filter((one) => same(buttonName(one))));
      // What is written on one is what a person reads; another that says it only in its tooltip is not meant.
      const written = named.filter((one) => same(seenText(one)) || same(one.value));
      const buttons = written.length ? written : named;
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
  // A text that stands there twice has two that are nearest, and what is as near on its other side counts too.
  const found = anchors.flatMap((anchor) => {
    const ranked = things.filter((one) => usable(one) && one !== anchor && !one.contains(anchor)).map((one) => [near(anchor, one), one]);
    const least = Math.min(...ranked.map(([distance]) => distance));
    return ranked.filter(([distance]) => distance <= least + 1).map(([, one]) => one);
  });
  return [...new Set(found)];
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
// What stands under a heading ends where the next of its rank begins.
const rankOf = (heading) => Number(heading.getAttribute("aria-level") || /^H(\d)$/.exec(heading.tagName)?.[1] || 2);
const isUnder = (anchor, element) => {
  const heading = anchor.closest(TITLE);
  const after = (one, other) => !!(one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
  return !!heading && after(heading, element) && !all(document, TITLE).some((one) => visible(one) && after(heading, one) &&
    after(one, element) && !one.contains(element) && rankOf(one) <= rankOf(heading));
};
// Where another heading of its rank is around too, only what stands under this one is meant; what a legend names ends with its box.
const sharedWith = (anchor, up) => {
  const heading = anchor.closest(TITLE);
  return !!heading && all(up, TITLE).some((one) => one !== heading && visible(one) && !one.contains(heading) && !heading.contains(one) && rankOf(one) <= rankOf(heading));
};
const boxNamedBy = (anchor) => anchor.closest("legend,caption,summary")?.closest("fieldset,table,details") ?? null;
// A scope named by a text (near=, section=, plain) is the smallest surroundings of that text in which the rest is found.
const climbing = (root, anchors, parts, want) => {
  const found = [];
  for (const anchor of anchors) {
    const box = boxNamedBy(anchor);
    for (let up = anchor.parentElement; up; up = up.parentElement) {
      const whole = chain(up, parts, want);
      const under = whole.filter(({ element }) => isUnder(anchor, element));
      const inside = under.length || sharedWith(anchor, up) ? under : whole;
      if (inside.length) { found.push(...inside); break; }
      if (up === root || up === box || up === document.body) break;
    }
  }
  return found;
};
const TITLE = "h1,h2,h3,h4,h5,h6,[role=heading]";
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

// Two links with one address (a picture and its text) are one to a person.
const twins = (matches) => {
  const [first] = matches;
  const link = (one) => one.element.closest("a[href]");
  return matches.length > 1 && matches.every((one) => link(one) && link(one).href === link(first).href && !/^javascript:|#$/.test(link(first).href) && !link(one).onclick)
    ? [first] : matches;
};

const find = (parts, want) => reached(() => findIn(parts, want), ({ matches }) => matches.length > 0);
const findIn = (parts, want) => {
  const found = chain(document, parts, want);
  const shown = found.filter(({ element }) => want === "file" || visible(element) || (element.matches(TICK) && usable(element)));
  return { matches: twins(shown), hidden: found.length - shown.length };
};
