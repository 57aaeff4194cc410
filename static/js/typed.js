// What is typed while htmx waits for an answer is put into the new form, with the cursor where it
// was: an answer brings the form as it was sent, and would take the last words away.
(() => {
  const sent = new WeakMap(); // request -> what the boxes held when it left
  const kept = new WeakMap(); // request -> what they held when the answer came, where that differs

  const boxes = (root) => [...root.querySelectorAll(
    ":is(input, select, textarea)[id][name]:not([type=hidden], [type=file], [data-key-drop] *)",
  )];
  const isChoice = (box) => box.type === "radio" || box.type === "checkbox";
  const held = (box) => (isChoice(box) ? box.checked : box.value);

  document.addEventListener("htmx:beforeRequest", (event) => {
    const { xhr, target } = event.detail;
    if (target) sent.set(xhr, new Map(boxes(target).map((box) => [box.id, held(box)])));
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target } = event.detail;
    const before = sent.get(xhr);
    if (!before || !target) return;
    const changed = boxes(target).filter((box) => before.has(box.id) && before.get(box.id) !== held(box));
    kept.set(xhr, changed.map((box) => ({
      id: box.id,
      value: held(box),
      // Only boxes for words have a cursor; asking others for it is an error.
      cursor: box === document.activeElement && box.matches("[type=text], [type=search], textarea")
        ? [box.selectionStart, box.selectionEnd] : null,
    })));
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    for (const { id, value, cursor } of kept.get(event.detail.xhr) || []) {
      const box = document.getElementById(id);
      if (!box) continue;
      if (isChoice(box)) box.checked = value;
      else box.value = value;
      if (cursor && box === document.activeElement) box.setSelectionRange(...cursor);
    }
    kept.delete(event.detail.xhr);
  });
})();
