// A page that shows something in motion follows it. Without this file a reload does the same.
"use strict";

{
  const root = document.querySelector("[data-live-url]");
  const POLL_MILLISECONDS = 15000;
  const SPREAD_MILLISECONDS = 1500;
  let version = Number(root?.dataset.liveVersion);
  let known = version;
  let fetching = false;

  // What somebody is typing into, or has opened, is left as it is.
  const isInUse = (part) =>
    part.querySelector("dialog[open]") !== null ||
    part.querySelector("input:focus, textarea:focus, select:focus") !== null ||
    [...part.querySelectorAll("textarea, input[type=text]")].some(
      (field) => field.value !== field.defaultValue,
    );

  const swap = (page) => {
    labelTables(page); // as those that are shown
    let isWhole = true;
    for (const fresh of page.querySelectorAll("[data-live-part]")) {
      const shown = document.getElementById(fresh.id);
      if (!shown || shown.isEqualNode(fresh)) continue;
      // A form that is good for as long as its page is in one state.
      const { liveState } = fresh.dataset;
      if (liveState !== undefined && liveState === shown.dataset.liveState) continue;
      if (isInUse(shown)) isWhole = false;
      else shown.replaceWith(document.importNode(fresh, true));
    }
    const note = document.getElementById("live-note");
    if (note) note.hidden = isWhole;
  };

  const refresh = async (newest) => {
    known = Math.max(known, newest);
    if (known <= version || fetching) return;
    fetching = true;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const told = page.querySelector("[data-live-url]")?.dataset;
      swap(page);
      version = Math.max(version, Number(told?.liveVersion) || newest);
      const region = document.getElementById("announcements");
      if (region) region.textContent = told?.liveChanged ?? root.dataset.liveChanged;
      document.dispatchEvent(new Event("live:swapped"));
    } finally {
      fetching = false;
    }
    // What changed while this was fetched.
    await refresh(known);
  };

  const poll = async () => {
    const answer = await fetch(root.dataset.liveCheck, { credentials: "same-origin" });
    if (answer.ok) await refresh(Number(await answer.text()));
  };

  // Facts that came with the news stand at once; the whole page follows within a moment that differs
  // from reader to reader, so that a thousand of them do not ask in the same one.
  const show = ({ price_minor: minor, currency, digits }) => {
    const format = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency });
    for (const part of document.querySelectorAll("[data-live-price]")) {
      part.textContent = format.format(minor / 10 ** digits);
    }
  };

  const hear = (event) => {
    const [newest, facts] = event.data.split("\n");
    if (!facts) {
      refresh(Number(newest));
      return;
    }
    show(JSON.parse(facts));
    setTimeout(() => refresh(Number(newest)), Math.random() * SPREAD_MILLISECONDS);
  };

  const follow = () => {
    const stream = new EventSource(`${root.dataset.liveUrl}?version=${version}`);
    stream.addEventListener("changed", hear);
    stream.addEventListener("error", () => {
      // While it is merely interrupted the browser connects again by itself.
      if (stream.readyState === EventSource.CLOSED) setInterval(poll, POLL_MILLISECONDS);
    });
  };

  if (root) {
    if ("EventSource" in window) follow();
    else setInterval(poll, POLL_MILLISECONDS);
  }
}
