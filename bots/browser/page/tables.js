// Tables as records: the headers, and the rows under them.

// In old pages the headers are cells of the first row; a table that holds others is there for the layout.
const isHeader = (anchor) => {
  const row = anchor.closest(CELL)?.closest(ROW);
  const table = row?.closest(TABLE);
  return !!table && !table.querySelector("table") && cellsOf(row).length > 1 && (!!anchor.closest("th,[role=columnheader]") || rowsOf(table)[0] === row);
};
// The tables under a caption, a name or a heading, or those that a locator fits; of nested ones the innermost.
const tablesFor = (parts) => {
  if (parts.length > 1 || parts[0].kind !== "plain") {
    const inside = find(parts, "text").matches.map(({ element }) => (element.matches(TABLE) ? element : element.closest(TABLE) || element.querySelector(TABLE)));
    return innermost([...new Set(inside.filter(Boolean))]);
  }
  const name = parts[0].value;
  const tables = all(document, TABLE).filter(visible);
  const called = tables.filter((one) => [one.caption?.textContent, one.getAttribute("aria-label"), one.title].some((text) => fold(text) === fold(name)));
  const found = called.length ? called : withText(document, name, true).flatMap((anchor) => {
    const own = isHeader(anchor) && anchor.closest(TABLE);
    const next = tables.find((one) => anchor.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
    return own ? [own] : next ? [next] : [];
  });
  return innermost([...new Set(found)]);
};
// One entry for each column: a cell across three columns stands in the first of them.
const spread = (row) => cellsOf(row).flatMap((cell) => [cell, ...Array(Math.max(0, (cell.colSpan || 1) - 1)).fill(null)]);
const cellText = (cell) => {
  const field = cell?.querySelector("input:not([type=hidden]),select,textarea");
  return cell ? seenText(cell) || (field ? shown(field) : "") : "";
};
const headersOf = (row) => {
  const taken = {};
  return spread(row).map((cell, index) => {
    const name = cellText(cell).replace(/[\s▲▼↑↓]+$/u, "") || `column ${index + 1}`;
    taken[name] = (taken[name] || 0) + 1;
    return taken[name] > 1 ? `${name} (${taken[name]})` : name;
  });
};
const records = (table) => {
  const rows = rowsOf(table).filter(visible);
  const isHead = (row) => row.parentElement?.tagName === "THEAD" || (cellsOf(row).length > 1 && cellsOf(row).every((one) => one.matches("th,[role=columnheader]")));
  const head = rows.filter(isHead).at(-1) || rows.find((row) => cellsOf(row).length > 1);
  if (!head) return { headers: [], rows: [] };
  const headers = headersOf(head);
  const body = rows.slice(rows.indexOf(head) + 1).filter((row) => row.parentElement?.tagName !== "TFOOT" && cellsOf(row).length);
  const values = body.map((row) => spread(row).map(cellText));
  // A row of one cell across the table is a remark ("no entries"), not a record.
  const isRecord = (row) => row.filter((one) => one !== "").length > 1 || (row.length === headers.length && row.some((one) => one !== ""));
  return { headers, rows: values.filter(isRecord) };
};
