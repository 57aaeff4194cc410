// [data-copy] copies the [data-copy-source] of the same figure and says so for two seconds.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = button.closest("figure")?.querySelector("[data-copy-source]");
  const words = button.querySelector("[data-copy-words]");
  if (!source || !words) return;

  let said = "Copied";
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    // No clipboard here (plain http, or refused): select the text, so that one key copies it.
    const range = document.createRange();
    range.selectNodeContents(source);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    said = "Selected: now press Ctrl+C";
  }
  words.textContent = said;
  button.classList.toggle("code-block__copy--done", said === "Copied");
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = said;
  window.setTimeout(() => {
    words.textContent = "Copy";
    button.classList.remove("code-block__copy--done");
  }, 2000);
});
