// After htmx has put in new parts: focus, open details and scroll stay where they were, and what
// changed is read out ([data-announce]). [data-focus] takes the focus when it appears.
(() => {
  let before = null;
  const said = new Map();

  const key = (part) => part.closest("[id]")?.id || "page";

  const announce = (aloud) => {
    const fresh = [];
    for (const part of document.querySelectorAll("[data-announce]")) {
      const words = part.textContent.trim();
      if (words && said.get(key(part)) !== words) fresh.push(words);
      said.set(key(part), words);
    }
    const announcer = document.getElementById("announcer");
    if (aloud && announcer && fresh.length) announcer.textContent = fresh.join(" ");
  };

  const takeFocus = (root) => {
    const part = root.matches?.("[data-focus]") ? root : root.querySelector?.("[data-focus]");
    part?.focus();
    return Boolean(part);
  };

  document.addEventListener("DOMContentLoaded", () => {
    announce(false);
    takeFocus(document);
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const target = event.detail.target;
    const active = document.activeElement;
    before = {
      focus: target.contains(active) ? active.id : null,
      hadFocus: target.contains(active),
      target: target.id,
      open: [...target.querySelectorAll("details[id]")].map((one) => [one.id, one.open]),
      scroll: [...target.querySelectorAll("[data-keep-scroll][id]")].map((one) => [one.id, one.scrollTop, one.scrollLeft]),
    };
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    announce(true);
    const taken = takeFocus(event.detail.elt);
    if (!before) return;
    const { focus, hadFocus, target, open, scroll } = before;
    before = null;
    for (const [id, wasOpen] of open) {
      const part = document.getElementById(id);
      if (part) part.open = wasOpen;
    }
    for (const [id, top, left] of scroll) document.getElementById(id)?.scrollTo(left, top);
    if (taken || !hadFocus || document.activeElement !== document.body) return;
    const next = document.getElementById(focus) || document.getElementById(target);
    if (!next) return;
    if (next.tabIndex < 0 && !next.hasAttribute("tabindex")) next.setAttribute("tabindex", "-1");
    next.focus({ preventScroll: true });
  });
})();
