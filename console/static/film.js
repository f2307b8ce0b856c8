// The screenshots of a run one after the other: a slider, the arrow keys, and the step that made each one.

const film = document.querySelector(".film");
if (film) {
  const frames = [...film.querySelectorAll("li a")];
  const shown = film.querySelector("figure img");
  const caption = film.querySelector("figcaption");
  const slider = film.querySelector("input[type=range]");

  const show = (number) => {
    const frame = frames[number];
    shown.src = frame.href;
    shown.alt = frame.dataset.name;
    caption.textContent = `${number + 1} of ${frames.length}: ${frame.dataset.step}, ${frame.dataset.at}`;
    slider.setAttribute("aria-valuetext", caption.textContent);
    for (const step of document.querySelectorAll(".tstep.at-hand")) step.classList.remove("at-hand");
    document.getElementById(frame.dataset.place)?.classList.add("at-hand");
  };

  film.classList.add("live");
  slider.addEventListener("input", () => show(slider.valueAsNumber));
  for (const [number, frame] of frames.entries()) {
    frame.addEventListener("click", (event) => {
      event.preventDefault();
      slider.value = number;
      show(number);
      slider.focus({ preventScroll: true });
    });
  }
  show(0);
}
