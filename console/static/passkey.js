// Makes or uses a passkey with the options of a form, puts the browser's answer into it and sends it.

for (const form of document.querySelectorAll("form[data-passkey]")) {
  // Without this script the form would be sent without an answer, so it cannot be sent before.
  form.querySelector("button").disabled = false;
  form.addEventListener("submit", async (event) => {
    const answer = form.elements.passkey;
    if (answer.value) return;
    event.preventDefault();
    const told = form.querySelector("[data-told]");
    if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
      told.textContent = "This browser knows no passkeys, or the console is not reached over https.";
      return;
    }
    const given = JSON.parse(form.dataset.options);
    try {
      const made = form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(given) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(given) });
      answer.value = JSON.stringify(made.toJSON());
      form.requestSubmit();
    } catch (error) {
      told.textContent = error.name === "InvalidStateError"
        ? "This device has a passkey for you already."
        : "No passkey was used. Try again, or choose another way.";
    }
  });
}
