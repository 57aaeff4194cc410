// Menus, filter panes and the narrow navigation close on Escape and by a click elsewhere;
// messages can be dismissed; "/" puts the cursor into the search.
(() => {
  const OPEN = "details.menu[open], details.filter-pane[open]";
  const toggle = () => document.getElementById("shell-toggle");

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
    if (event.key === "Escape") {
      const part = event.target.closest?.(OPEN);
      if (part) {
        part.open = false;
        part.querySelector("summary").focus();
      } else if (toggle()?.checked) {
        toggle().checked = false;
        toggle().focus();
      }
    }
    const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const search = document.querySelector("[data-search]");
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    }
  });

  // Enter works on the menu switch too, as it does on a button.
  toggle()?.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.target.click();
  });
})();
