// Attendance by thumb, with or without a connection. Each tap goes into a queue in this browser, and from there to the
// site, as often as needed: a mark sent twice is one mark. The queue holds ids and moments, never a name, and belongs
// to the person who is signed in; another person's is thrown away, and signing out empties it (site.js).
"use strict";

(() => {
  const notice = document.getElementById("queue");
  if (!notice) return;
  const { url, day, person } = notice.dataset;
  const form = document.getElementById("marks");
  const mine = `cg.attendance.${person}.`;
  const key = mine + url;
  const words = notice.querySelector("[data-words]");
  const why = notice.querySelector("[data-why]");
  const RETRY_MILLISECONDS = 10000;
  let sending = false;
  let refused = 0;

  for (const other of Object.keys(localStorage)) {
    if (other.startsWith("cg.attendance.") && !other.startsWith(mine)) localStorage.removeItem(other);
  }

  const read = () => JSON.parse(localStorage.getItem(key) || "[]");
  const write = (queue) => {
    if (queue.length) localStorage.setItem(key, JSON.stringify(queue));
    else localStorage.removeItem(key);
  };
  const drop = (id) => write(read().filter((tap) => tap.id !== id));

  function show(reason) {
    const queue = read();
    notice.hidden = !queue.length && !refused;
    words.textContent = queue.length === 1 ? words.dataset.one : queue.length ? words.dataset.many.replace("#", queue.length) : "";
    why.textContent = refused ? why.dataset.refused : why.dataset[reason || "offline"];
    for (const fieldset of form.querySelectorAll("fieldset")) {
      const tap = queue.findLast((one) => one.registration === fieldset.dataset.registration && one.day === day);
      fieldset.classList.toggle("is-waiting", Boolean(tap));
      if (tap) {
        const input = fieldset.querySelector(`input[value="${tap.mark}"]`);
        if (input) input.checked = true;
      }
    }
  }

  // True: taken, or will never be. False: try again later.
  async function send(tap) {
    const body = new URLSearchParams(tap);
    const answer = await fetch(url, {
      method: "POST",
      body,
      redirect: "manual",
      headers: { "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value },
    });
    if (answer.ok) return true;
    if (answer.type === "opaqueredirect" || answer.status === 403) { show("signedOut"); return false; }
    if (answer.status >= 500 || answer.status === 408 || answer.status === 429) { show("offline"); return false; }
    refused += 1;
    return true;
  }

  async function flush() {
    if (sending) return;
    sending = true;
    try {
      for (let tap = read()[0]; tap; tap = read()[0]) {
        if (!(await send(tap))) return;
        drop(tap.id);
        show();
      }
    } catch {
      show("offline");
    } finally {
      sending = false;
    }
  }

  const newId = () => (crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`);

  form.addEventListener("change", (event) => {
    const registration = event.target.closest("fieldset").dataset.registration;
    const queue = read().filter((tap) => tap.registration !== registration || tap.day !== day);
    queue.push({ id: newId(), registration, day, mark: event.target.value, at: new Date().toISOString() });
    write(queue);
    show();
    flush();
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); flush(); });
  window.addEventListener("online", flush);
  setInterval(flush, RETRY_MILLISECONDS);
  show();
  flush();
})();
