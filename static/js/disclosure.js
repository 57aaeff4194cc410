// Menus and filter panes close on Escape and by a click elsewhere; messages can be dismissed.
(() => {
  const OPEN = "details.menu[open], details.filter-pane[open]";

  document.addEventListener("click", (event) => {
    for (const part of document.querySelectorAll(OPEN)) {
      if (!part.contains(event.target)) part.open = false;
    }
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) {
      dismiss.closest(".message").remove();
      document.getElementById("main")?.focus({ preventScroll: true });
    }
  });

  document.addEventListener("focusin", (event) => {
    for (const part of document.querySelectorAll("details.menu[open]")) {
      if (!part.contains(event.target)) part.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    const part = event.key === "Escape" && event.target.closest?.(OPEN);
    if (!part) return;
    part.open = false;
    part.querySelector("summary").focus();
  });
})();
