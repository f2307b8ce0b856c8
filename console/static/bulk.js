// Picking lines: X picks the line that has the focus, Shift+X all up to it; the bar says how many are picked.

export function watchBulk() {
  const form = document.getElementById("bulk");
  if (form === null) return;
  const every = form.querySelector("[data-every]");
  const boxes = () => [...document.querySelectorAll('input[form="bulk"][name="pick"]')];
  let last = null;

  const tell = () => {
    const number = boxes().filter((box) => box.checked).length;
    const any = number > 0 || every.checked;
    form.querySelector("[data-picked]").textContent = every.checked ? "all picked" : number ? `${number} picked` : "";
    form.classList.toggle("idle", !any);
    for (const part of form.querySelectorAll("button")) part.disabled = !any;
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches?.('input[form="bulk"], [data-every]')) tell();
  });
  document.body.addEventListener("htmx:afterSwap", tell);
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog")) return;
    const here = document.activeElement?.closest("tr")?.querySelector('input[name="pick"]');
    if (!here) return;
    const all = boxes();
    const from = event.shiftKey && last !== null ? all.indexOf(last) : -1;
    const to = all.indexOf(here);
    if (from === -1) here.checked = !here.checked;
    else for (const box of all.slice(Math.min(from, to), Math.max(from, to) + 1)) box.checked = true;
    last = here;
    event.preventDefault();
    tell();
  });
  tell();
}

export const anyPicked = () => document.querySelector('input[form="bulk"][name="pick"]:checked') !== null;
