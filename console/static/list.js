// A list that renews itself never moves what a person is looking at: while it has the focus or the pointer,
// new rows wait until they are asked for.

import { anyPicked } from "./bulk.js";

export function watchList() {
  const news = document.querySelector(".news");
  if (news === null) return;
  let asked = false;

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const rows = event.detail.target;
    if (rows?.id !== "queue-rows") return;
    const busy = rows.contains(document.activeElement) || rows.matches(":hover") || anyPicked() || window.scrollY > 200;
    if (busy && !asked && event.detail.xhr.status === 200) {
      event.detail.shouldSwap = false;
      news.hidden = false;
    }
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    asked = false;
    news.hidden = true;
  });
  news.querySelector("[data-show-news]").addEventListener("click", () => {
    asked = true;
    const focused = document.activeElement?.id;
    document.body.addEventListener("htmx:afterSwap", () => document.getElementById(focused)?.focus(), { once: true });
    window.htmx.trigger("#queue-rows", "show-news");
  });
}
