// The answer to a poll is laid over the part that asked: only what differs is changed, so focus,
// selection, scroll, open menus and what is typed stay, because their elements do.
(() => {
  // Set by a person or by our scripts; the server knows nothing of them.
  const OWN = new Set(["open", "tabindex"]);

  const key = (node) => {
    if (node.nodeType !== Node.ELEMENT_NODE) return `#${node.nodeType}`;
    return node.id ? `#${node.id}` : `${node.nodeName}.${(node.getAttribute("class") || "").split(" ")[0]}`;
  };

  const layAttributes = (old, fresh) => {
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !OWN.has(name)) old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value && !OWN.has(name)) old.setAttribute(name, value);
    }
  };

  // The old node that the fresh one continues. One further on counts only if nothing that is
  // still wanted stands before it.
  const continued = (here, fresh, wantedLater) => {
    const wanted = key(fresh);
    if (here && key(here) === wanted) return here;
    if (fresh.nodeType !== Node.ELEMENT_NODE) return null;
    for (let node = here; node; node = node.nextSibling) {
      if (key(node) === wanted) return node;
      if (node.nodeType === Node.ELEMENT_NODE && wantedLater.has(key(node))) return null;
    }
    return null;
  };

  const layChildren = (old, fresh) => {
    const wanted = [...fresh.childNodes];
    let here = old.firstChild;
    wanted.forEach((node, index) => {
      const later = new Set(wanted.slice(index + 1).map(key));
      const same = continued(here, node, later);
      if (!same) {
        old.insertBefore(node, here);
        return;
      }
      drop(here, same);
      here = same.nextSibling;
      lay(same, node);
    });
    drop(here, null);
  };

  const drop = (from, to) => {
    for (let node = from; node && node !== to;) {
      const next = node.nextSibling;
      node.remove();
      node = next;
    }
  };

  const lay = (old, fresh) => {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.data = fresh.data;
      return;
    }
    // It says "Copied" for two seconds, and another time if its words are others.
    if (old.matches("[data-copy]") && old.getAttribute("aria-label") === fresh.getAttribute("aria-label")) return;
    if (old.matches("select, textarea")) {
      old.replaceWith(fresh);
      return;
    }
    layAttributes(old, fresh);
    layChildren(old, fresh);
  };

  window.htmx.defineExtension("patch", {
    handleSwap: (style, target, fragment) => {
      if (style !== "patch") return false;
      const changed = [];
      // The part itself, and what else of its page it keeps up to date.
      for (const id of [...(target.dataset.with || "").split(" "), target.id]) {
        const old = document.getElementById(id);
        const fresh = id && fragment.querySelector(`#${CSS.escape(id)}`);
        if (!old || !fresh) continue;
        lay(old, fresh);
        changed.push(old);
      }
      return changed;
    },
  });
  document.body.setAttribute("hx-ext", "patch");

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig } = event.detail;
    if (target.id && target === requestConfig?.elt && target.matches("[data-poll]")) event.detail.swapOverride = "patch";
  });
})();
