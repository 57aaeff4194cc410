// The narrow navigation: a button opens it over the page. While it is open the page behind it is
// inert, so the focus stays inside; Escape, the veil, the button and a wide window close it.
(() => {
  const wide = window.matchMedia("(min-width: 60rem)");
  const button = document.querySelector("[data-shell-menu]");
  if (!button) return;
  const veil = document.querySelector("[data-shell-veil]");
  const behind = document.querySelectorAll(".skip-link, #main");

  const isOpen = () => button.getAttribute("aria-expanded") === "true";

  const set = (open) => {
    button.setAttribute("aria-expanded", String(open));
    veil.hidden = !open;
    for (const part of behind) part.inert = open;
  };

  const close = () => {
    if (!isOpen()) return;
    set(false);
    button.focus();
  };

  button.addEventListener("click", () => set(!isOpen()));
  veil.addEventListener("click", close);
  wide.addEventListener("change", () => set(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) close();
  });
  // Back from another page by the browser's own memory: it was left open there.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) set(false);
  });
})();
