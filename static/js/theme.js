// Light, dark or as the system: applied before the first paint, so it stands in <head> undeferred.
(() => {
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  const chosen = () => {
    try {
      return localStorage.getItem("theme") || "system";
    } catch {
      return "system"; // storage is switched off: follow the system
    }
  };

  const apply = () => {
    const choice = chosen();
    const shown = choice === "system" ? (system.matches ? "dark" : "light") : choice;
    root.dataset.theme = shown;
    root.dataset.bsTheme = shown;
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeSwitch === choice));
    }
  };

  root.classList.add("js");
  apply();
  system.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-switch]");
    if (!button) return;
    try {
      localStorage.setItem("theme", button.dataset.themeSwitch);
    } catch {
      return;
    }
    apply();
  });
})();
