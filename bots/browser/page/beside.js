// What a person sees: the label is the cell left of the field, above it, the text just before, the header of its column.

const cellRule = (anchor, wanted, pick) => {
  const cell = (anchor.closest ? anchor : anchor.parentElement).closest(CELL);
  const row = cell?.closest(ROW);
  if (!row || fold(ownText(cell)) !== wanted || pick(cell).length) return { left: [], above: [], column: [] };
  const cells = cellsOf(row);
  const left = [];
  for (const next of cells.slice(cells.indexOf(cell) + 1)) {
    const found = pick(next);
    if (found.length) { left.push(...found); break; }
    if (seenText(next)) break;
  }
  const position = columnOf(cell, cells);
  const below = rowsBelow(row).flatMap((other) => {
    const others = cellsOf(other);
    const under = others.find((one) => columnOf(one, others) === position);
    return under ? [pick(under)] : [];
  });
  const lone = below.length && below[0].length && !cells.some((one) => one !== cell && pick(one).length);
  return { left, above: lone && below.filter((one) => one.length).length === 1 ? below[0] : [], column: below.flat() };
};
const columnOf = (cell, cells) => cells.slice(0, cells.indexOf(cell)).reduce((sum, one) => sum + (one.colSpan || 1), 0);
const rowsBelow = (row) => {
  const table = row.closest(TABLE);
  if (!table) return [];
  const rows = rowsOf(table);
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
// By places alone: the label lies in the field, left of it or above it. `sure` where it could hardly be another's.
const asSeen = (anchor, fields) => {
  const a = place(anchor);
  const [x, y] = [a.left + a.width / 2, a.top + a.height / 2];
  const right = [], below = [];
  for (const field of fields) {
    const b = field.getBoundingClientRect();
    if (b.left <= x && x <= b.right && b.top <= y && y <= b.bottom && !field.contains(anchor)) return { field, sure: true };
    const level = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (b.left >= a.right - 4 && b.left - a.right < 250 && level > Math.min(a.height, b.height) / 2) right.push([b.left - a.right, field]);
    if (b.top >= a.bottom - 4 && b.top - a.bottom < 50 && across(a, b)) below.push([b.top - a.bottom, field]);
  }
  const [best] = (right.length ? right : below).sort((one, other) => one[0] - other[0]);
  return best ? { field: best[1], sure: right.length > 0 && best[0] <= 40 } : null;
};
const across = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0;
// Where the style puts things in another order than the markup, the eye is right: a text just before a field in the
// markup may be the label of another one.
const bySight = (anchor, before, seen) => {
  const [field] = before;
  if (!field || !seen || seen.field === field) return before;
  const a = place(anchor), b = place(field);
  return !seen.sure && b.top >= a.bottom - 4 && across(a, b) ? before : [];
};

const anchorsOf = (root, text) => {
  const wanted = fold(text);
  const nodes = texts(root).filter((node) => fold(node.data) === wanted && visible(node.parentElement));
  const loose = nodes.map((node) => (fold(node.parentElement.textContent) === wanted && !node.parentElement.querySelector(FIELD) ? node.parentElement : node));
  return [...loose, ...withText(root, text, true).filter((one) => !nodes.some((node) => one.contains(node)))];
};
// Beside the number that is typed often stands the name that the page shows for it.
const writable = (fields, want) => {
  const open = want === "field" ? fields.filter((one) => !one.readOnly && !one.disabled) : [];
  return open.length ? open : fields;
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
    const seen = asSeen(anchor, fields);
    found.before.push(...bySight(anchor, textBefore(anchor, fields, root), seen));
    if (seen) found.seen.push(seen.field);
  }
  const steps = [["the text after", found.after], ["the cell left", found.left], ["the cell above", found.above],
    ["the text before", found.before], ["the column's header", found.column], ["the text beside or above", found.seen]];
  return steps.map(([how, elements]) => [how, writable([...new Set(inside(elements))], want)]);
};
// The header of a column stands outside the row that is the scope.
const scopeOf = (root) => (root instanceof Element && root.matches(ROW) && root.closest(TABLE)) || root;

// ---- values beside a label that is no field's
const valuesBeside = (root, text) => {
  const found = [];
  for (const anchor of withText(scopeOf(root), text, true)) {
    const cell = anchor.closest(CELL);
    if (cell && fold(ownText(cell)) === fold(ownText(anchor))) {
      const row = cell.closest(ROW);
      const cells = row ? cellsOf(row) : [];
      const next = cells.slice(cells.indexOf(cell) + 1).find((one) => seenText(one));
      const headers = cells.every((one) => one.matches("th,[role=columnheader]"));
      const column = columnOf(cell, cells);
      const under = row ? rowsBelow(row).flatMap((other) => {
        const others = cellsOf(other);
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
