// The key: drop a file, choose it or paste it, and "Read key" is pressed by itself.
// The key itself is never kept here: the boxes are emptied as soon as the server has answered.
(() => {
  const parts = (inside) => {
    const root = inside?.closest?.("[data-key-drop]");
    return root && {
      root,
      zone: root.querySelector("[data-key-zone]"),
      file: root.querySelector("input[type=file]"),
      text: root.querySelector("textarea"),
      words: root.querySelector("[data-key-words]"),
      reading: root.querySelector("[data-key-reading]"),
      trouble: root.querySelector("[data-key-trouble]"),
      read: root.querySelector("[data-key-read]"),
    };
  };

  const say = (drop, words, trouble = "") => {
    drop.reading.textContent = words;
    drop.reading.hidden = !words;
    drop.words.hidden = Boolean(words);
    drop.trouble.textContent = trouble;
    drop.trouble.hidden = !trouble;
  };

  const isTooLarge = (drop, size) => size > Number(drop.root.dataset.maxBytes);

  const choose = (drop) => {
    const file = drop.file.files[0];
    if (!file) return;
    if (isTooLarge(drop, file.size)) {
      drop.file.value = "";
      say(drop, "", `“${file.name}” is too large to be a service account key. Choose the .json file that Google Cloud gave you.`);
    } else {
      say(drop, `Reading ${file.name}`);
      drop.read.click();
    }
  };

  const take = (drop, transfer) => {
    drop.root.querySelector("[name=key_source][value=file]").click(); // a file belongs to this tab
    const folder = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).find((entry) => entry?.isDirectory);
    const count = transfer.files.length;
    if (folder) return say(drop, "", `“${folder.name}” is a folder. Drop the .json file that is in it.`);
    if (count > 1) return say(drop, "", `These are ${count} files. Drop one key file only.`);
    drop.file.files = transfer.files;
    return choose(drop);
  };

  document.addEventListener("change", (event) => {
    const drop = parts(event.target);
    if (drop && event.target === drop.file) choose(drop);
  });

  // Pasted, or dragged in as text. What is typed waits for the button.
  document.addEventListener("input", (event) => {
    const drop = parts(event.target);
    if (!drop || event.target !== drop.text || !/^insertFrom(Paste|Drop)/.test(event.inputType)) return;
    if (isTooLarge(drop, new Blob([drop.text.value]).size)) {
      drop.text.value = "";
      say(drop, "", "That is too long to be a service account key. Paste the whole .json file, and nothing else.");
    } else if (drop.text.value.trim()) drop.read.click();
  });

  // A file that is dropped beside the zone must not replace the page, and all that was typed.
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      if (!event.dataTransfer?.types.includes("Files") || !document.querySelector("[data-key-drop]")) return;
      const drop = parts(event.target);
      if (!drop && event.target.matches?.("input[type=file]")) return;
      event.preventDefault();
      if (!drop) event.dataTransfer.dropEffect = "none";
      drop?.zone.classList.toggle("key-drop__zone--over", kind === "dragover");
      if (drop && kind === "drop") take(drop, event.dataTransfer);
    });
  }

  const empty = (kinds) => {
    for (const box of document.querySelectorAll(`[data-key-drop] :is(${kinds})`)) box.value = "";
  };
  let wasHere = false; // the focus, when the answer came

  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful, requestConfig } = event.detail;
    const drop = parts(elt) || parts(elt.querySelector?.("[data-key-zone]"));
    if (!drop || requestConfig.verb !== "post") return;
    empty(successful ? "[type=file], textarea" : "[type=file]"); // so that it can be chosen again
    say(drop, "");
  });
  document.addEventListener("htmx:beforeSwap", () => {
    wasHere = Boolean(parts(document.activeElement));
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (wasHere && !parts(document.activeElement)) document.querySelector("section.key-identity")?.focus();
    wasHere = false;
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) empty("[type=file], textarea");
  });
})();
