// The next item at hand: it is fetched while a person is at this one, and takes its place as soon as the decision is
// made. If it has changed since, or cannot be had, the browser goes there as it does without scripts.

let next = null; // {address, page}

export function watchAhead(form, begin) {
  next = null;
  const link = document.querySelector("[data-next]");
  if (link !== null) fetchNext(link.href);
  form.addEventListener("submit", (event) => {
    if (next === null || event.submitter === null) return;
    event.preventDefault();
    form.dataset.decided = "yes";
    decide(form, event.submitter, next, begin);
  });
}

async function fetchNext(address) {
  const answer = await fetch(address, { headers: { "x-preload": "1" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.getElementById("decision") === null) return;
  next = { address, page };
  for (const picture of page.querySelectorAll(".sheet image, .sheet img")) {
    new Image().src = picture.getAttribute("href") ?? picture.getAttribute("src");
  }
}

async function decide(form, submitter, { address, page }, begin) {
  const body = new URLSearchParams(new FormData(form, submitter));
  const answer = await fetch(submitter.formAction, { method: "POST", headers: { "x-ahead": "1" }, body }).catch(() => null);
  const place = answer?.headers.get("x-place");
  if (answer === null || answer.redirected) {
    // Whether it arrived nobody knows; sent again, it is refused if it did.
    next = null;
    form.requestSubmit(submitter);
  } else if (!place) {
    show(new DOMParser().parseFromString(await answer.text(), "text/html"), begin);
  } else if (isAt(place, address) && page.getElementById("decision").dataset.mark === answer.headers.get("x-mark")) {
    const told = await answer.text();
    history.pushState({ shown: true }, "", place);
    show(page, begin);
    document.getElementById("outcome").outerHTML = told;
    tellOthers();
  } else {
    location.assign(place);
  }
}

// The way back is not kept here: the browser asks for the page again.
window.addEventListener("popstate", () => location.reload());

function isAt(place, address) {
  const [goal, known] = [new URL(place, location.href), new URL(address, location.href)];
  goal.searchParams.delete("decided");
  return goal.pathname === known.pathname && goal.searchParams.toString() === known.searchParams.toString();
}

function show(page, begin) {
  document.title = page.title;
  document.body.className = page.body.className;
  document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
  window.scrollTo(0, 0);
  window.htmx.process(document.querySelector("main"));
  begin();
}

// What was fetched before is opened now: colleagues see it.
function tellOthers() {
  const form = document.getElementById("decision");
  window.htmx.ajax("POST", `${form.dataset.at}/look`, {
    values: { csrf: form.elements.namedItem("csrf").value },
    target: "#lookers",
    swap: "outerHTML",
  });
}
