// The calendar that a date field opens: which month it shows, how to turn it, where its days are.

let calendarTaken = { days: [], next: null, previous: null };

const monthNames = () =>
  cached("months", document, () => {
    const names = new Map();
    for (const locale of [document.documentElement.lang, ...navigator.languages, "en", "de", "fr", "es", "it", "nl", "pl", "pt"]) {
      for (const style of ["long", "short"]) {
        for (let month = 0; month < 12; month += 1) {
          try {
            const name = new Date(2024, month, 15).toLocaleDateString(locale, { month: style }).replace(/\.$/, "").toLowerCase();
            if (!names.has(name)) names.set(name, month + 1);
          } catch { break; /* a page may claim a language that is none */ }
        }
      }
    }
    return names;
  });
// `December 2016`, `2016-12`, or two lists of which one shows the month and the other the year.
const monthIn = (text) => {
  const year = /(?<!\d)(19|20)\d\d(?!\d)/.exec(text);
  if (!year) return null;
  const named = text.toLowerCase().split(/[^\p{L}]+/u).map((one) => monthNames().get(one)).find(Boolean);
  const digits = /(?<!\d)(?:19|20)\d\d\s*[-/.年]\s*(1[0-2]|0?[1-9])(?!\d)|(?<!\d)(1[0-2]|0?[1-9])\s*[-/.]\s*(?:19|20)\d\d(?!\d)/.exec(text);
  const month = named || Number(digits?.[1] || digits?.[2] || 0);
  return month ? { month, year: Number(year[0]) } : null;
};
const OTHER_MONTH = /(^|[\s_-])(other|outside|old|new|prev|next|muted|disabled|adjacent|off)([\s_-]|$)|other-?month|outside/i;
const TURN = { next: /next|forward|weiter|nächst|suivant|siguiente|volgende|^\s*[>›→»▶]\s*$/i, previous: /prev|back|zurück|vorig|précéd|anterior|vorige|^\s*[<‹←«◀]\s*$/i };
const turnsOf = (around, way) => {
  const things = all(around, CLICKABLE + ",[class*=next i],[class*=prev i]").filter(visible);
  const called = (one) => [one.getAttribute("aria-label"), one.title, seenText(one), one.getAttribute("class")].some((text) => text && TURN[way].test(text) && !/year|jahr|année|año/i.test(text));
  return innermost(things.filter((one) => called(one) && !/^\d+$/.test(seenText(one))))[0] || null;
};
// The smallest surroundings that show the days 1 to 28 in order, and with them the month.
const calendars = () => {
  const days = texts(document).filter((node) => /^\s*\d{1,2}\s*$/.test(node.data) && visible(node.parentElement)).map((node) => node.parentElement);
  const first = days.filter((one) => squash(one.textContent) === "1" && !OTHER_MONTH.test(one.className + " " + (one.closest(CELL)?.className || "")));
  const found = [];
  for (const start of first) {
    for (let up = start.parentElement; up; up = up.parentElement) {
      const inside = days.filter((one) => up.contains(one));
      const from = inside.slice(inside.indexOf(start));
      if (from.length < 28 || !from.slice(0, 28).every((one, index) => Number(one.textContent) === index + 1)) continue;
      const text = seenText(up) + " " + all(up, "select").map((one) => one.selectedOptions[0]?.text || "").join(" ");
      const shown = monthIn(text.replace(/(?<!\d)\d{1,2}(?!\d)(\s+\d{1,2}(?!\d))+/g, " "));
      if (shown) { found.push({ ...shown, around: up, days: from }); break; }
    }
  }
  return found.filter((one) => !found.some((other) => other !== one && one.around.contains(other.around)));
};
const calendar = () => {
  const found = calendars();
  if (found.length !== 1) return { calendars: found.length };
  const [{ month, year, around, days }] = found;
  calendarTaken = { days, next: turnsOf(around, "next"), previous: turnsOf(around, "previous") };
  return { calendars: 1, month, year, next: !!calendarTaken.next, previous: !!calendarTaken.previous };
};
const calendarDay = (day) => {
  const element = calendarTaken.days[day - 1];
  return element && Number(element.textContent) === day ? element : null;
};

Object.assign(globalThis[KEY], {
  // {calendars, month, year, next, previous}: the one calendar that is open, and whether it can be turned.
  calendar: () => pass(calendar),
  calendarDay: (day) => calendarDay(day),
  calendarTurn: (way) => calendarTaken[way],
});
