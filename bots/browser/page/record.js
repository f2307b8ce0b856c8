// What a person does on the page, told to the recorder as it happens, with the words that name each thing.

if (globalThis.clerkworkRecord && !globalThis[KEY].recording) {
  globalThis[KEY].recording = true;
  const tell = (verb, element, more = {}) => {
    const told = element ? pass(() => named(element)) : { write: "", name: "" };
    globalThis.clerkworkRecord({ verb, write: told.write, name: told.name, ...more });
  };
  const fieldAt = (event) => event.composedPath()[0];
  // A click is named when the button goes down: what it does may take the element away.
  let aimed = null;
  const pressed = (target) => {
    const thing = target.closest?.(`${CLICKABLE},label,${FIELD}`);
    if (!thing || thing.matches(FIELD) || (thing.matches("label") && thing.control)) return null;
    const told = pass(() => named(thing));
    return { thing, write: told.write, name: told.name };
  };
  const typing = /^(?!checkbox|radio|file|range|button|submit|reset|image)/;
  addEventListener("pointerdown", (event) => { if (event.isTrusted) aimed = pressed(fieldAt(event)); }, true);
  addEventListener("click", (event) => {
    if (!event.isTrusted || !event.detail) return; // Enter in a field clicks the form's button: it is told as the key
    const seen = aimed?.thing.contains(fieldAt(event)) ? aimed : pressed(fieldAt(event));
    aimed = null;
    if (seen) globalThis.clerkworkRecord({ verb: "click", write: seen.write, name: seen.name });
  }, true);
  addEventListener("keydown", (event) => {
    const field = fieldAt(event);
    if (!event.isTrusted || event.key !== "Enter" || field.tagName === "TEXTAREA") return;
    const thing = field.closest?.(CLICKABLE);
    if (thing) return tell("click", thing);
    if (field.matches?.(FIELD)) { typed(field); globalThis.clerkworkRecord({ verb: "press", write: "Enter", name: "" }); }
  }, true);
  const told = new WeakMap();
  const typed = (field) => {
    if (told.get(field) === field.value || field.value === field.defaultValue) return;
    told.set(field, field.value);
    if (field.type === "password") tell("password", field); // what was typed never leaves the page
    else tell(field.type === "date" ? "date" : "fill", field, { value: field.value });
  };
  addEventListener("change", (event) => {
    const field = fieldAt(event);
    if (!event.isTrusted || !field.matches?.(FIELD)) return;
    if (field.tagName === "SELECT") tell("select", field, { value: [...field.selectedOptions].map((one) => squash(one.label)) });
    else if (field.type === "file") tell("upload", field, { value: [...field.files].map((one) => one.name) });
    else if (field.type === "radio") tell("choose", field);
    else if (field.type === "checkbox") tell(field.checked ? "check" : "uncheck", field);
    else if (field.type === "range") tell("slider", field, { value: field.value });
    else if (typing.test(field.type || "")) typed(field);
  }, true);
}
