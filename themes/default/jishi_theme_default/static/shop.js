// What is nicer with JavaScript. Every page works without it.
"use strict";
const root = document.documentElement;
root.classList.add("js");
const $ = (selector, from = document) => from.querySelector(selector);

async function page(address, options) {
  const answer = await fetch(address, { credentials: "same-origin", ...options });
  if (answer.redirected) { location.assign(answer.url); return null; }
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function take(found, selector) {
  const here = $(selector), there = found && $(selector, found);
  if (here && there) here.replaceWith(document.adoptNode(there));
  return Boolean(here && there);
}

// Fewer and more pieces.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (!button) return;
  const input = $("input", button.parentElement);
  const wanted = (parseInt(input.value, 10) || 1) + Number(button.dataset.step);
  input.value = Math.min(Number(input.max) || 9999, Math.max(1, wanted));
});

// Another choice of a product without leaving the page.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const label = link.textContent;
  try {
    if (!take(await page(link.href), link.dataset.swap)) throw new Error("other page");
  } catch { location.assign(link.href); return; }
  history.replaceState(null, "", link.href.split("#")[0]);
  const again = [...document.querySelectorAll("a[data-swap]")].find((one) => one.textContent === label);
  if (again) again.focus({ preventScroll: true });
});

// Another address or delivery: the price follows.
document.addEventListener("change", async (event) => {
  const form = event.target.closest("form[data-reckon]");
  if (!form || !event.target.matches("[data-reprice]")) return;
  const body = new URLSearchParams(new FormData(form));
  body.set("do", "price");
  try {
    take(await page(form.action, { method: "POST", body }), form.dataset.reckon);
  } catch { /* the button beside it does the same */ }
});

// The page that waits for a payment.
const waiting = $("[data-poll]");
if (waiting) {
  let pause = 2000;
  const look = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(waiting.dataset.poll, { credentials: "same-origin" });
        if ((await answer.json()).status !== waiting.dataset.status) { location.reload(); return; }
      } catch { /* the next look may do */ }
      pause = Math.min(pause * 1.15, 10000);
    }
    setTimeout(look, pause);
  };
  setTimeout(look, pause);
}

// How much time is left.
const clock = $("[data-seconds]");
if (clock) {
  const end = Date.now() + Number(clock.dataset.seconds) * 1000;
  const tick = () => {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left) setTimeout(tick, 1000); else location.reload();
  };
  if (Number(clock.dataset.seconds) > 0) tick();
}
