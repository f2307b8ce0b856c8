// One item: fields and boxes light each other up, the doubtful fields come one after the other, and the decision
// that a person most likely wants is under Ctrl+Enter.

import { watchAhead } from "./ahead.js";
import { boxOf, place, watchPaper } from "./capture.js";
import { isTyping, watchMenus } from "./keys.js";

let leaving = new AbortController();

export function watchCase() {
  const form = document.getElementById("decision");
  leaving.abort();
  if (form === null) return;
  leaving = new AbortController();
  const fields = [...form.querySelectorAll("[data-row] input[data-shown]")];

  for (const field of fields) watchField(field, fields, form);
  for (const box of document.querySelectorAll(".box")) {
    box.addEventListener("click", () => document.getElementById(box.dataset.field).focus());
  }
  for (const button of form.querySelectorAll("[data-choice]")) {
    const field = button.closest("[data-row]").querySelector("input");
    button.addEventListener("click", () => choose(field, button));
  }
  watchPaper(form, fields, (field) => field.focus());
  for (const field of fields) {
    const known = form.elements.namedItem(`place.${field.name.replace("field.", "")}`);
    if (known !== null) place(field, known.value);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      decide(form, fields);
    } else if (event.key === "Enter" && isTyping(event.target) && event.target.tagName === "INPUT") {
      // Enter in a line of text would press the first button of the form, whatever that does.
      if (event.target.form === form) event.preventDefault();
    }
  }, { signal: leaving.signal });
  watchAhead(form, () => {
    watchMenus();
    watchCase();
  });
  form.addEventListener("input", () => tell(form, fields));
  tell(form, fields);
  if (document.querySelector("[role=alert]") === null) firstToFill(form, fields)?.focus({ preventScroll: true });
}

function watchField(field, fields, form) {
  field.addEventListener("focus", () => {
    field.select();
    // The buttons stand over the end of the page: the whole line of the field is brought above them.
    field.closest("[data-row]").scrollIntoView({ block: "nearest" });
    const box = boxOf(field);
    if (box === null) return;
    box.classList.add("lit");
    bringIntoView(box);
  });
  field.addEventListener("blur", () => boxOf(field)?.classList.remove("lit"));
  field.addEventListener("change", () => check(form));
  field.addEventListener("keydown", (event) => {
    const here = fields.indexOf(field);
    const choice = event.altKey && /^Digit[1-9]$/.test(event.code) ? choicesOf(field)[event.code.slice(-1) - 1] : null;
    if (choice) {
      event.preventDefault();
      choose(field, choice);
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    let goal = null;
    if (event.key === "ArrowDown") goal = fields[here + 1];
    else if (event.key === "ArrowUp") goal = fields[here - 1];
    else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) goal = nextDoubtful(fields, here);
    else if (event.key === "Escape") putBack(field);
    // After the last doubtful field Tab goes on in the order of the page, so that nobody is caught in the fields.
    if (event.key === "Enter" || goal) event.preventDefault();
    goal?.focus();
  });
}

function firstToFill(form, fields) {
  const open = fields.filter((field) => !field.readOnly);
  // Where one other value would mend all that does not hold, that field is the likeliest to be wrong.
  const mending = open.filter((field) => "mends" in field.dataset);
  if (mending.length === 1) return mending[0];
  return nextDoubtful(open, -1) ?? open[0] ?? form.querySelector("[name^='result.']");
}

function nextDoubtful(fields, here) {
  return fields.slice(here + 1).find((field) => "doubtful" in field.dataset);
}

const choicesOf = (field) => [...field.closest("[data-row]").querySelectorAll("[data-choice]")];

// Another value that the reader saw, with its place on the page.
function choose(field, choice) {
  field.value = choice.dataset.choice;
  place(field, choice.dataset.place ?? "");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change"));
}

function putBack(field) {
  if (field.value === field.dataset.shown) field.blur();
  field.value = field.dataset.shown;
  place(field, "");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// Only the pane with the page scrolls; the fields stay where they are.
function bringIntoView(box) {
  const pane = box.closest(".paper");
  const frame = pane.getBoundingClientRect();
  const place = box.getBoundingClientRect();
  if (place.top < frame.top || place.bottom > Math.min(frame.bottom, window.innerHeight)) {
    pane.scrollTop += place.top - frame.top - frame.height / 3;
  }
}

const isEdited = (field) => field.value.trim() !== field.dataset.shown.trim();

function tell(form, fields) {
  for (const field of fields) field.closest("[data-row]").classList.toggle("edited", isEdited(field));
  const number = fields.filter(isEdited).length;
  const save = form.querySelector("[data-correct]");
  const approve = form.querySelector("[data-approve]");
  const retry = form.querySelector("[data-retry]");
  if (save !== null) {
    save.textContent = number ? `Save ${number} ${number === 1 ? "change" : "changes"} and continue` : "Save and continue";
    save.classList.toggle("primary", number > 0);
    save.disabled = number === 0;
  }
  for (const plain of [approve, retry]) {
    plain?.classList.toggle("primary", number === 0);
    if (plain) plain.disabled = number > 0;
  }
  const hint = form.querySelector("[data-hint]");
  const button = likely(form, number);
  if (hint !== null) hint.parentElement.hidden = button === null;
  if (button !== null) hint.textContent = button.matches("[data-retry]") ? "retries" : number ? "saves" : "approves";
}

function likely(form, number) {
  return number ? form.querySelector("[data-correct]") : form.querySelector("[data-approve], [data-retry]");
}

function decide(form, fields) {
  const button = likely(form, fields.filter(isEdited).length);
  if (button !== null) form.requestSubmit(button);
}

// The rules are asked while the person is still looking at the page.
function check(form) {
  const save = form.querySelector("[data-correct]");
  if (save === null || form.dataset.decided) return;
  const place = save.formAction.replace("/correct", "/check");
  window.htmx.ajax("POST", place, { source: form, target: "#problems", swap: "outerHTML" });
}
