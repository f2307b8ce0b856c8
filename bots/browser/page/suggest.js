// Suggestions that open while one types: options, or what lists and rows of a popup show.

const OPTION = "[role=option],[role=menuitem],li,.option,[class*=suggestion],[class*=autocomplete] > *,[class*=menu-item]";
let suggestion = null;
let already = new Map(); // what was seen before anything was typed, with its text

const offeredFor = (field) => {
  const box = field.getBoundingClientRect();
  const listed = [field.getAttribute("aria-controls"), field.getAttribute("aria-owns"), field.list?.id]
    .filter(Boolean).flatMap((id) => [...(document.getElementById(id)?.querySelectorAll("*") || [])]);
  const near = all(document, OPTION).filter((one) => !one.contains(field) && !one.closest("nav,header,footer"));
  const shown = [...new Set([...listed, ...near])].filter((one) => visible(one) && squash(one.textContent) && !field.contains(one));
  // A list of the page that was there before is none of this field's: suggestions lie close to it, or are options.
  const close = (one) => { const at = one.getBoundingClientRect(); return at.top < box.bottom + 400 && at.bottom > box.top - 400 && at.left < box.right + 200 && at.right > box.left - 50; };
  return innermost(shown.filter((one) => one.getAttribute("role") === "option" || listed.includes(one) || close(one)));
};
const noteOffered = (field) => { already = new Map(offeredFor(field).map((one) => [one, one.textContent])); };
// A flag or a picture before a name is no part of it.
const bareOfSigns = (text) => fold(squash(text).replace(/^(?:[\p{Extended_Pictographic}\p{Regional_Indicator}\u200d\ufe0f\p{Emoji_Modifier}\p{So}]\s*)+/u, ""));
const suggest = (field, choice) => {
  const offered = offeredFor(field).filter((one) => already.get(one) !== one.textContent);
  const wanted = fold(choice);
  const same = offered.filter((one) => fold(one.textContent) === wanted);
  if (!same.length) same.push(...offered.filter((one) => bareOfSigns(one.textContent) === wanted));
  const start = offered.filter((one) => [fold(one.textContent), bareOfSigns(one.textContent)].some((text) => text.startsWith(wanted)));
  const found = same.length ? same : start.length === 1 ? start : [];
  suggestion = found[0] || null;
  return { found: found.length > 0, emptied: !field.isConnected || shown(field) === "", offered: offered.map((one) => squash(one.textContent).slice(0, 60)).slice(0, 12) };
};
const completed = (field, choice) => {
  const now = fold(shown(field));
  if (now && (now.includes(fold(choice)) || fold(choice).includes(now))) return true;
  const around = field.closest("label,td,fieldset,.field,form,div");
  return !!around && !(suggestion && visible(suggestion)) && fold(around.innerText).includes(fold(choice));
};
