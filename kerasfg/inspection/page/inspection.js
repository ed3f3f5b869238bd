"use strict";

// The decisions of the reader, and the file that they are saved in.
(() => {
  const { columns, rows, classes, examples } = JSON.parse(
    document.getElementById("data").textContent,
  );
  const [label, decision, newLabel] = ["label", "decision", "new_label"].map(
    (name) => columns.indexOf(name),
  );
  const cards = [...document.querySelectorAll(".card")];
  const tally = document.getElementById("tally");
  let unsaved = false;
  if (!cards.length) return;

  function rowOf(card) {
    return rows[Number(card.dataset.row)];
  }

  function decide(card, word) {
    const row = rowOf(card);
    row[decision] = word;
    row[newLabel] = word === "relabel" ? card.querySelector("select").value : "";
    card.dataset.decision = word;
    for (const radio of card.querySelectorAll("input")) {
      radio.checked = radio.value === word;
    }
    if (word === "relabel") fill(card);
    showExample(card);
    unsaved = true;
    say();
  }

  // All classes, but only in the cards where they are wanted.
  function fill(card) {
    const select = card.querySelector("select");
    if (select.dataset.filled) return;
    select.dataset.filled = "yes";
    const chosen = select.value;
    const own = rowOf(card)[label];
    for (const name of classes) {
      if (name !== chosen && name !== own) select.add(new Option(name, name));
    }
  }

  // A picture of the class that a card looks like, or is to have.
  function showExample(card) {
    const name = card.querySelector("select").value;
    const figure = card.querySelector(".example");
    const known = Object.hasOwn(examples, name);
    figure.hidden = !known;
    if (!known) return;
    figure.querySelector("img").src = examples[name];
    figure.querySelector("img").alt = `an example of ${name}`;
    figure.querySelector("figcaption").textContent = `example: ${name}`;
  }
  cards.forEach(showExample);

  function say() {
    const counts = {};
    let unclear = 0;
    for (const one of rows) {
      if (one[decision]) counts[one[decision]] = (counts[one[decision]] ?? 0) + 1;
      if (one[decision] === "relabel" && !one[newLabel]) unclear += 1;
    }
    const parts = Object.entries(counts).map(([word, n]) => `${n} ${word}`);
    const open = unclear ? `, ${unclear} without a class` : "";
    tally.textContent = `${parts.join(", ")} of ${rows.length}${open}`;
  }

  function next(card, step = 1) {
    const other = cards[cards.indexOf(card) + step];
    other?.focus();
    other?.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("change", (event) => {
    const card = event.target.closest(".card");
    if (!card) return;
    if (event.target.matches("input")) decide(card, event.target.value);
    if (event.target.matches("select")) decide(card, "relabel");
  });

  document.addEventListener("keydown", (event) => {
    const card = event.target.closest?.(".card");
    if (!card || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches("select")) return; // it finds classes by letters
    const word = { k: "keep", l: "leave out", r: "relabel" }[
      event.key.toLowerCase()
    ];
    const onCard = event.target === card;
    const step = onCard && { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      event.preventDefault();
      next(card, step);
    } else if (word) {
      event.preventDefault();
      decide(card, word);
      const select = card.querySelector("select");
      if (word === "relabel" && !select.value) select.focus();
      else next(card);
    }
  });

  // A file name need not be UTF-8: Python writes such a byte as \udc80 to
  // \udcff, and it becomes that byte again.
  function bytesOf(text) {
    const parts = text.split(/(?<![\ud800-\udbff])([\udc80-\udcff])/);
    const encoder = new TextEncoder();
    return parts.map((part, index) =>
      index % 2
        ? Uint8Array.of(part.charCodeAt(0) & 0xff)
        : encoder.encode(part),
    );
  }

  function quoted(value) {
    return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  }

  function save() {
    const lines = [columns, ...rows].map((row) => row.map(quoted).join(","));
    const content = bytesOf(`${lines.join("\r\n")}\r\n`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(content, { type: "text/csv" }));
    link.download = "suspects.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    unsaved = false;
  }

  document.getElementById("save").addEventListener("click", save);
  addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
})();
