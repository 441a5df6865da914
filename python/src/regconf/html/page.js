"use strict";
(() => {
  // The page is whole without this. It finds nodes, sorts them, and shows one by itself.
  const table = document.querySelector(".nodes");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const cells = [...document.querySelectorAll(".cells a")];
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const chips = [...document.querySelectorAll(".chip")];
  const tiles = [...document.querySelectorAll(".tile")];
  const dialog = document.getElementById("node");
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const phases = ["connect", "gather", "plan", "wait", "apply", "verify"];
  const wanted = new Set();

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, at) => {
      const fits = (!wanted.size || wanted.has(row.dataset.outcome)) && words.every((word) => texts[at].includes(word));
      row.hidden = !fits;
      if (cells[at]) cells[at].classList.toggle("off", !fits);
      count += fits;
    });
    found.textContent = count === rows.length ? `${count} nodes` : `${count} of ${rows.length} nodes`;
    for (const chip of chips) chip.setAttribute("aria-pressed", String(wanted.has(chip.dataset.outcome)));
    for (const tile of tiles) tile.toggleAttribute("aria-current", wanted.has(tile.dataset.outcome));
  }

  function toggle(outcome) {
    if (!wanted.delete(outcome)) wanted.add(outcome);
    filter();
  }

  function value(row, column) {
    const text = row.cells[column].textContent;
    return row.cells[column].classList.contains("number") ? Number(text) : text;
  }

  function sort(head, column) {
    const up = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const by = new Intl.Collator("en", { numeric: true });
    const order = rows.map((row) => [value(row, column), row]);
    order.sort(([a], [b]) => (typeof a === "number" ? a - b : by.compare(a, b)) * (up ? 1 : -1));
    body.append(...order.map(([, row]) => row));
  }

  function made(tag, content, className) {
    const element = document.createElement(tag);
    element.append(...[content].flat());
    if (className) element.className = className;
    return element;
  }

  function facts(row) {
    const list = document.createElement("dl");
    const add = (word, text) => text && list.append(made("dt", word), made("dd", text));
    add("Outcome", row.querySelector(".badge").cloneNode(true));
    add("Address", row.querySelector("small").textContent);
    const spent = row.dataset.spent.split(" ").map((seconds, at) => [phases[at], Number(seconds)]);
    add("Time", spent.filter(([, seconds]) => seconds > 0).map(([phase, seconds]) => `${phase} ${seconds.toFixed(2)} s`).join(", "));
    return list;
  }

  // What nodes have in common, without the others.
  function copy(ref, address) {
    const copied = document.getElementById(ref).cloneNode(true);
    copied.removeAttribute("id");
    for (const other of copied.querySelectorAll(".who, header .badge")) other.remove();
    const head = copied.querySelector("header");
    if (head && !head.children.length) head.remove();
    for (const text of copied.querySelectorAll(".text")) text.textContent = text.textContent.replaceAll("<address>", address);
    return copied.tagName === "LI" ? made("ul", copied, "remarks") : copied;
  }

  function show(row) {
    const close = made("button", "Close", "close");
    close.type = "button";
    close.addEventListener("click", () => dialog.close());
    const name = row.querySelector("bdi").textContent;
    const address = row.querySelector("small").textContent;
    const parts = row.dataset.refs.split(" ").filter(Boolean).map((ref) => copy(ref, address));
    const rest = parts.length ? parts : [made("p", "Nothing was to be done.")];
    dialog.replaceChildren(made("header", [made("h2", name), close]), made("div", [facts(row), ...rest]));
    dialog.setAttribute("aria-label", name);
    dialog.showModal();
  }

  document.querySelector(".tools").hidden = false;
  search.addEventListener("input", filter);
  for (const chip of chips) chip.addEventListener("click", () => toggle(chip.dataset.outcome));
  for (const tile of tiles) {
    tile.addEventListener("click", () => {
      wanted.clear();
      toggle(tile.dataset.outcome);
    });
  }
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = made("button", head.textContent);
    button.type = "button";
    button.addEventListener("click", () => sort(head, column));
    head.replaceChildren(button);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest('.cells a, .nodes tbody th a');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(document.getElementById(link.hash.slice(1)));
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
})();
