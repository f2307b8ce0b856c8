// The page as it stands, without its scripts, with what was typed, small enough to be kept for each verb.

const MOST_STYLE = 60000, MOST_PAGE = 300000, SCRIPT = /^\s*javascript:/i;
// Rules are many and seldom change: they are written out once, and again when there are more or fewer of them.
const ruleTexts = new WeakMap();
const rulesOf = (sheet) => {
  let rules = [];
  try { rules = sheet.cssRules; } catch { return ""; } // of another origin
  const known = ruleTexts.get(sheet);
  if (known?.count === rules.length) return known.text;
  let text = "";
  for (const rule of rules) if ((text += rule.cssText + "\n").length > MOST_STYLE) break;
  ruleTexts.set(sheet, { count: rules.length, text });
  return text;
};
const styles = (of) => {
  let text = "";
  for (const sheet of of.styleSheets) if ((text += rulesOf(sheet)).length > MOST_STYLE) break;
  return text;
};
// Frames stand beside their page, each with its box; those of another origin are left out.
const framesOf = (of) => [...of.querySelectorAll("frame,iframe")].flatMap((one) => {
  let inner = null;
  try { inner = one.contentDocument; } catch { return []; }
  const box = one.getBoundingClientRect();
  return inner?.documentElement && box.width && box.height
    ? [{ left: Math.round(box.left), top: Math.round(box.top), page: snapshot(inner) }] : [];
});
const snapshot = (of = document) => {
  const copy = of.documentElement.cloneNode(true);
  const twin = (list) => [...list.querySelectorAll("input,textarea,select")];
  const [now, then] = [twin(of.documentElement), twin(copy)];
  now.forEach((field, index) => {
    const other = then[index];
    if (!other) return;
    if (field.type === "password") other.setAttribute("value", field.value ? "••••••" : "");
    else if (field.tagName === "TEXTAREA") other.textContent = field.value;
    else if (field.tagName === "SELECT") [...other.options].forEach((option, at) => option.toggleAttribute("selected", !!field.options[at]?.selected));
    else if (/^(checkbox|radio)$/.test(field.type)) other.toggleAttribute("checked", field.checked);
    else if (field.type !== "file") other.setAttribute("value", field.value);
  });
  for (const one of copy.querySelectorAll("script,noscript,template,link,meta,style,iframe,frame,object,embed,video,audio")) one.remove();
  for (const one of copy.querySelectorAll("*"))
    for (let at = one.attributes.length - 1; at >= 0; at--) {
      const { name, value } = one.attributes[at];
      if (name.startsWith("on") || SCRIPT.test(value) || (name === "src" && !value.startsWith("data:image/"))) one.removeAttribute(name);
    }
  const style = of.createElement("style");
  style.textContent = styles(of);
  copy.querySelector("head")?.append(style);
  const html = copy.outerHTML;
  const { innerWidth: width, innerHeight: height, scrollX, scrollY } = of.defaultView;
  return { html: html.length > MOST_PAGE ? "" : html, width, height, x: Math.round(scrollX), y: Math.round(scrollY), frames: framesOf(of) };
};
