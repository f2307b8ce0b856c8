// A value taken from the page: a box drawn with the mouse or a finger, or words walked over with the arrow keys. The
// server reads what stands there as the type of the field; the box goes with the correction.

const SVG = "http://www.w3.org/2000/svg";
const LEAST = 4; // pixels below which a movement is a click

export const boxOf = (field) => document.querySelector(`.box[data-field="${field.id}"]`);

// `taken(field)` is called once a field has its value.
export function watchPaper(form, fields, taken) {
  const paper = document.querySelector(".paper");
  const button = paper?.querySelector("[data-draw]");
  if (!button) return;
  const open = fields.filter((field) => !field.readOnly);
  let goal = null;
  const take = (number, box, field) => capture(form, number, box, field).then(() => taken(field));
  form.addEventListener("focusin", (event) => {
    if (open.includes(event.target)) goal = event.target;
  });
  button.addEventListener("click", () => {
    const on = paper.classList.toggle("drawing");
    button.setAttribute("aria-pressed", String(on));
    say(on ? `Draw a box around the value for ${labelOf(goal ?? open[0])}.` : "");
  });
  for (const sheet of sheetsOf(paper)) watchDrawing(paper, sheet, (box) => take(sheet.dataset.page, box, goal ?? open[0]));
  for (const field of open) {
    field.addEventListener("keydown", (event) => {
      if (event.key !== "F2") return;
      event.preventDefault();
      walk(form, paper, field, take);
    });
  }
}

// The place of a value that was chosen or taken; without one the field is as it was read.
export function place(field, text) {
  const name = `place.${field.name.replace("field.", "")}`;
  let carrier = field.form.elements.namedItem(name);
  if (carrier === null && text) {
    carrier = Object.assign(document.createElement("input"), { type: "hidden", name });
    field.after(carrier);
  }
  if (carrier !== null) carrier.value = text;
  const box = boxOf(field);
  if (text) show(field, text);
  else if (box?.dataset.drawn === "new") box.remove();
  else if (box?.dataset.drawn) {
    frame(box, box.dataset.drawn.split(" ").map(Number));
    box.classList.remove("drawn");
  }
}

function show(field, text) {
  const [number, ...edges] = text.split(" ").map(Number);
  const sheet = document.querySelector(`.sheet svg[data-page="${number}"]`);
  if (sheet === null) return;
  let box = boxOf(field);
  if (box !== null && box.parentNode !== sheet) box.remove();
  if (box === null || box.parentNode !== sheet) {
    box = sheet.appendChild(document.createElementNS(SVG, "rect"));
    box.dataset.field = field.id;
    box.dataset.drawn = "new";
    box.addEventListener("click", () => field.focus());
  } else if (!box.dataset.drawn) {
    box.dataset.drawn = ["x", "y", "width", "height"].map((name) => box.getAttribute(name)).join(" ");
  }
  box.classList.add("box", "drawn");
  box.classList.toggle("lit", document.activeElement === field);
  frame(box, [edges[0] - 2, edges[1] - 2, edges[2] - edges[0] + 4, edges[3] - edges[1] + 4]);
}

function frame(box, [x, y, width, height]) {
  for (const [name, value] of Object.entries({ x, y, width, height })) box.setAttribute(name, value);
}

async function capture(form, number, box, field) {
  const body = new URLSearchParams({
    csrf: form.elements.namedItem("csrf").value,
    field: field.name.replace("field.", ""),
    place: [number, ...box.map((edge) => edge.toFixed(1))].join(" "),
  });
  const told = await ask(form, "capture", { method: "POST", body });
  if (told.value) {
    field.value = told.value;
    place(field, told.place);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change"));
  }
  const wrote = told.value ? `${labelOf(field)}: ${told.value}, from “${told.printed}”.` : "";
  say([wrote, told.note, told.error].filter(Boolean).join(" "));
}

async function ask(form, what, options) {
  try {
    const answer = await fetch(`${form.dataset.at}/${what}`, options);
    return answer.headers.get("content-type")?.startsWith("application/json")
      ? await answer.json()
      : { error: "This could not be asked; reload the page." };
  } catch {
    return { error: "The console did not answer. Type the value, or try again." };
  }
}

function watchDrawing(paper, sheet, drawn) {
  let from = null;
  let rect = null;
  const box = (event) => {
    const to = point(sheet, event);
    return [Math.min(from.x, to.x), Math.min(from.y, to.y), Math.max(from.x, to.x), Math.max(from.y, to.y)];
  };
  const end = () => {
    rect?.remove();
    from = rect = null;
  };
  // The field keeps the focus, and the browser does not drag the picture.
  sheet.addEventListener("mousedown", (event) => event.preventDefault());
  sheet.addEventListener("pointerdown", (event) => {
    // A finger scrolls, unless it was said that it draws.
    if (event.button !== 0 || (event.pointerType === "touch" && !paper.classList.contains("drawing"))) return;
    from = point(sheet, event);
    from.client = [event.clientX, event.clientY];
  });
  sheet.addEventListener("pointermove", (event) => {
    if (from === null) return;
    const far = Math.hypot(event.clientX - from.client[0], event.clientY - from.client[1]);
    if (rect === null && far < LEAST) return;
    if (rect === null) {
      sheet.setPointerCapture(event.pointerId);
      rect = sheet.appendChild(document.createElementNS(SVG, "rect"));
      rect.setAttribute("class", "band");
    }
    const [x0, y0, x1, y1] = box(event);
    frame(rect, [x0, y0, x1 - x0, y1 - y0]);
  });
  sheet.addEventListener("pointerup", (event) => {
    const done = rect === null ? null : box(event);
    end();
    if (done === null) return;
    // The click that follows is the end of the drawing, not one on a box beneath it.
    sheet.addEventListener("click", (click) => click.stopPropagation(), { capture: true, once: true });
    setTimeout(() => drawn(done));
  });
  sheet.addEventListener("pointercancel", end);
}

function point(sheet, event) {
  const frame = sheet.getBoundingClientRect();
  const { width, height } = sheet.viewBox.baseVal;
  return {
    x: ((event.clientX - frame.left) / frame.width) * width,
    y: ((event.clientY - frame.top) / frame.height) * height,
  };
}

// The keyboard's way: arrows go from word to word, Shift takes more of them, Enter takes the value, Escape lets be.
async function walk(form, paper, field, take) {
  const sheets = sheetsOf(paper);
  const box = boxOf(field);
  let sheet = box?.closest("svg") ?? sheets[0];
  let words = await wordsOf(form, sheet);
  let at = box === null ? 0 : nearest(words, box.getBBox());
  let anchor = at;
  const mark = sheet.appendChild(document.createElementNS(SVG, "rect"));
  mark.setAttribute("class", "band");
  const chosen = () => words.slice(Math.min(at, anchor), Math.max(at, anchor) + 1);
  const tell = () => {
    if (words.length === 0) return say("No words were read on this page. Type the value.");
    const [x0, y0, x1, y1] = around(chosen());
    frame(mark, [x0 - 1, y0 - 1, x1 - x0 + 2, y1 - y0 + 2]);
    mark.scrollIntoView({ block: "nearest", inline: "nearest" });
    say(`${labelOf(field)}: ${chosen().map((word) => word[0]).join(" ")}`);
  };
  const leave = () => {
    mark.remove();
    paper.removeEventListener("keydown", press);
    paper.removeEventListener("blur", leave);
  };
  const turn = async (by) => {
    const next = sheets[sheets.indexOf(sheet) + by];
    if (next === undefined) return;
    [sheet, words] = [next, await wordsOf(form, next)];
    at = anchor = 0;
    sheet.append(mark);
    tell();
  };
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Tab" || event.key === "Shift") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape" || (event.key === "Enter" && words.length === 0)) field.focus();
    else if (event.key === "Enter") take(sheet.dataset.page, around(chosen()), field);
    else if (event.key === "PageDown" || event.key === "PageUp") turn(event.key === "PageDown" ? 1 : -1);
    else {
      at = step(words, at, event.key);
      if (!event.shiftKey) anchor = at;
      tell();
    }
  };
  paper.addEventListener("keydown", press);
  paper.focus({ preventScroll: true });
  paper.addEventListener("blur", leave);
  tell();
}

function step(words, at, key) {
  if (key === "ArrowRight") return Math.min(at + 1, words.length - 1);
  if (key === "ArrowLeft") return Math.max(at - 1, 0);
  if (key === "Home") return 0;
  if (key === "End") return words.length - 1;
  if (key !== "ArrowDown" && key !== "ArrowUp") return at;
  const [, x0, y0, x1, y1] = words[at];
  const down = key === "ArrowDown";
  let best = at;
  let least = Infinity;
  words.forEach(([, a0, b0, a1, b1], index) => {
    const gap = down ? (b0 + b1) / 2 - y1 : y0 - (b0 + b1) / 2;
    if (gap < 0) return;
    const away = gap * 3 + Math.abs((a0 + a1) / 2 - (x0 + x1) / 2);
    if (away < least) [best, least] = [index, away];
  });
  return best;
}

async function wordsOf(form, sheet) {
  const told = await ask(form, `words/${sheet.dataset.page}`, {});
  if (told.error) say(told.error);
  return told.words ?? [];
}

function nearest(words, box) {
  const away = ([, x0, y0, x1, y1]) => Math.hypot((x0 + x1) / 2 - box.x - box.width / 2, (y0 + y1) / 2 - box.y - box.height / 2);
  return words.reduce((best, word, index) => (away(word) < away(words[best]) ? index : best), 0);
}

function around(words) {
  const edge = (index, pick) => pick(...words.map((word) => word[index]));
  return [edge(1, Math.min), edge(2, Math.min), edge(3, Math.max), edge(4, Math.max)];
}

const sheetsOf = (paper) => [...paper.querySelectorAll("svg[data-page]")];
const labelOf = (field) => field.closest("[data-row]").querySelector("label").textContent;

function say(text) {
  document.getElementById("taken").textContent = text;
}
