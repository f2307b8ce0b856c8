// Fills fields in the page and reads them back, and reads tables. Comes after resolve.js in the same document.
(() => {
  const page = globalThis[Symbol.for("clerkwork.page")];
  if (!page || page.fill) return;
  const { fold, squash, seenText, visible } = page;

  const setter = (element) => Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element), "value")?.set;
  const say = (element, type, data) =>
    element.dispatchEvent(type === "input" ? new InputEvent("input", { bubbles: true, composed: true, inputType: "insertText", data })
      : new Event(type, { bubbles: true, composed: true }));

  const optionOf = (list, wanted) => {
    const options = [...list.options];
    return options.find((one) => squash(one.label || one.text) === squash(wanted)) || options.find((one) => fold(one.label || one.text) === fold(wanted)) ||
      options.find((one) => one.value === wanted);
  };
  const selectIn = (list, wanted) => {
    const chosen = wanted.map((one) => optionOf(list, one));
    const missing = wanted[chosen.indexOf(undefined)];
    if (missing !== undefined) return { problem: "no option", missing, options: [...list.options].map((one) => squash(one.label || one.text)).slice(0, 30) };
    if (chosen.some((one) => one.disabled)) return { problem: "option disabled", missing: wanted[chosen.findIndex((one) => one.disabled)], options: [] };
    if (!list.multiple && chosen.length > 1) return { problem: "one option only", missing: "", options: [] };
    const before = [...list.options].map((one) => one.selected).join();
    for (const option of list.options) if (list.multiple) option.selected = chosen.includes(option);
    if (!list.multiple) list.selectedIndex = chosen[0].index;
    if ([...list.options].map((one) => one.selected).join() !== before) { say(list, "input"); say(list, "change"); }
    return { done: true };
  };
  // null: set; else why not. `real` means that only real keys will do.
  const put = (element, value) => {
    if (element.disabled || element.getAttribute("aria-disabled") === "true") return { problem: "disabled" };
    if (element.tagName === "SELECT") return selectIn(element, [value]);
    if (/^(checkbox|radio)$/.test(element.type)) {
      const on = /^(yes|true|on|1)$/i.test(value);
      if (element.checked !== on) element.click();
      return { done: true };
    }
    if (element.readOnly) return { problem: "read only" };
    if (element.type === "file") return { problem: "file" };
    if (element.isContentEditable) {
      element.focus();
      getSelection().selectAllChildren(element);
      document.execCommand(value ? "insertText" : "delete", false, value);
      return { done: true };
    }
    const write = setter(element);
    if (!write) return { problem: "real" };
    if (element.maxLength >= 0 && value.length > element.maxLength) return { problem: "too long", limit: element.maxLength };
    element.focus({ preventScroll: true });
    write.call(element, value);
    if (value !== "" && element.value === "") return { problem: "not taken", type: element.type };
    say(element, "input", value);
    say(element, "change");
    return { done: true };
  };
  const shown = (element) => {
    if (element.tagName === "SELECT") return [...element.selectedOptions].map((one) => squash(one.label || one.text)).join(", ");
    if (/^(checkbox|radio)$/.test(element.type)) return element.checked ? "yes" : "no";
    if (element.getAttribute("role") && element.hasAttribute("aria-checked")) return element.getAttribute("aria-checked") === "true" ? "yes" : "no";
    if (element.type === "file") return [...element.files].map((one) => one.name).join(", ");
    if (element.isContentEditable) return squash(element.innerText);
    return "value" in element ? String(element.value) : seenText(element);
  };
  // A page may write 1234.5 as 1,234.50: the same value, though not the same text.
  const number = (text) => {
    const bare = text.replace(/[^\d.,-]/g, "");
    const mark = Math.max(bare.lastIndexOf("."), bare.lastIndexOf(","));
    if (!/\d/.test(bare) || /\p{L}/u.test(text)) return NaN;
    return mark < 0 ? Number(bare) : Number(bare.slice(0, mark).replace(/[.,]/g, "") + "." + bare.slice(mark + 1));
  };
  const kept = (element, value) => {
    const now = shown(element);
    if (now === value || fold(now) === fold(value)) return true;
    if (element.tagName === "SELECT") return element.value === value;
    if (/^(checkbox|radio)$/.test(element.type)) return (now === "yes") === /^(yes|true|on|1)$/i.test(value);
    const bare = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
    return bare(now) === bare(value) ? !/[.,]\d{1,2}$/.test(value) || number(now) === number(value) : number(now) === number(value);
  };

  Object.assign(page, {
    shown,
    // Fills the leading fields that are found exactly once, then reads all of them back.
    async fill(request) {
      const answer = page.ask(request);
      const set = [];
      for (const [index, result] of answer.results.entries()) {
        if (result.total !== 1) break;
        const element = page.take(index, 0);
        set.push({ element, outcome: put(element, request.values[index]) });
      }
      return { ...answer, fields: await page.readBack(set, request.values) };
    },
    // The same for elements found before, by their place.
    async fillTaken(request) {
      const set = request.places.map((place, index) => ({ element: page.take(place, 0), outcome: put(page.take(place, 0), request.values[index]) }));
      return page.readBack(set, request.values);
    },
    async readBack(set, values) {
      const focused = document.activeElement;
      if (set.length && focused && set.at(-1).element === focused && !focused.isContentEditable) focused.blur();
      await new Promise((resolve) => setTimeout(resolve, 0));
      return set.map(({ element, outcome }, index) => ({
        ...outcome, kept: !!outcome.done && element.isConnected && kept(element, values[index]), shown: shown(element),
        secret: element.type === "password",
      }));
    },
    // The table under a caption, a name or a heading, or the one that a locator fits; of nested ones the innermost.
    findTable(parts) {
      page.fresh();
      const innermost = (found) => found.filter((one) => !found.some((other) => other !== one && one.contains(other)));
      if (parts.length > 1 || parts[0].kind !== "plain") {
        const own = "table,[role=table],[role=grid]";
        const inside = page.find(parts, "text").matches.map(({ element }) => (element.matches(own) ? element : element.closest(own) || element.querySelector(own)));
        return innermost([...new Set(inside.filter(Boolean))]).map((one) => page.table(one));
      }
      const name = parts[0].value;
      const tables = page.all(document, "table,[role=table],[role=grid]").filter(visible);
      const called = tables.filter((one) => [one.caption?.textContent, one.getAttribute("aria-label"), one.title].some((text) => fold(text) === fold(name)));
      const found = called.length ? called : page.withText(document, name, true).flatMap((anchor) => {
        const own = anchor.closest("th,[role=columnheader]")?.closest("table,[role=table],[role=grid]");
        const next = tables.find((one) => anchor.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
        return own && !own.querySelector("table") ? [own] : next ? [next] : [];
      });
      return innermost([...new Set(found)]).map((one) => page.table(one));
    },
    select(element, wanted) { return element.tagName === "SELECT" ? selectIn(element, wanted) : { problem: "no list" }; },
    isKept: kept,
    table(table) {
      page.fresh();
      const mine = [...table.querySelectorAll("tr,[role=row]")].filter((one) => one.closest("table,[role=table],[role=grid]") === table && visible(one));
      const cells = (row) => [...row.querySelectorAll("td,th,[role=cell],[role=gridcell],[role=columnheader],[role=rowheader]")]
        .filter((one) => one.closest("tr,[role=row]") === row);
      const text = (cell) => {
        const field = cell.querySelector("input:not([type=hidden]),select,textarea");
        return field && !squash(seenText(cell)) ? shown(field) : squash(seenText(cell));
      };
      const spread = (row) => cells(row).flatMap((cell) => [cell, ...Array(Math.max(0, (cell.colSpan || 1) - 1)).fill(null)]);
      const heads = mine.filter((row) => row.closest("thead") || (cells(row).length > 1 && cells(row).every((one) => one.matches("th,[role=columnheader]"))));
      const head = heads.length ? heads.at(-1) : mine.find((row) => cells(row).length > 1);
      if (!head) return { headers: [], rows: [] };
      const taken = {};
      const headers = spread(head).map((cell, index) => {
        const name = (cell && squash(seenText(cell)).replace(/[\s▲▼↑↓]+$/u, "")) || `column ${index + 1}`;
        taken[name] = (taken[name] || 0) + 1;
        return taken[name] > 1 ? `${name} (${taken[name]})` : name;
      });
      const rows = mine.slice(mine.indexOf(head) + 1).filter((row) => !row.closest("tfoot") && cells(row).length).map((row) => spread(row).map((cell) => (cell ? text(cell) : "")));
      // A row of one cell across the table is a remark ("no entries"), not a record.
      return { headers, rows: rows.filter((row) => headers.length === 1 || row.filter((one) => one !== "").length > 1 || row.length === headers.length) };
    },
  });
})();
