// What the bot calls, once a pass. The elements found stay here (`taken`), to be fetched by their place.

let taken = [];

const FORMATTED = 1000; // ms in which a field that was typed in elsewhere shows its value
const readBack = async (set, values) => {
  const focused = document.activeElement;
  if (set.length && facing(set.at(-1).element) === focused && !focused.isContentEditable) focused.blur();
  await new Promise((resolve) => setTimeout(resolve, 0));
  const formatting = () => set.some(({ element }, index) => standIns.has(element) && element.isConnected && !kept(element, values[index]));
  for (const until = performance.now() + FORMATTED; formatting() && performance.now() < until;) await new Promise((resolve) => setTimeout(resolve, 20));
  return set.map(({ element, outcome }, index) => ({
    ...outcome, kept: !!outcome.done && element.isConnected && kept(element, values[index]), shown: shown(element),
    secret: element.type === "password",
  }));
};
const whole = (request) => {
  taken = [];
  const results = request.tasks.map((task, index) => {
    const { matches, hidden } = find(task.parts, task.want);
    taken[index] = matches.map((one) => one.element);
    const list = matches.slice(0, 20).map((one, index) => told(one, task.want, matches.length > 1 && index < 6 ? task.parts : null));
    if (task.print && matches.length === 1) list[0].print = printed(matches[0].element, task.want);
    return { matches: list, total: matches.length, hidden };
  });
  return { results, errors: problems(request.errors) };
};

globalThis[KEY] = {
  // {tasks: [{parts, want}], errors: [text]} -> {results: [{matches, total, hidden}], errors: [{kind, text}]}
  ask: (request) => {
    filled = new Map(); // what is done next may change them
    return pass(() => whole(request));
  },
  take: (task, match) => taken[task]?.[match] ?? null,

  // The same for one target, and where to click on it; from then on clicks are watched until `landed` is asked.
  aim: (request) => pass(() => aimed(request)),
  // {hit, missed, lost, leaving}: the click reached it; was stopped on the way, perhaps as fields had lost their values;
  // makes the page go elsewhere. `page` asks for the page as it stands then, which spares a round trip.
  async landed(page) {
    await ran();
    const told = stopLooking();
    return told && { ...told, page: page && !told.leaving ? snapshot() : null };
  },

  // Is this to be seen now; what errors does the page show; is it still loading?
  look: (request) => pass(() => {
    const [part] = request.parts;
    const bare = request.parts.length === 1 && (part.kind === "plain" || (part.kind === "text" && !part.exact));
    const seen = bare ? reads(part.value) : find(request.parts, "text").matches.length > 0;
    return { seen, errors: problems(request.errors), loading: document.readyState !== "complete" };
  }),

  // What could be named here: for the message that something was not found.
  inventory: (want) => pass(() => {
    const things = [...new Set(all(document, want === "click" ? CLICKABLE : FIELD))].filter(usable).slice(0, 200);
    const lines = want === "field" ? [] : texts(document).filter((one) => visible(one.parentElement)).map((one) => squash(one.data).slice(0, 60));
    return { names: things.map(nameable), lines: [...new Set(lines)].slice(0, 400) };
  }),

  // Fills the leading fields that are found exactly once, then reads all of them back. With `then`, aims at what is
  // to be clicked next, if all of them were kept.
  async fill(request) {
    const answer = pass(() => whole(request));
    const count = answer.results.findIndex((one) => one.total !== 1);
    const leading = taken.slice(0, count < 0 ? taken.length : count).map(([element]) => element);
    seeOff();
    const set = leading.map((element, index) => ({ element, before: shown(element), outcome: put(element, request.values[index]) }));
    const fields = await readBack(set, request.values);
    const leaving = isLeaving();
    set.forEach(({ element, before }, index) => noteFilled(element, request.labels[index], request.values[index], before));
    const done = fields.length === request.tasks.length && fields.every((one) => one.kept) && !leaving;
    const next = done && request.then ? pass(() => aimed(request.then)) : null;
    return { ...answer, fields, leaving, next, page: done && request.page ? snapshot() : null };
  },
  // The same for fields found before, by their tasks.
  fillTaken({ tasks, values }) {
    const set = tasks.map((task, index) => ({ element: taken[task][0], outcome: put(taken[task][0], values[index]) }));
    return readBack(set, values);
  },

  select: (element, wanted) => {
    if (!element.isConnected) return { problem: "gone" };
    if (closed(element)) return { problem: closed(element) };
    return element.tagName === "SELECT" ? selectIn(element, wanted) : { problem: "no list" };
  },
  shows: (element, value) => pass(() => [shown(element), kept(element, value)]),
  // {want, wide, parts, fetch} -> the fingerprints of all that could be meant; then what to write for the one at a place.
  prints: (request) => pass(() => prints(request)),
  words: (request) => pass(() => wordsFor(request)),
  // {old, fresh, want} -> how many each finds, whether that is the same one, else what the fresh one is called.
  compare: (request) => pass(() => compared(request)),
  inspect: () => pass(inspected),
  snapshot: () => snapshot(),
  // From now on real keys reach this field or nobody, until `keysDone` tells whether any was stopped.
  keysFor: (element) => pass(() => keysFor(element)),
  keysDone: () => keysDone(),
  slider: (element) => sliderOf(element),
  typing: (field) => pass(() => noteOffered(field)),
  suggest: (field, choice) => pass(() => suggest(field, choice)),
  suggested: () => suggestion,
  completed: (field, choice) => pass(() => completed(field, choice)),
  tables: (parts) => pass(() => tablesFor(parts).map(records)),
};
