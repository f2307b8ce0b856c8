// A list that renews itself never moves what a person is looking at: while it has the focus or the pointer,
// new rows wait until they are asked for.

import { anyPicked } from "./bulk.js";

// One stream for the page that is looked at: a browser has few connections, and a hidden page needs none.
function listen() {
  let stream = null;
  const begin = () => {
    if (document.hidden || stream !== null) return;
    stream = new EventSource("/queue/events");
    stream.addEventListener("changed", () => window.htmx.trigger("#queue-rows", "show-news"));
  };
  const end = () => {
    stream?.close();
    stream = null;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? end() : begin()));
  window.addEventListener("pagehide", end);
  window.addEventListener("pageshow", begin);
  begin();
}

export function watchList() {
  const news = document.querySelector(".news");
  if (news === null) return;
  let asked = false;
  listen();

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
