// Uploads in pieces that go on after a cut line (tus 1.0), and the progress of what is being read.
// Without this file the forms send the whole file at once, and pages are looked at again by hand.
"use strict";

const PIECE_BYTES = 8 * 1024 * 1024;
const RETRIES_MAX = 5;
const WATCH_MILLISECONDS = 1000;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Where an unfinished upload of the same file is remembered.
const placeOf = (file) => `upload:${file.name}:${file.size}:${file.lastModified}`;
const remember = (file, address) => {
  try {
    if (address) localStorage.setItem(placeOf(file), address);
    else localStorage.removeItem(placeOf(file));
  } catch {
    // Then a cut upload begins anew.
  }
};
const remembered = (file) => {
  try {
    return localStorage.getItem(placeOf(file));
  } catch {
    return null;
  }
};

class Refused extends Error {}

const ask = async (address, options, token) => {
  const answer = await fetch(address, {
    credentials: "same-origin",
    ...options,
    headers: { "X-CSRFToken": token, "Tus-Resumable": "1.0.0", ...options.headers },
  });
  if (answer.ok || answer.status === 409 || answer.status >= 500) return answer;
  const problem = await answer.json().catch(() => ({}));
  throw new Refused(problem.detail || answer.statusText);
};

const inBase64 = (text) =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)));

const begin = async (form, file, token) => {
  const known = remembered(file);
  if (known) {
    try {
      const answer = await ask(known, { method: "HEAD" }, token);
      if (answer.ok) return { address: known, offset: Number(answer.headers.get("Upload-Offset")) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
    remember(file, null);
  }
  const headers = {
    "Upload-Length": String(file.size),
    "Upload-Metadata": `filename ${inBase64(file.name)}`,
  };
  const answer = await ask(form.dataset.upload, { method: "POST", headers }, token);
  if (!answer.ok) throw new Error(answer.statusText);
  const address = new URL(answer.headers.get("Location"), location.href).pathname;
  remember(file, address);
  return { address, offset: 0 };
};

// Sends the pieces in turn and returns the id of the stored file, and whether it was known.
const send = async (form, file, token, show) => {
  let { address, offset } = await begin(form, file, token);
  let failures = 0;
  for (;;) {
    show(offset / file.size);
    let answer = null;
    try {
      answer = await ask(address, {
        method: "PATCH",
        body: file.slice(offset, offset + PIECE_BYTES),
        headers: {
          "Content-Type": "application/offset+octet-stream",
          "Upload-Offset": String(offset),
        },
      }, token);
      if (answer.status >= 500) throw new Error(answer.statusText);
      failures = 0;
    } catch (error) {
      if (error instanceof Refused) {
        remember(file, null);
        throw error;
      }
      failures += 1;
      if (failures > RETRIES_MAX) throw error;
      await pause(500 * 2 ** failures);
      const state = await ask(address, { method: "HEAD" }, token).catch(() => null);
      if (state?.ok) offset = Number(state.headers.get("Upload-Offset"));
      continue;
    }
    if (answer.status === 409) {
      offset = (await answer.json()).offset;
      continue;
    }
    const stored = answer.headers.get("Assay-File");
    if (stored) {
      remember(file, null);
      show(1);
      return { stored, isKnown: answer.headers.get("Assay-File-Known") === "true" };
    }
    offset = Number(answer.headers.get("Upload-Offset"));
  }
};

// The form itself is sent once more, with the stored file in the place of its bytes.
const attach = (form, stored) => {
  const chosen = form.querySelector("[type=file]");
  chosen.disabled = true;
  const field = Object.assign(document.createElement("input"), {
    type: "hidden",
    name: chosen.name,
    value: stored,
  });
  form.append(field);
  form.submit();
};

const upload = async (form, file) => {
  const box = form.querySelector("[data-upload-bar]");
  const [bar, words] = [box.querySelector("progress"), box.querySelector("[role=status]")];
  const button = form.querySelector("button[type=submit]");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  box.hidden = false;
  button.disabled = true;
  try {
    const { stored, isKnown } = await send(form, file, token, (share) => {
      bar.value = Math.round(share * 100);
      words.textContent = `${form.dataset.progress}: ${bar.value} %`;
    });
    if (form.dataset.attach !== undefined) return attach(form, stored);
    const done = form.dataset.done.replace("FILE", stored);
    location.assign(isKnown ? `${done}?known=1` : done);
  } catch (error) {
    words.textContent = error instanceof Refused ? error.message : form.dataset.stopped;
    button.disabled = false;
    delete form.dataset.sent;
  }
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  const file = form.dataset.upload && form.querySelector("input[type=file]").files[0];
  if (!file || !file.size) return; // the form goes its own way
  event.preventDefault();
  upload(form, file);
});

const watch = async (box) => {
  for (;;) {
    await pause(WATCH_MILLISECONDS);
    const answer = await fetch(box.dataset.watch, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) continue;
    const state = await answer.json();
    box.querySelector("progress").value = state.bytes_read;
    box.querySelector("[data-watch-rows]").textContent =
      state.rows_read.toLocaleString(document.documentElement.lang);
    if (state.state === "ready" || state.state === "refused") return location.reload();
  }
};

for (const box of document.querySelectorAll("[data-watch]")) watch(box);
