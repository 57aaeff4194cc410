// What differs from one run of `make screenshots` to the next is shown as one fixed value:
// instants, durations, ids made at random, and the ports of the day. Returns how many texts it
// changed: 0 means that the page has not been drawn anew since.
(given) => {
  const DAY = 86_400_000;
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const [year, month, date] = given.today.split("-").map(Number);
  const fixedDay = Date.UTC(year, month - 1, date);
  const now = new Date();
  const shift = fixedDay - Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
  const seen = (window.steadySeen ??= { done: new WeakMap(), names: new Map() });
  const pick = (kind, found, make) => {
    const names = seen.names.get(kind) ?? new Map();
    seen.names.set(kind, names);
    if (!names.has(found)) names.set(found, make(names.size));
    return names.get(found);
  };
  const dayInWords = (at, withYear) =>
    `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}${withYear ? ` ${at.getUTCFullYear()}` : ""}`;
  const moved = (text) => text.replace(
    /\b(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b( \d{4})?/g,
    (all, day, name, of) => {
      const at = Date.UTC(of ? Number(of) : now.getFullYear(), MONTHS.indexOf(name), Number(day));
      return dayInWords(new Date(at + shift), Boolean(of));
    });
  const HEX = "5f1c0e9d3b7a2846";
  const hex = (length, number) =>
    Array.from({ length }, (_, place) => HEX[(place * 7 + number * 5 + 3) % 16]).join("");
  const RULES = [
    [/clevertap_bq_[0-9a-f]{32}_\d+/g, (id) => pick("job", id, (n) => `clevertap_bq_${hex(32, n)}_1`)],
    [/\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])(?:[0-9a-f]{8}|[0-9a-f]{16})\b/g,
      (id) => pick("key", id, (n) => hex(id.length, n))],
    [/\b[A-Z0-9]{3}-[A-Z0-9]{3}-[A-Z0-9]{4}\b/g, (id) => pick("account", id, (n) => ["W8Z-R2K-4D7Z", "QHA-LTB-MWUL"][n % 2])],
    [/since 1 [A-Z][a-z]+/g, () => "since 1 March"],
    ...given.ports.map(([port, shown]) => [new RegExp(`:${port}\\b`, "g"), () => `:${shown}`]),
  ];
  const steady = (text) => RULES.reduce((left, [what, how]) => left.replace(what, how), moved(text));
  const write = (node, text) => {
    if (seen.done.get(node) === node.data) return 0;
    seen.done.set(node, text);
    if (node.data === text) return 0;
    node.data = text;
    return 1;
  };
  const textsIn = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode);
    return texts;
  };
  // An instant of the last hours is "this morning"; an older one keeps its clock.
  const instant = (element) => {
    const at = new Date(element.dateTime);
    const isFresh = Math.abs(now - at) < given.freshHours * 3_600_000;
    const clock = at > now ? given.later : given.now;
    return textsIn(element).reduce((changed, node) => changed + write(node, (isFresh
      ? node.data.replace(/\d{1,2} [A-Z][a-z]{2} \d{4}/, dayInWords(new Date(fixedDay), true))
        .replace(/\b\d\d:\d\d(:\d\d)?\b/, clock)
      : moved(node.data))), 0);
  };
  // Figures that the clock or the machine's speed make, by the words beside them.
  const figure = (label) => {
    const value = given.figures[label.textContent.trim()];
    const shown = label.nextElementSibling;
    return value && shown ? textsIn(shown).slice(0, 1).reduce((n, node) => n + write(node, value), 0) : 0;
  };
  const instants = [...document.querySelectorAll("time[datetime]")];
  const labels = [...document.querySelectorAll("dt, .stat__label")];
  // A check's milliseconds, by its place on the page.
  const MILLISECONDS = [38, 12, 9, 41, 136, 74, 52, 93];
  const duration = (node, place) =>
    write(node, node.data.replace(/\d+(?= ms)/, MILLISECONDS[place % MILLISECONDS.length]));
  const inInstants = (node) => node.parentElement.closest("time[datetime]");
  const rest = () => textsIn(document.body).filter((node) => !inInstants(node));
  return instants.reduce((n, one) => n + instant(one), 0)
    + labels.reduce((n, one) => n + figure(one), 0)
    + rest().filter((node) => /\b\d+ ms\b/.test(node.data))
      .reduce((n, node, place) => n + duration(node, place), 0)
    + rest().reduce((n, node) => n + write(node, steady(node.data)), 0);
}
