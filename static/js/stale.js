// [data-stale-for=FORM]: shown while the form no longer says what was tested, so that a verdict
// never seems to be about something else.
(() => {
  const differs = (box) => (box.type === "radio" ? box.checked !== box.defaultChecked : box.value !== box.defaultValue);

  const look = () => {
    for (const notice of document.querySelectorAll("[data-stale-for]")) {
      const form = document.getElementById(notice.dataset.staleFor);
      const boxes = form?.querySelectorAll("[name=project_id], [name=dataset_id], [name=access]") ?? [];
      notice.hidden = ![...boxes].some(differs);
    }
  };

  for (const kind of ["input", "change", "htmx:afterSettle"]) document.addEventListener(kind, look);
})();
