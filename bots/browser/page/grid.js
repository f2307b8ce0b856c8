// A table that holds only the rows that are seen, and draws others while it is scrolled.

let scroller = null;

const scrolls = (element) => {
  const style = getComputedStyle(element);
  return element.scrollHeight > element.clientHeight + 1 && /auto|scroll/.test(style.overflowY);
};
// The part that scrolls: inside the table where its head stands still, else around it.
const scrollerOf = (table) => {
  const inside = all(table, "*").filter((one) => visible(one) && scrolls(one) && one.querySelector(ROW));
  if (inside.length) return inside[0];
  for (let up = table; up && up !== document.body; up = up.parentElement) if (scrolls(up)) return up;
  return document.scrollingElement;
};
const gridRow = (row, origin, headers) => {
  const index = row.getAttribute("aria-rowindex");
  const top = Math.round(row.getBoundingClientRect().top - origin);
  const cells = spread(row).map(cellText);
  return { key: index ? Number(index) : top, cells: headers.map((_, at) => cells[at] ?? "") };
};
// What is drawn now: {grids, headers, rows: [{key, cells}], by, end, total}. A row's key is its number, or its place.
const grid = (parts) => {
  const found = tablesFor(parts);
  if (found.length !== 1) return { grids: found.length };
  const [table] = found;
  scroller = scrollerOf(table);
  const rows = rowsOf(table).filter(visible);
  const isHead = (row) => row.parentElement?.tagName === "THEAD" || (cellsOf(row).length > 0 && cellsOf(row).every((one) => one.matches("th,[role=columnheader]")));
  const heads = rows.filter(isHead);
  const body = rows.filter((row) => !isHead(row) && row.parentElement?.tagName !== "TFOOT" && cellsOf(row).length);
  const headers = heads.length ? headersOf(heads.at(-1)) : body.length ? spread(body[0]).map((_, at) => `column ${at + 1}`) : [];
  const origin = (scroller === document.scrollingElement ? 0 : scroller.getBoundingClientRect().top) - scroller.scrollTop;
  const drawn = body.map((row) => gridRow(row, origin, headers)).filter((row) => row.cells.some((one) => one !== ""));
  const said = Number(table.getAttribute("aria-rowcount") || -1);
  return {
    grids: 1, headers, rows: drawn, numbered: body.every((row) => row.hasAttribute("aria-rowindex")),
    at: scroller.scrollTop, end: scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 2,
    total: said > 0 ? said - heads.length : null,
  };
};
const gridScroll = (way) => {
  if (scroller) scroller.scrollTop = way === "top" ? 0 : scroller.scrollTop + Math.max(20, scroller.clientHeight * 0.6);
  return scroller ? scroller.scrollTop : 0;
};

Object.assign(globalThis[KEY], { grid: (parts) => pass(() => grid(parts)), gridScroll });
