// The mapping: the row of the identity column says so, also after another was chosen.
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
  document.addEventListener("change", (event) => {
    if (event.target.id === "id_identity_column") show();
  });
  document.addEventListener("htmx:afterSettle", show);
  document.addEventListener("DOMContentLoaded", show);
})();
