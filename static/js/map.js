// The mapping: the row of the identity column says so, also after another was chosen; a box whose
// name was found wrong while it was typed is marked, as after saving.
(() => {
  const show = () => {
    const chosen = document.getElementById("id_identity_column");
    if (!chosen) return;
    for (const row of document.querySelectorAll(".map__row")) {
      const isIdentity = row.dataset.column === chosen.value;
      for (const words of row.querySelectorAll("[data-identity-tag], [data-identity-words]")) {
        words.hidden = !isIdentity;
      }
      for (const words of row.querySelectorAll("[data-skipped-words]")) words.hidden = isIdentity;
    }
  };
  const mark = () => {
    for (const said of document.querySelectorAll(".map__said")) {
      const box = said.parentElement.querySelector("input[type=text]");
      const error = said.querySelector(".field__errors");
      if (!error) {
        box.removeAttribute("aria-invalid");
        box.removeAttribute("aria-describedby");
      } else {
        box.setAttribute("aria-invalid", "true");
        box.setAttribute("aria-describedby", error.id);
      }
    }
  };
  document.addEventListener("htmx:oobAfterSwap", mark);
  document.addEventListener("change", (event) => {
    if (event.target.id === "id_identity_column") show();
  });
  document.addEventListener("htmx:afterSettle", show);
  document.addEventListener("DOMContentLoaded", show);
})();
