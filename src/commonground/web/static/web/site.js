// Everything works without this file. It makes pages smoother: it sends a choice when it is made,
// moves focus to a heading that htmx replaced, and reads short announcements out.
"use strict";

document.documentElement.classList.add("script");

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});

// A file larger than its field takes is not sent: the field says so while the right one can still be chosen.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (!field.matches("input[type=file][data-most-bytes]")) return;
  const tooLarge = [...field.files].some((file) => file.size > Number(field.dataset.mostBytes));
  field.setCustomValidity(tooLarge ? field.dataset.tooLarge : "");
  if (tooLarge) field.reportValidity();
});

// A menu made of details closes with Escape and when something else is chosen.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.me-menu[open], details.more[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.me-menu[open], details.more[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// Signing out leaves nothing behind in this browser.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-signs-out]")) return;
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("cg.")) localStorage.removeItem(key);
  }
});

function announce(words) {
  const region = document.getElementById("announce");
  if (!region) return;
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = words; });
}

// After a replacement: an alert takes the focus; else the heading of the part does when what had the focus is gone.
// The part is read out: its own words (data-announce), else its heading.
document.addEventListener("htmx:afterSettle", (event) => {
  const part = event.detail.elt;
  const find = (what) => (part.matches(what) ? part : part.querySelector(what));
  const alert = find("[role=alert]");
  const heading = find("h1,h2,h3");
  const target = alert || (document.activeElement === document.body ? heading : null);
  if (target) {
    if (!target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
    target.focus();
  }
  if (!alert) announce(part.dataset.announce || (heading ? heading.textContent : ""));
});

// An answer that is neither a page nor a notice (404, 500, no connection) is never swallowed.
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => {
    const template = document.getElementById("failed");
    const main = document.getElementById("main");
    if (!template || main.querySelector("[data-failed]")) return;
    const notice = template.content.firstElementChild.cloneNode(true);
    notice.dataset.failed = "";
    notice.setAttribute("tabindex", "-1");
    main.prepend(notice);
    notice.focus();
  });
}
document.addEventListener("htmx:beforeRequest", () => {
  document.querySelectorAll("[data-failed]").forEach((notice) => notice.remove());
});

// The first error summary of a page that came back takes the focus.
const problem = document.querySelector(".notice.stop[role=alert][tabindex]");
if (problem) problem.focus();

// The browser's own print command does the same.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
