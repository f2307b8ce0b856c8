// What a picture of this document would show as text. Secrets are looked for outside the page: it is never told them.
((wanted) => {
  const roots = [document];
  for (let at = 0; at < roots.length; at += 1)
    for (const element of roots[at].querySelectorAll("*")) if (element.shadowRoot) roots.push(element.shadowRoot);

  function typed(element) {
    if (element.tagName === "SELECT") return [...element.selectedOptions].map((one) => one.text).join(" ");
    if (!/^(INPUT|TEXTAREA)$/.test(element.tagName) || element.type === "password") return "";
    return element.value || element.placeholder || "";
  }

  if (wanted === "all") {
    const texts = roots.map((root) => (root === document ? document.documentElement : root).textContent);
    for (const root of roots) for (const one of root.querySelectorAll("input,textarea,select")) texts.push(typed(one));
    return texts.join("\n");
  }
  const LONG = 300; // a longer text is asked for in its parts only
  const texts = new Map();
  const add = (element, text, always) => {
    const whole = (texts.get(element) ?? "") + text;
    if (always || whole.length <= LONG) texts.set(element, whole);
  };
  for (const root of roots) {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const inside = walk.currentNode.parentElement;
      if (!inside || !inside.getClientRects().length || !walk.currentNode.data.trim()) continue;
      add(inside, walk.currentNode.data, true);
      for (let above = inside.parentElement; above; above = above.parentElement) add(above, walk.currentNode.data, false);
    }
    for (const one of root.querySelectorAll("input,textarea,select")) texts.set(one, typed(one));
  }
  const shown = [...texts.keys()].filter((element) => texts.get(element) && element.getClientRects().length);
  const places = new Map(shown.map((element, place) => [element, place]));
  return shown.map((element) => {
    const box = element.getBoundingClientRect();
    let above = element.parentElement;
    while (above && !places.has(above)) above = above.parentElement;
    return [texts.get(element), [box.x, box.y, box.width, box.height], above ? places.get(above) : -1];
  });
})
