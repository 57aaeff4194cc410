// [data-poll="2"] with hx-trigger="poll" asks again every 2 seconds: slower in a hidden tab and
// after errors, at once when the tab is seen again. It ends when the answer has no data-poll.
(() => {
  const HIDDEN_FACTOR = 10;
  const SLOWEST = 60;
  const timers = new Map();
  const failures = new WeakMap();

  const seconds = (part) => {
    const asked = Number(part.dataset.poll) || 2;
    const backOff = 2 ** (failures.get(part) || 0);
    return Math.min(asked * backOff * (document.hidden ? HIDDEN_FACTOR : 1), SLOWEST);
  };

  const ask = (part) => {
    timers.delete(part);
    if (part.isConnected) window.htmx.trigger(part, "poll");
  };

  const plan = (part) => {
    window.clearTimeout(timers.get(part));
    timers.set(part, window.setTimeout(ask, seconds(part) * 1000, part));
  };

  const planAll = () => {
    for (const [part, timer] of timers) {
      if (part.isConnected) continue;
      window.clearTimeout(timer);
      timers.delete(part);
    }
    for (const part of document.querySelectorAll("[data-poll]")) {
      if (!timers.has(part)) plan(part);
    }
  };

  document.addEventListener("DOMContentLoaded", planAll);
  document.addEventListener("htmx:load", planAll);
  document.addEventListener("htmx:afterRequest", (event) => {
    const part = event.detail.elt;
    if (!part.matches?.("[data-poll]") || !part.isConnected) return;
    failures.set(part, event.detail.successful ? 0 : (failures.get(part) || 0) + 1);
    plan(part);
  });
  document.addEventListener("visibilitychange", () => {
    for (const part of [...timers.keys()]) {
      if (!part.isConnected) continue;
      if (document.hidden) plan(part);
      else {
        window.clearTimeout(timers.get(part));
        ask(part);
      }
    }
  });
})();
