// Is it to be seen now, and does the page say that something is wrong?

const ERROR = /(^|[-_])(error|errors|errormsg|errormessage|error-?message|invalid-feedback|danger|fehler|failure)$|^(error|danger)[-_](text|message|msg|box|list)$/i;
const CAMEL = /[a-z](Error|Errors|ErrorMessage|ErrorMsg|ErrorText)$/;
const FINE = /success|info\b|notice|confirm|\bok\b|ok-message/i;
const problems = (known) => {
  const found = [];
  const add = (kind, text) => { if (text && !found.some((one) => one.text === text)) found.push({ kind, text: text.slice(0, 300) }); };
  for (const text of known) if (reads(text)) add("known", lineWith(text));
  for (const element of all(document, "[role=alert],[class*=error i],[class*=danger i],[class*=invalid i],[class*=fehler i],[class*=failure i],[id*=error i]")) {
    const marks = [...element.classList, element.id].filter(Boolean);
    const alert = element.getAttribute("role") === "alert";
    const marked = marks.some((one) => ERROR.test(one) || CAMEL.test(one));
    if (!marked && (!alert || FINE.test(element.getAttribute("class")))) continue;
    if (!visible(element) || element.matches("body,form,label,button,a") || element.querySelector("input:not([type=hidden]),select,textarea")) continue;
    const text = seenText(element);
    if ((text.match(/\p{L}/gu) || []).length >= 3 && text.length < 1000) add(alert ? "alert" : "class", text);
  }
  try {
    for (const field of all(document, "input:user-invalid,select:user-invalid,textarea:user-invalid")) {
      if (visible(field)) add("field", `${nameOf(field) || field.name || "a field"}: ${field.validationMessage}`);
    }
  } catch { /* a browser without :user-invalid has no such messages to tell */ }
  return found;
};
const lineWith = (text) => {
  const [element] = withText(document, text, false);
  return element ? seenText(element).slice(0, 300) : text;
};
const pageText = () =>
  cached("pageText", document, () => {
    if (!document.body) return "";
    const parts = [document.body.innerText];
    for (const one of roots(document).slice(1)) for (const child of one.children) if (visible(child) && child.innerText) parts.push(child.innerText);
    for (const field of all(document, "input,textarea,select")) {
      if (!visible(field) || /^(password|hidden|checkbox|radio)$/.test(field.type)) continue;
      parts.push(field.tagName === "SELECT" ? [...field.selectedOptions].map((one) => one.text).join(" ") : field.value);
    }
    return squash(parts.join(" \n "));
  });

// Texts that touch (`<button>More</button>Enough`) are told apart by the elements they stand in.
const reads = (text) => {
  const wanted = word(text);
  return wanted.test(pageText()) || texts(document).some((node) => wanted.test(squash(node.data)) && visible(node.parentElement));
};
