// Opens a [data-dialog] when htmx has filled it, closes it by [data-dialog-close], Escape or the veil.
// The opener gets the focus back; the content is thrown away, so the next one starts fresh.
(() => {
  let opener = null;

  document.addEventListener("htmx:beforeRequest", (event) => {
    const target = event.detail.target;
    if (target?.closest?.("[data-dialog]") && !target.closest("[open]")) opener = event.detail.elt;
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    const box = event.detail.target.closest?.("[data-dialog]");
    if (!box) return;
    if (!event.detail.target.childElementCount) box.close();
    else if (!box.open) {
      // A menu that was open would stay behind the veil.
      opener?.closest("details[open]")?.removeAttribute("open");
      box.showModal();
    }
  });

  document.addEventListener("click", (event) => {
    const box = event.target.closest?.("[data-dialog][open]");
    if (!box) return;
    if (event.target.closest("[data-dialog-close]")) {
      event.preventDefault();
      box.close();
      return;
    }
    if (event.target !== box) return;
    const edge = box.getBoundingClientRect();
    const inside = event.clientX >= edge.left && event.clientX <= edge.right
      && event.clientY >= edge.top && event.clientY <= edge.bottom;
    if (!inside) box.close();
  });

  for (const box of document.querySelectorAll("[data-dialog]")) {
    box.addEventListener("close", () => {
      box.firstElementChild.replaceChildren();
      const back = opener?.isConnected && opener.offsetParent !== null
        ? opener
        : opener?.closest?.("details")?.querySelector("summary");
      back?.focus();
      opener = null;
    });
  }
})();
