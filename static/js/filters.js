// [data-filters]: what was left empty does not stand in the address, so that it can be sent on.
(() => {
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches("[data-filters]")) return;
    for (const [name, value] of [...event.formData]) {
      if (!value) event.formData.delete(name);
    }
  });
})();
