// What the pages do beyond plain HTML. Everything that decides something works without this file.

import { watchCase } from "./case.js";
import { watchList } from "./list.js";
import { watchKeys } from "./keys.js";

for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
watchList();
watchCase();
watchKeys();
document.documentElement.classList.add("scripted");
