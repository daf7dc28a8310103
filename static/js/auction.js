// Time left and the falling price, by the clock of the exchange: the page says what time it was there,
// and from then on only the steady clock of the browser counts, whatever its calendar says.
"use strict";

{
  const SECOND = 1000;
  const NEAR_SECONDS = 60;
  const navigation = performance.getEntriesByType("navigation")[0];
  let since = navigation?.responseStart ?? performance.now();
  let asked = false;

  const serverNow = (part) => Date.parse(part.dataset.now) + performance.now() - since;

  const two = (number) => String(number).padStart(2, "0");
  const words = (part, seconds) => {
    const [days, hours] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24];
    if (days) return part.dataset.days.replace("{d}", days).replace("{h}", hours);
    const clock = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    return hours ? `${hours}:${clock}` : clock;
  };

  // The server is asked once what came after the end; the sweep that closes tells by itself.
  const ask = () => {
    if (asked) return;
    asked = true;
    setTimeout(() => location.reload(), 3 * SECOND);
  };

  const count = (part) => {
    const seconds = Math.max(0, Math.ceil((Date.parse(part.dataset.ends) - serverNow(part)) / SECOND));
    part.textContent = seconds ? words(part, seconds) : part.dataset.over;
    part.classList.toggle("is-near", seconds > 0 && seconds <= NEAR_SECONDS);
    if (!seconds && part.dataset.reload !== undefined) ask();
  };

  const fall = (part) => {
    const { start, step, every, floor, opened, currency, digits } = part.dataset;
    const steps = Math.floor((serverNow(part) - Number(opened)) / (Number(every) * SECOND));
    const minor = Math.max(Number(floor), Number(start) - Number(step) * Math.max(0, steps));
    const format = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency });
    part.textContent = format.format(minor / 10 ** Number(digits));
  };

  const tick = () => {
    for (const part of document.querySelectorAll("[data-ends]")) count(part);
    for (const part of document.querySelectorAll("[data-every]")) fall(part);
  };

  document.addEventListener("live:swapped", () => {
    since = performance.now();
    tick();
  });
  tick();
  setInterval(tick, SECOND / 4);
}
