// [data-sql-editor]: line numbers beside a textarea, and the line that the check complains about.
// The textarea stays as it is: Tab leaves it, undo works, and without scripts nothing is missing.
(() => {
  const boxOf = (editor) => editor.querySelector("textarea");

  // Where the check below says that something is wrong; nothing while it is right.
  const fault = () => {
    const found = document.querySelector("#check [data-line]");
    return found ? { line: Number(found.dataset.line), column: Number(found.dataset.column) } : null;
  };

  const draw = (editor) => {
    const lines = editor.querySelector("[data-lines]");
    const box = boxOf(editor);
    const count = box.value.split("\n").length;
    const marked = fault()?.line || 0;
    const numbers = [];
    for (let line = 1; line <= count; line += 1) {
      if (line === marked) {
        const mark = document.createElement("mark");
        mark.textContent = line;
        numbers.push(mark, "\n");
      } else numbers.push(`${line}\n`);
    }
    lines.replaceChildren(...numbers);
    lines.scrollTop = box.scrollTop;
  };

  const drawAll = () => document.querySelectorAll("[data-sql-editor]").forEach(draw);

  const goTo = ({ line, column }) => {
    const box = document.querySelector("[data-sql-editor] textarea");
    const before = box.value.split("\n").slice(0, line - 1);
    const start = before.reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
    const word = /^\w+|^./.exec(box.value.slice(start));
    box.focus();
    box.setSelectionRange(start, start + (word ? word[0].length : 0));
  };

  document.addEventListener("input", (event) => {
    const editor = event.target.closest("[data-sql-editor]");
    if (editor) draw(editor);
  });
  document.addEventListener("scroll", (event) => {
    const editor = event.target.closest?.("[data-sql-editor]");
    if (editor) editor.querySelector("[data-lines]").scrollTop = boxOf(editor).scrollTop;
  }, true);
  document.addEventListener("click", (event) => {
    const place = event.target.closest("[data-go-to-place]") && fault();
    if (place) goTo(place);
  });
  // Enter in the search of a form searches; it does not send the form.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.("[data-stays]")) event.preventDefault();
  });
  document.addEventListener("DOMContentLoaded", drawAll);
  document.addEventListener("htmx:afterSettle", drawAll);
})();
