// The passkey ceremony: asks the server for a challenge, the browser for its answer, and sends that in the form.
const AUTOFILL = "[data-passkey-autofill]";
let waiting = new AbortController();

async function begin(button) {
  const answer = await fetch(button.dataset.beginUrl, {
    method: "POST",
    headers: { "content-type": "application/json", "x-csrf-token": button.dataset.csrf },
    body: "{}",
  });
  if (!answer.ok) throw new Error(await refusal(answer));
  return answer.json();
}

async function refusal(answer) {
  const told = await answer.json().catch(() => ({}));
  return told.message ?? "The server did not start this. Load the page again and try once more.";
}

async function answerOf(act, publicKey, extra) {
  if (act === "register") {
    const options = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey);
    return navigator.credentials.create({ publicKey: options, ...extra });
  }
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(publicKey);
  return navigator.credentials.get({ publicKey: options, ...extra });
}

async function run(button, extra) {
  const started = await begin(button);
  if (extra.signal.aborted) return;
  const credential = await answerOf(button.dataset.passkey, started.publicKey, extra);
  const { form } = button;
  form.elements.ceremony.value = started.ceremony;
  form.elements.credential.value = JSON.stringify(credential.toJSON());
  form.submit();
}

function inWords(error, act) {
  switch (error.name) {
    case "NotAllowedError": return "Nothing was confirmed: it was cancelled, or it took too long. Try again when you are ready.";
    case "TimeoutError": return "It took too long. Try again when you are ready.";
    case "InvalidStateError": return act === "register"
      ? "This device already holds a passkey for your account. Sign in with it."
      : "This passkey is not registered here. Use another one.";
    case "NotSupportedError": return "This device cannot make a passkey that fits. Use another device or a security key.";
    case "SecurityError": return "Passkeys of this site do not work at this address. Open the site at its own address.";
    case "Error": return error.message;
    default: return "The passkey could not be used. Load the page again and try once more.";
  }
}

function say(button, text) {
  const place = button.form.querySelector("[data-passkey-error]");
  if (place) place.textContent = text;
}

async function pressed(button) {
  waiting.abort();
  say(button, "");
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    say(button, "This browser does not support passkeys. Use a current Chrome, Edge, Firefox or Safari.");
    return;
  }
  button.disabled = true;
  waiting = new AbortController();
  try {
    await run(button, { signal: waiting.signal });
  } catch (error) {
    say(button, inWords(error, button.dataset.passkey));
  } finally {
    button.disabled = false;
  }
}

async function offerAutofill(form) {
  const button = form.querySelector('[data-passkey="sign-in"]');
  const able = await window.PublicKeyCredential?.isConditionalMediationAvailable?.();
  if (!able || !button || waiting.signal.aborted) return;
  const { signal } = waiting;
  try {
    await run(button, { mediation: "conditional", signal });
  } catch (error) {
    if (!signal.aborted && error.name !== "NotAllowedError") say(button, inWords(error, "sign-in"));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-passkey]");
  if (button) pressed(button);
});
document.querySelectorAll(AUTOFILL).forEach(offerAutofill);
