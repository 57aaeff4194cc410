// Runs in every page before its own scripts, and answers the guard's questions as `screens.*`.
// Each answer is a list of sentences; an empty list is what a good page gives.
(() => {
  const watched = { violations: [], shifts: [] };
  document.addEventListener("securitypolicyviolation", (event) => {
    watched.violations.push(`${event.effectiveDirective} blocks ${event.blockedURI} (${event.sample || event.sourceFile || ""})`);
  });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      const moved = (entry.sources || []).map((one) => named(one.node)).slice(0, 3).join(", ");
      watched.shifts.push({ at: entry.startTime, value: entry.value, moved });
    }
  }).observe({ type: "layout-shift", buffered: true });

  const TARGET = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const CONTROL = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [tabindex]:not([tabindex='-1'])";
  const short = (text, most = 50) => {
    const flat = (text || "").replace(/\s+/g, " ").trim();
    return flat.length > most ? `${flat.slice(0, most)}…` : flat;
  };
  const named = (el) => {
    if (!el) return "?";
    if (el.nodeType !== 1) return named(el.parentElement);
    const id = el.id ? `#${el.id}` : "";
    const kind = typeof el.className === "string" && el.className ? `.${el.className.trim().split(/\s+/).join(".")}` : "";
    return `<${el.tagName.toLowerCase()}${id}${kind}> “${short(el.innerText || el.value || "", 40)}”`;
  };
  const style = (el) => getComputedStyle(el);
  // Seen, or would be after scrolling: not display:none, not made for screen readers only.
  const HIDDEN = ".visually-hidden, svg *, select *, .table--cards > thead *";
  const SEEN = { visibilityProperty: true, opacityProperty: true };
  const shown = (el) => {
    if (el.matches(HIDDEN) || !el.checkVisibility(SEEN) || el.closest(".visually-hidden")) return false;
    const box = el.getBoundingClientRect();
    return box.width > 1 && box.height > 1;
  };
  const every = (selector = "*") => [...document.body.querySelectorAll(selector)].filter(shown);
  const inScrollBox = (el) => {
    for (let up = el.parentElement; up && up !== document.body; up = up.parentElement) {
      if (/auto|scroll|hidden|clip/.test(style(up).overflowX)) return true;
    }
    return false;
  };

  // What sticks out of the page, or out of the box that it stands in; text that is cut off
  // without a way to read the rest. One pass: it is asked at every width.
  const narrow = () => {
    const root = document.documentElement, found = [], out = new Set(), wide = new Set();
    if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} px wide in ${root.clientWidth}`);
    for (const el of every()) {
      const box = el.getBoundingClientRect();
      const sticksOut = box.right > root.clientWidth + 1 || box.left < -1;
      if (sticksOut && !inScrollBox(el) && !el.matches(".skip-link")) out.add(el);
      if (!el.clientWidth || /^(INPUT|SELECT|TEXTAREA|svg)$/.test(el.tagName)) continue;
      const isWide = el.scrollWidth > el.clientWidth + 1, isHigh = el.scrollHeight > el.clientHeight + 3;
      if (!isWide && !isHigh) continue;
      const how = style(el);
      if (isWide && how.overflowX === "visible") wide.add(el);
      const isCut = (isWide && /hidden|clip/.test(how.overflowX)) || (isHigh && /hidden|clip/.test(how.overflowY));
      if (isCut && !isTold(el, how)) found.push(`${named(el)} is cut off, and no title says the rest`);
    }
    for (const el of out) if (!out.has(el.parentElement)) found.push(`${named(el)} sticks out of the page`);
    for (const el of wide) {
      // The innermost says where it comes from; what floats above the page is no part of a box.
      const isOuter = [...el.children].some((child) => wide.has(child)) || out.has(el)
        || !el.innerText.trim() || el.querySelector("[open] > :is(.menu__panel, .filter-pane__panel)") || el.matches("[open]:has(> .filter-pane__panel)");
      if (!isOuter) found.push(`${named(el)} is ${el.clientWidth} px wide, and what is in it ${el.scrollWidth}`);
    }
    return found.slice(0, 6);
  };
  const isTold = (el, how) => {
    const text = el.innerText.replace(/\s+/g, "");
    if (!text) return true;
    const titled = el.closest("[title]") || el.querySelector("[title]");
    const isMarked = how.textOverflow === "ellipsis" || how.webkitLineClamp !== "none";
    return isMarked && Boolean(titled) && titled.title.replace(/\s+/g, "").includes(text);
  };

  const structure = (isSignedIn) => {
    const found = [];
    const modal = document.querySelector("dialog[open]");
    const heads = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter((el) => el.checkVisibility());
    const page = heads.filter((el) => !el.closest("dialog"));
    const firsts = page.filter((el) => el.tagName === "H1");
    if (firsts.length !== 1) found.push(`${firsts.length} h1: ${firsts.map(named).join(", ")}`);
    for (const el of heads) if (!el.innerText.trim()) found.push(`an empty heading ${named(el)}`);
    let before = 0;
    for (const el of page) {
      const level = Number(el.tagName[1]);
      if (level > before + 1) found.push(`${named(el)} comes after an h${before}`);
      before = level;
    }
    if (modal && !modal.querySelector("h1, h2")) found.push("the dialog has no heading");
    if (!/\S/.test(document.title.split("–")[0])) found.push(`the title is “${document.title}”`);
    if (document.querySelectorAll("main").length !== 1) found.push("there is not exactly one main");
    if (isSignedIn && !document.querySelector("nav[aria-label], nav[aria-labelledby]")) found.push("no nav with a name");
    if (isSignedIn && document.querySelectorAll(".breadcrumbs [aria-current=page]").length !== 1) found.push("the breadcrumb does not say where one is");
    const ids = [...document.querySelectorAll("[id]")].map((el) => el.id);
    const twice = [...new Set(ids.filter((id, place) => ids.indexOf(id) !== place))];
    if (twice.length) found.push(`the same id twice: ${twice.join(", ")}`);
    return found;
  };

  // What a template says when a value is missing or an object is printed.
  const words = () => {
    const text = document.body.innerText;
    const odd = text.match(/(^|[\s(])(None|undefined|\{\{|\{%|&\w+;|\[object \w+\]|datetime\.\w+)(?=$|[\s).,])/m);
    const moments = every("time").filter((el) => !el.title && !el.closest("[title]"));
    return [
      ...(odd ? [`the words “${short(text.slice(Math.max(0, odd.index - 20), odd.index + 30))}”`] : []),
      ...moments.slice(0, 2).map((el) => `${named(el)} has no exact instant on hover`),
    ];
  };

  // WCAG 2.2, 2.5.8: 24 by 24 px, but for links in a line of text and for what stands apart.
  // A label is part of its box.
  const pressed = () => {
    const inside = document.querySelector("dialog[open]") || document.body;
    return [...inside.querySelectorAll(TARGET)].filter(shown);
  };
  const targets = () => {
    const found = [];
    for (const el of pressed()) {
      const boxes = [el, ...(el.labels || [])].filter(shown).map((one) => one.getBoundingClientRect());
      const width = Math.max(...boxes.map((box) => box.right)) - Math.min(...boxes.map((box) => box.left));
      const height = Math.max(...boxes.map((box) => box.bottom)) - Math.min(...boxes.map((box) => box.top));
      if ((width >= 23.5 && height >= 23.5) || inLine(el) || isSpaced(el)) continue;
      found.push(`${named(el)} is ${Math.round(width)} by ${Math.round(height)} px to press`);
    }
    return found.slice(0, 4);
  };
  const inLine = (el) => {
    if (el.tagName !== "A" || style(el).display !== "inline") return false;
    const line = el.closest("p, li, dd, td, th, label") || el.parentElement;
    return line.innerText.trim().length > el.innerText.trim().length;
  };
  // What is scrolled away in a box of its own lies over nothing.
  const frame = (el) => {
    for (let up = el.parentElement; up; up = up.parentElement) if (/auto|scroll/.test(style(up).overflowY)) return up;
    return null;
  };
  // The exception for spacing: nothing else to press within 24 px around the middle.
  const isSpaced = (el) => {
    const box = el.getBoundingClientRect();
    const x = box.left + box.width / 2, y = box.top + box.height / 2;
    return pressed().every((other) => {
      if (other === el || el.contains(other) || other.contains(el) || frame(other) !== frame(el)) return true;
      return [...other.getClientRects()].every((near) => {
        const dx = Math.max(near.left - x, 0, x - near.right), dy = Math.max(near.top - y, 0, y - near.bottom);
        return Math.hypot(dx, dy) >= 12;
      });
    });
  };

  const links = () => {
    const at = (url) => new URL(url, document.baseURI).href;
    const found = [];
    for (const el of document.querySelectorAll("a[href]:not([href^='#'])")) found.push(["GET", at(el.getAttribute("href")), named(el)]);
    for (const el of document.querySelectorAll("[hx-get]")) found.push(["GET", at(el.getAttribute("hx-get")), named(el)]);
    for (const el of document.querySelectorAll("[hx-post]")) found.push(["POST", at(el.getAttribute("hx-post")), named(el)]);
    for (const el of document.querySelectorAll("form")) {
      found.push([el.method === "dialog" ? "GET" : el.method.toUpperCase(), at(el.getAttribute("action") || ""), named(el)]);
    }
    return found;
  };

  // How each control looks at rest, to be held against how it looks when it has the focus.
  const rest = new Map();
  const look = (el) => {
    const around = [el, ...(el.labels || []), el.nextElementSibling].filter((one) => one instanceof Element);
    return around.map((one) => {
      const { outlineStyle, outlineWidth, outlineColor, boxShadow } = style(one);
      const isSeen = outlineStyle !== "none" && outlineWidth !== "0px" && !/^rgba.*, 0\)$/.test(outlineColor);
      return isSeen ? outlineWidth : boxShadow;
    }).join("|");
  };
  const remember = () => {
    document.activeElement?.blur();
    rest.clear();
    for (const el of document.querySelectorAll(CONTROL)) rest.set(el, look(el));
  };
  const focused = () => {
    const el = document.activeElement;
    // Behind the last one comes the browser's own; of a date's box its calendar, with its own ring.
    if (!rest.has(el) || !el.matches(":focus")) return [];
    return look(el) === rest.get(el) ? [`${named(el)} shows no focus`] : [];
  };

  const shifts = (until) => {
    const early = watched.shifts.filter((one) => one.at < until);
    const sum = early.reduce((total, one) => total + one.value, 0);
    return sum < 0.02 ? [] : [`it jumps by ${sum.toFixed(3)}: ${early.map((one) => one.moved).join("; ")}`];
  };

  const again = async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return [answer.status, page.querySelector("h1")?.textContent === document.querySelector("h1")?.textContent];
  };

  window.screens = {
    narrow, structure, words, targets, links, remember, focused, shifts, again,
    violations: () => watched.violations,
  };
})();
