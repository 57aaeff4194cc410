// When an htmx request fails, say so at the top. When the answer is a whole page (signed out
// meanwhile, or sent elsewhere), go to that page instead of squeezing it into a part of this one.
(() => {
  const say = (id) => {
    const strip = document.getElementById("messages");
    const template = document.getElementById(id);
    if (!strip || !template) return;
    strip.replaceChildren(template.content.cloneNode(true));
    strip.scrollIntoView({ block: "nearest" });
  };

  // A part that asks by itself would repeat the message; poll.js asks again, more slowly.
  const byItself = (event) => event.detail.elt.matches?.("[data-poll]");

  for (const kind of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(kind, (event) => {
      if (!byItself(event)) say("trouble-lost");
    });
  }

  document.addEventListener("htmx:responseError", (event) => {
    if (byItself(event)) return;
    const status = event.detail.xhr.status;
    say(status === 401 || status === 403 ? "trouble-refused" : "trouble-failed");
  });

  // A live part may be asked for by the address of its page; patch.js finds it in the whole.
  const isOwnPage = (event) => {
    const { xhr, requestConfig } = event.detail;
    const asked = new URL(requestConfig.path, document.baseURI);
    return requestConfig.elt.matches("[data-poll]") && new URL(xhr.responseURL).pathname === asked.pathname;
  };

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (isOwnPage(event)) return;
    const answer = event.detail.xhr.responseText.trimStart().slice(0, 15).toLowerCase();
    if (!event.detail.shouldSwap || !answer.startsWith("<!doctype")) return;
    event.detail.shouldSwap = false;
    window.location.assign(event.detail.xhr.responseURL);
  });
})();
