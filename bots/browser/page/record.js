// What a person does on the page, told to the recorder as it happens, with the words that name each thing.

// How often these words are found in the other frames of the window; null where one of them cannot be asked.
const KINDS = /^(label|role|text|test-id|css|xpath|near|row|section|placeholder|title|alt)=([\s\S]*)$/;
const partsOf = (write) => write.split(" >> ").map((piece) => {
  const found = KINDS.exec(piece);
  if (!found) return { kind: "plain", value: piece, exact: false };
  const quoted = /^(["']).*\1$/.test(found[2]) && !/^(css|xpath)$/.test(found[1]);
  return { kind: found[1], value: quoted ? found[2].slice(1, -1) : found[2], exact: quoted };
});
const elsewhere = (write, want) => {
  let found = 0;
  const visit = (frame) => {
    if (frame !== globalThis.window) found += frame[KEY]?.ask({ tasks: [{ parts: partsOf(write), want }], errors: [] }).results[0].total || 0;
    for (let index = 0; index < frame.length; index++) visit(frame[index]);
  };
  try { visit(globalThis.top); } catch { return null; } // of another origin
  return found;
};

if (globalThis.clerkworkRecord && !globalThis[KEY].recording) {
  globalThis[KEY].recording = true;
  // `at` puts in order what is told late: the click behind a dialog is told when the dialog is closed.
  const send = (verb, seen, more) => globalThis.clerkworkRecord({ verb, write: seen.write, name: seen.name, others: seen.others, at: Date.now(), ...more });
  const seenAs = (element) => {
    const { write, name, want } = pass(() => named(element));
    return { write, name, others: elsewhere(write, want) };
  };
  const tell = (verb, element, more) => send(verb, seenAs(element), more);
  const fieldAt = (event) => event.composedPath()[0];
  const NATIVE = "input,select,textarea";
  const asClicked = (thing) => {
    if (!thing.matches(FIELD)) return thing.matches("label") && thing.control ? null : "click";
    if (thing.matches(NATIVE) || thing.isContentEditable || thing.matches("[role=textbox],[role=searchbox],[role=slider]")) return null;
    if (!thing.matches(TICK)) return "click";
    if (/radio$/.test(thing.getAttribute("role"))) return "choose";
    return thing.getAttribute("aria-checked") === "true" ? "uncheck" : "check";
  };
  // A click is named when the button goes down: what it does may take the element away.
  let aimed = null;
  const pressed = (target) => {
    const thing = target.closest?.(`${CLICKABLE},label,${FIELD}`);
    const verb = thing && asClicked(thing);
    return verb ? { thing, verb, ...seenAs(thing) } : null;
  };
  addEventListener("pointerdown", (event) => { if (event.isTrusted) aimed = pressed(fieldAt(event)); }, true);
  const meant = (event) => {
    const seen = aimed?.thing.contains(fieldAt(event)) ? aimed : pressed(fieldAt(event));
    aimed = null;
    return seen;
  };
  addEventListener("click", (event) => {
    if (!event.isTrusted || !event.detail) return; // Enter in a field clicks the form's button: it is told as the key
    const seen = meant(event);
    if (seen) send(seen.verb, seen);
  }, true);
  addEventListener("dblclick", (event) => { const seen = event.isTrusted && pressed(fieldAt(event)); if (seen) send("double_click", seen); }, true);
  // The browser's own menu changes nothing: only a page that has one of its own is told of.
  addEventListener("contextmenu", (event) => {
    const seen = event.isTrusted && meant(event);
    if (seen) setTimeout(() => event.defaultPrevented && send("right_click", seen), 0);
  }, true);
  addEventListener("keydown", (event) => {
    const field = fieldAt(event);
    if (!event.isTrusted || !/^(Enter| )$/.test(event.key)) return;
    const thing = field.closest?.(CLICKABLE);
    if (thing && !thing.isContentEditable) return tell("click", thing);
    if (event.key === "Enter" && field.matches?.(FIELD) && field.tagName !== "TEXTAREA" && !field.isContentEditable) { typed(field); tell("press", field, { value: "Enter" }); }
  }, true);
  const typing = /^(?!checkbox|radio|file|range|button|submit|reset|image)/;
  const told = new WeakMap();
  const typed = (field) => {
    const value = field.isContentEditable ? squash(field.innerText) : field.value;
    if (told.get(field) === value || value === field.defaultValue) return;
    told.set(field, value);
    if (field.type === "password") tell("password", field); // what was typed never leaves the page
    else tell(field.type === "date" ? "date" : "fill", field, { value });
  };
  addEventListener("change", (event) => {
    const field = fieldAt(event);
    if (!field.matches?.(FIELD)) return;
    if (!event.isTrusted && field.type !== "file") return; // a file that was dropped on the page is put there by its script
    if (field.tagName === "SELECT") tell("select", field, { value: [...field.selectedOptions].map((one) => squash(one.label)) });
    else if (field.type === "file") tell("upload", field, { value: [...field.files].map((one) => one.name) });
    else if (field.type === "radio") tell("choose", field);
    else if (field.type === "checkbox") tell(field.checked ? "check" : "uncheck", field);
    else if (field.type === "range") tell("slider", field, { value: field.value });
    else if (typing.test(field.type || "")) typed(field);
  }, true);
  // A text that is edited in place has no `change`: it is told when it is left.
  let edited = null;
  addEventListener("input", (event) => { if (event.isTrusted) edited = fieldAt(event); }, true);
  globalThis[KEY].flush = () => {
    const field = edited?.closest?.(FIELD);
    edited = null;
    if (field && (field.isContentEditable || (field.matches("input,textarea") && typing.test(field.type)))) typed(field);
  };
  addEventListener("focusout", (event) => { if (edited && fieldAt(event).isContentEditable) globalThis[KEY].flush(); }, true);
}
