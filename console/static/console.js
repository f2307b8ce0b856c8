// What the pages do beyond plain HTML. Everything that decides something works without this file.

import { watchBulk } from "./bulk.js";
import { watchCase } from "./case.js";
import { watchFocus } from "./focus.js";
import { watchList } from "./list.js";
import { watchKeys } from "./keys.js";

for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
// Times are shown where the person is; the server learns it with the next page.
document.cookie = `zone=${Intl.DateTimeFormat().resolvedOptions().timeZone}; path=/; max-age=31536000; samesite=lax`;
watchList();
watchBulk();
watchCase();
watchKeys();
watchFocus();
document.documentElement.classList.add("scripted");
