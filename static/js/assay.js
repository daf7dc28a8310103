// Conveniences only: every page works without this file.
"use strict";

const announce = (text) => {
  const region = document.getElementById("announcements");
  if (region) region.textContent = text;
};

const wireCopying = (root) => {
  for (const button of root.querySelectorAll("button[data-copy]")) {
    button.hidden = !navigator.clipboard;
  }
};

const copy = async (button) => {
  await navigator.clipboard.writeText(button.dataset.copy);
  announce(button.dataset.copied);
  button.classList.add("text-success");
  setTimeout(() => button.classList.remove("text-success"), 1500);
};

// On a phone rows stand as blocks (styles/assay.css): each cell has its column's name, and the roles that a
// table loses when it is not laid out as one.
const labelTables = (root) => {
  for (const table of root.querySelectorAll("table.cards")) {
    const names = [...table.tHead.rows[0].cells].flatMap((cell) =>
      Array(cell.colSpan).fill(cell.textContent.trim()),
    );
    table.setAttribute("role", "table");
    for (const part of [table.tHead, ...table.tBodies]) part.setAttribute("role", "rowgroup");
    for (const row of table.rows) {
      row.setAttribute("role", "row");
      let column = 0;
      for (const cell of row.cells) {
        const role = { col: "columnheader", row: "rowheader" }[cell.scope] ?? "cell";
        cell.setAttribute("role", role);
        if (role === "cell" && names[column]) cell.dataset.label = names[column];
        if (!cell.textContent.trim() && !cell.children.length) cell.classList.add("is-blank");
        column += cell.colSpan;
      }
    }
    table.classList.add("is-labelled");
  }
};

const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "assay-dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};

const switchTheme = () => {
  const theme = isDark() ? "assay" : "assay-dark";
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // The choice then lasts for this page.
  }
};

// Browsers without invoker commands open and close dialogs here.
const invoke = (button) => {
  const dialog = document.getElementById(button.getAttribute("commandfor"));
  if (button.getAttribute("command") === "show-modal") dialog?.showModal();
  if (button.getAttribute("command") === "close") dialog?.close();
};
const commandsAreNative = "commandForElement" in HTMLButtonElement.prototype;

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.copy !== undefined) copy(button);
  if (button.dataset.theme === "switch") switchTheme();
  if (!commandsAreNative && button.hasAttribute("commandfor")) invoke(button);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A second press of the same button must not send the form twice.
document.addEventListener("submit", (event) => {
  if (event.target.method === "dialog") return;
  if (event.target.dataset.sent) event.preventDefault();
  else event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// Fields that stand for some choices of another field only are shown once one of them is made.
const showChosen = (form) => {
  for (const part of form.querySelectorAll("[data-when]")) {
    const [name, choices] = part.dataset.when.split("=");
    const chooser = form.elements[name];
    const chosen = !chooser || chooser.disabled ? "" : chooser.value;
    part.hidden = choices === "*" ? !chosen.trim() : !choices.split(" ").includes(chosen);
    for (const field of part.querySelectorAll("input, select, textarea")) field.disabled = part.hidden;
    for (const words of part.querySelectorAll("[data-when-words]")) words.hidden = true;
  }
};
const wireChoices = () => [...document.forms].forEach(showChosen);
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => event.target.form && showChosen(event.target.form));
}
window.addEventListener("pageshow", wireChoices);

for (const button of document.querySelectorAll("button[data-theme='switch']")) button.hidden = false;
wireCopying(document);
labelTables(document);
wireChoices();
document.addEventListener("htmx:after:swap", (event) => {
  wireCopying(event.target);
  labelTables(event.target);
  wireChoices();
});
