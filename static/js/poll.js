// [data-poll="2"] with hx-trigger="poll" asks again every 2 seconds: slower in a hidden tab and
// after errors, at once when the tab is seen again or the network is back. It ends when the answer
// has no data-poll, or when the server says that there is nothing to see any more.
(() => {
  const HIDDEN_FACTOR = 10;
  const SLOWEST = 60;
  const PATIENCE = 15_000; // milliseconds that one answer may take
  const NEVER_AGAIN = new Set([403, 404, 410]);
  const timers = new Map();
  const failures = new WeakMap();

  const seconds = (part) => {
    const asked = Number(part.dataset.poll) || 2;
    const backOff = 2 ** (failures.get(part) || 0);
    return Math.min(asked * backOff * (document.hidden ? HIDDEN_FACTOR : 1), SLOWEST);
  };

  const forget = (part) => {
    window.clearTimeout(timers.get(part));
    timers.delete(part);
  };

  const ask = (part) => {
    forget(part);
    if (part.isConnected && part.matches("[data-poll]")) window.htmx.trigger(part, "poll");
  };

  const plan = (part) => {
    forget(part);
    timers.set(part, window.setTimeout(ask, seconds(part) * 1000, part));
  };

  const planAll = () => {
    for (const part of [...timers.keys()]) {
      if (!part.isConnected || !part.matches("[data-poll]")) forget(part);
    }
    for (const part of document.querySelectorAll("[data-poll]")) {
      if (!timers.has(part) && !part.matches(".htmx-request")) plan(part);
    }
  };

  // The quiet note over the page; "" takes it away. One failure is not worth a word.
  const note = (id) => {
    const box = document.getElementById("live-note");
    if (!box || box.dataset.says === id) return;
    box.dataset.says = id;
    box.replaceChildren(...(id ? [document.getElementById(id).content.cloneNode(true)] : []));
  };

  const isPoll = (event) => event.detail.elt.matches?.("[data-poll]") && event.detail.requestConfig?.elt === event.detail.elt;

  document.addEventListener("DOMContentLoaded", planAll);
  document.addEventListener("htmx:load", planAll);
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.elt.matches("[data-poll]") || event.detail.triggeringEvent?.type !== "poll") return;
    event.detail.timeout = PATIENCE;
    event.detail.headers["X-Poll"] = "1"; // it must not keep a session alive
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const part = event.detail.elt;
    if (event.detail.successful) {
      failures.delete(part);
      if (document.getElementById("live-note")?.dataset.says === "live-delayed") note("");
    }
    if (!isPoll(event) || !part.isConnected) return;
    if (NEVER_AGAIN.has(event.detail.xhr.status)) {
      part.removeAttribute("data-poll");
      forget(part);
      note("live-gone");
      return;
    }
    if (!event.detail.successful) {
      failures.set(part, (failures.get(part) || 0) + 1);
      if (failures.get(part) > 1) note("live-delayed");
    }
    plan(part);
  });

  const askAll = () => [...timers.keys()].forEach(ask);
  window.addEventListener("online", askAll);
  document.addEventListener("visibilitychange", () => (document.hidden ? [...timers.keys()].forEach(plan) : askAll()));
})();
