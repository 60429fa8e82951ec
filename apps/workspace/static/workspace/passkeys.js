// Passkeys: the browser asks the device, and this page carries the answer into a form of its own.
// Without this file the buttons stay hidden and the code is typed.

const PROOF = ["csrfmiddlewaretoken", "password", "code", "spare", "passkey"];
const STEPS = { prove, make };

const isAble =
  window.isSecureContext &&
  typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON === "function" &&
  typeof window.PublicKeyCredential.prototype.toJSON === "function";

for (const place of document.querySelectorAll("[data-passkey]")) prepare(place);

function prepare(place) {
  const button = place.querySelector("button");
  if (!isAble || place.dataset.origin !== window.location.origin) {
    say(place, place.dataset.unable);
    return;
  }
  say(place, "");
  button.hidden = false;
  button.addEventListener("click", () => carry(place, button));
}

async function carry(place, button) {
  const form = button.form;
  if (!form.reportValidity()) return;
  button.disabled = true;
  say(place, place.dataset.waiting);
  try {
    const credential = await STEPS[place.dataset.passkey](place, form);
    form.elements.namedItem("passkey").value = JSON.stringify(credential.toJSON());
    form.submit();
  } catch (error) {
    say(place, error instanceof Refused ? error.message : place.dataset.stopped);
    button.disabled = false;
  }
}

class Refused extends Error {}

async function prove(place, form) {
  const path = new URL(form.action).pathname;
  const asked = new FormData(form);
  const token = asked.get("csrfmiddlewaretoken");
  for (const name of PROOF) asked.delete(name);
  const answer = await fetch(`${place.dataset.challenge}?for=${encodeURIComponent(path)}`, {
    method: "POST",
    body: asked,
    headers: { "X-CSRFToken": token },
    redirect: "error",
  });
  const content = await answer.json();
  if (!answer.ok) throw new Refused(content.detail);
  const publicKey = window.PublicKeyCredential.parseRequestOptionsFromJSON(content);
  return navigator.credentials.get({ publicKey });
}

async function make(place) {
  const options = JSON.parse(place.dataset.options);
  const publicKey = window.PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return navigator.credentials.create({ publicKey });
}

function say(place, words) {
  place.querySelector("[role=status]").textContent = words;
}
