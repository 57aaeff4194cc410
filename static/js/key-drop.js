// The key: drop a file, choose it or paste it, and "Read key" is pressed by itself.
// The key itself is never kept here: the boxes are emptied as soon as the server has answered.
(() => {
  const parts = (inside) => {
    const root = inside.closest?.("[data-key-drop]");
    return root && {
      root,
      file: root.querySelector("input[type=file]"),
      text: root.querySelector("textarea"),
      words: root.querySelector("[data-key-words]"),
      trouble: root.querySelector("[data-key-trouble]"),
      read: root.querySelector("[data-key-read]"),
    };
  };

  const complain = (drop, sentence) => {
    drop.trouble.textContent = sentence;
    drop.trouble.hidden = !sentence;
  };

  const choose = (drop) => {
    const file = drop.file.files[0];
    if (!file) return;
    if (file.size > Number(drop.root.dataset.maxBytes)) {
      drop.file.value = "";
      complain(drop, `“${file.name}” is too large to be a service account key. Choose the .json file that Google Cloud gave you.`);
      return;
    }
    complain(drop, "");
    drop.words.textContent = `Reading ${file.name}`;
    drop.read.click();
  };

  const empty = (root) => {
    for (const box of root.querySelectorAll("[data-key-drop] textarea, [data-key-drop] input[type=file]")) {
      box.value = "";
    }
  };

  document.addEventListener("change", (event) => {
    const drop = parts(event.target);
    if (drop && event.target === drop.file) choose(drop);
  });

  document.addEventListener("paste", (event) => {
    const drop = parts(event.target);
    if (!drop || event.target !== drop.text) return;
    window.setTimeout(() => {
      if (drop.text.value.trim()) drop.read.click();
    });
  });

  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const drop = parts(event.target);
      if (!drop) return;
      event.preventDefault(); // a file beside the zone must not replace the page
      const zone = event.target.closest("[data-key-zone]");
      zone?.classList.toggle("key-drop__zone--over", kind === "dragover");
      if (kind === "drop" && zone && event.dataTransfer.files.length) {
        drop.file.files = event.dataTransfer.files;
        choose(drop);
      }
    });
  }

  document.addEventListener("htmx:afterRequest", (event) => {
    const asker = event.detail.elt;
    const root = asker.closest?.("[data-key-drop]") || asker.querySelector?.("[data-key-drop]");
    if (!root || event.detail.requestConfig.verb !== "post") return;
    if (event.detail.successful) empty(document);
    parts(root).words.textContent = "Choose the key file or drop it here";
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) empty(document);
  });
})();
