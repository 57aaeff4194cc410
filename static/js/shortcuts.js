// "/" puts the cursor into the page's own search, or else into the search of everything, which on
// narrow screens stands in the menu.
(() => {
  const BUSY = "input, textarea, select, [contenteditable], dialog[open]";

  const search = () => {
    const own = [...document.querySelectorAll("[data-search]")].find((box) => box.checkVisibility());
    const box = own || document.querySelector("[data-jump]");
    if (box && !box.checkVisibility()) document.querySelector("[data-shell-menu]")?.click();
    return box;
  };

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.(BUSY) || document.querySelector("dialog[open]")) return;
    const box = search();
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
})();
