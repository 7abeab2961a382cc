// SPDX-License-Identifier: Apache-2.0
"use strict";
(function () {
  const table = document.querySelector("table.sites");
  const tools = document.querySelector(".tools");
  const shown = document.querySelector(".shown");
  if (!table || !tools) {
    return;
  }
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const text = document.getElementById("f-text");
  const verdict = document.getElementById("f-verdict");
  const mode = document.getElementById("f-mode");
  const blocked = document.getElementById("f-blocked");
  const haystack = rows.map(function (row) { return row.textContent.toLowerCase(); });

  function filter() {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach(function (row, i) {
      const keep = words.every(function (word) { return haystack[i].includes(word); }) &&
        (verdict.value === "" || row.dataset.verdict === verdict.value) &&
        (mode.value === "" || row.dataset.mode === mode.value) &&
        (!blocked.checked || row.dataset.blocked === "1");
      row.hidden = !keep;
      count += keep ? 1 : 0;
    });
    shown.textContent = count + " of " + rows.length + " sites shown";
  }

  function key(row, column) {
    const cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent.trim().toLowerCase()
      : Number(cell.dataset.sort);
  }

  function sort(head, column) {
    const down = head.getAttribute("aria-sort") === "ascending";
    Array.from(table.tHead.rows[0].cells).forEach(function (cell) {
      cell.removeAttribute("aria-sort");
    });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const order = rows.map(function (row, i) { return { row: row, key: key(row, column), i: i }; });
    order.sort(function (a, b) {
      const way = a.key < b.key ? -1 : a.key > b.key ? 1 : a.i - b.i;
      return down ? -way : way;
    });
    const all = document.createDocumentFragment();
    order.forEach(function (one) { all.appendChild(one.row); });
    body.appendChild(all);
  }

  Array.from(table.tHead.rows[0].cells).forEach(function (head, column) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.textContent = "";
    head.appendChild(button);
    button.addEventListener("click", function () { sort(head, column); });
  });
  [text, verdict, mode, blocked].forEach(function (field) {
    field.addEventListener("input", filter);
  });
  tools.hidden = false;
  filter();
})();
