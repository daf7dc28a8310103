// Forms with data-autosave save themselves a moment after a change. Without this file the buttons do.
"use strict";

const AUTOSAVE_MILLISECONDS = 800;

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const words = document.querySelector("[data-saved]");
  let waiting = null;
  let last = 0;
  const save = async () => {
    const mine = (last += 1);
    let said;
    try {
      const answer = await fetch(form.getAttribute("action") || location.href, {
        method: "POST",
        body: new FormData(form),
        credentials: "same-origin",
        headers: { "X-Autosave": "1" },
      });
      const told = await answer.json();
      said = told.saved || Object.values(told.errors || {})[0] || told.detail;
    } catch {
      said = form.dataset.unsaved;
    }
    if (mine === last && words && said) words.textContent = said;
  };
  form.addEventListener("change", () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, AUTOSAVE_MILLISECONDS);
  });
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    last += 1;
  });
}
