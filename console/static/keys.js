// The keys that work on every page. A key typed into a field is text.

export function watchKeys() {
  const help = document.getElementById("help");
  for (const button of document.querySelectorAll("[data-help]")) {
    button.addEventListener("click", () => help.showModal());
  }
  watchMenus();
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || help?.open) return;
    const action = actions[event.key.toLowerCase()];
    if (action?.()) event.preventDefault();
  });
}

// One menu at a time; Escape closes it and gives the focus back.
export function watchMenus() {
  for (const menu of document.querySelectorAll("[data-menu]")) {
    menu.addEventListener("toggle", () => {
      if (menu.open) for (const other of document.querySelectorAll("[data-menu][open]")) other.open = other === menu;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }
}

export function isTyping(target) {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}

const actions = {
  "?": () => openHelp(),
  j: () => move(1),
  k: () => move(-1),
  u: () => follow("[data-up]"),
  r: () => press("[data-show-news]"),
  c: () => take(),
  a: () => menu("a"),
  s: () => menu("s"),
  v: () => menu("v"),
  m: () => focus("#comment"),
  b: () => focus("#bulk button:not(:disabled)"),
  z: () => press("[data-undo]"),
};

// Claim or release; where a colleague has it a note is asked for first.
function take() {
  const target = document.querySelector("[data-claim]");
  if (target?.matches("input")) target.focus();
  else target?.click();
  return target !== null;
}

function menu(name) {
  const menu = document.querySelector(`[data-menu="${name}"]`);
  if (menu === null) return false;
  menu.open = true;
  menu.querySelector("select, input:not([type=hidden])")?.focus();
  return true;
}

function focus(selector) {
  const target = document.querySelector(selector);
  target?.focus();
  return target !== null;
}

function openHelp() {
  document.getElementById("help")?.showModal();
  return true;
}

// In a list J and K walk over the lines, on an item they walk over the items.
function move(by) {
  const lines = [...document.querySelectorAll("[data-list] [data-line]")];
  if (lines.length === 0) return follow(by > 0 ? "[data-next]" : "[data-previous]");
  const row = document.activeElement?.closest("tr");
  const here = lines.findIndex((line) => row?.contains(line));
  const goal = here === -1 ? 0 : Math.min(Math.max(here + by, 0), lines.length - 1);
  lines[goal].focus();
  return true;
}

function follow(selector) {
  const link = document.querySelector(selector);
  link?.click();
  return link !== null;
}

function press(selector) {
  const button = document.querySelector(selector);
  button?.click();
  return button !== null;
}
