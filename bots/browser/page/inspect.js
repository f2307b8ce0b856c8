// What can be named on a page, each thing with the words that name it and nothing else.

const MOST_NAMED = 400;
const wantFor = (element) => element.matches("input[type=file]") ? "file" : element.matches(TICK) ? "tick" : element.matches(FIELD) ? "field" : "click";
// Texts that a person may call it by, the likeliest first: its own names, then what stands around it.
const callings = (element, want) => {
  const own = [ariaName(element), ...labelTexts(element), element.getAttribute("placeholder"), want === "click" ? buttonName(element) : "", element.title];
  const cell = element.closest(CELL), row = cell?.closest(ROW), seen = [];
  if (row) {
    const cells = cellsOf(row);
    const at = cells.indexOf(cell);
    const rows = row.closest(TABLE) ? rowsOf(row.closest(TABLE)) : [row];
    const column = columnOf(cell, cells);
    const under = (other) => { const others = cellsOf(other); return others.find((one) => columnOf(one, others) === column); };
    const above = rows.slice(0, rows.indexOf(row)).reverse().map(under).filter(Boolean);
    seen.push(...cells.slice(0, at).reverse().map(ownText), ...above.slice(0, 2).map(ownText), above.length ? ownText(above.at(-1)) : "");
  }
  const before = [], after = [];
  for (const node of texts(document)) {
    if (!visible(node.parentElement) || element.contains(node) || near(node, element) > 250) continue;
    (node.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING ? before : after).push(node);
  }
  seen.push(...before.slice(-4).reverse().map((one) => one.data), ...(want === "tick" ? after.slice(0, 1).map((one) => one.data) : []));
  const fit = (text) => text && text.length <= 60 && !text.includes(">>") && !/^(label|role|text|test-id|css|xpath|near|row|section|frame|placeholder|title|alt)=/.test(text);
  return [...new Set([...own, ...(want === "click" ? [] : seen)].map(plain).filter(fit))];
};
const VERB_OF = [["input[type=file]", "upload"], ["select,[role=listbox]", "select"], ["input[type=radio],[role=radio]", "choose"], [TICK, "check"],
  ["input[type=range],[role=slider]", "slider"], ["input[type=date]", "date"], [FIELD, "fill"]];
const verbOf = (element) => (VERB_OF.find(([selector]) => element.matches(selector)) || ["", "click"])[1];
const named = (element) => {
  const want = wantFor(element);
  const only = (parts) => { const { matches } = find(parts, want); return matches.length === 1 && matches[0].element === element ? matches[0] : null; };
  const calls = callings(element, want);
  const about = { role: roleOf(element), verb: verbOf(element), want, box: boxOf(element), closed: !!element.disabled || !!element.readOnly, others: 0 };
  for (const text of calls) {
    const match = only([{ kind: "plain", value: text, exact: false }]);
    if (match) return { ...about, name: text, write: text, how: match.how };
  }
  for (const text of calls.slice(0, 4)) {
    const parts = [{ kind: "plain", value: text, exact: false }];
    const { matches } = find(parts, want);
    if (!matches.some((one) => one.element === element)) continue;
    return { ...about, name: text, write: locatorFor(element, parts, want), how: "", others: matches.length - 1 };
  }
  return { ...about, name: calls[0] || "", write: cssOf(element), how: "" };
};
const tableNamed = (table) => {
  const rows = records(table);
  const heading = all(document, HEADING).filter((one) => !table.contains(one) && visible(one) && one.compareDocumentPosition(table) & Node.DOCUMENT_POSITION_FOLLOWING).at(-1);
  const calls = [table.caption?.textContent, table.getAttribute("aria-label"), table.title, heading && seenText(heading), ...rows.headers].map((one) => plain(one || "")).filter((one) => one && !/^column \d+$/.test(one));
  const write = calls.find((one) => { const found = tablesFor([{ kind: "plain", value: one, exact: false }]); return found.length === 1 && found[0] === table; });
  return { name: calls[0] || "", write: write || cssOf(table), headers: rows.headers, rows: rows.rows.length };
};
const inspected = () => {
  const things = [...new Set(all(document, `${FIELD},${CLICKABLE}`))].filter((one) => usable(one) || (one.matches("input[type=file]") && one.isConnected));
  const clickable = (one) => one.matches(FIELD) || !one.parentElement?.closest(CLICKABLE);
  const tables = all(document, TABLE).filter((one) => visible(one) && !one.querySelector(TABLE)).filter((one) => { const { headers, rows } = records(one); return headers.length > 1 && rows.length > 0; });
  return { things: things.filter(clickable).slice(0, MOST_NAMED).map(named), tables: tables.map(tableNamed) };
};
