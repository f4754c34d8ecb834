// What the pages do besides what HTML does: nothing needed for reading is here.
(() => {
  "use strict";
  const html = document.documentElement;
  html.classList.add("js");

  // The server writes times in the viewer's zone; this cookie tells it which that is.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) {
    const cookie = "zone=" + encodeURIComponent(zone);
    if (!document.cookie.split("; ").includes(cookie)) {
      document.cookie = cookie + "; path=/; max-age=31536000; samesite=lax";
    }
  }

  // <button data-copy="text">: copies, and says so.
  const prepare = (root) => root.querySelectorAll("[data-copy]").forEach((b) => { b.hidden = !navigator.clipboard; });
  document.addEventListener("click", async (e) => {
    const button = e.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.classList.add("copied");
    announce("Copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  });

  // announce tells screen readers.
  let teller;
  const announce = (text) => {
    if (!teller) {
      teller = document.createElement("div");
      teller.className = "sr";
      teller.setAttribute("role", "status");
      document.body.append(teller);
    }
    teller.textContent = "";
    setTimeout(() => { teller.textContent = text; }, 50);
  };

  document.addEventListener("said", (e) => announce(e.detail));

  // <form data-confirm="Really?">: asks before it is sent.
  document.addEventListener("submit", (e) => {
    const text = (e.submitter && e.submitter.dataset.confirm) || e.target.dataset.confirm;
    if (text && !window.confirm(text)) e.preventDefault();
  });

  // Keys: data-key="/" focuses or presses its element; j and k walk through .walk rows; g then a letter goes to a page
  // of the navigation; ? is for a page to use.
  const written = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]"; // what keys write into
  let going = 0;
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const typing = e.target.closest(written);
    if (typing) {
      if (e.key !== "Escape") return;
      const row = e.target.closest(".walk");
      e.target.blur();
      if (row) stand(row);
      return;
    }
    if (Date.now() - going < 1000) {
      going = 0;
      const to = { h: "/", r: "/review", f: "/search", c: "/contacts", o: "/companies", l: "/leads", d: "/deals", a: "/address", n: "/numbers", s: "/settings" }[e.key];
      if (to) location.href = to;
      return;
    }
    if (e.key === "g") { going = Date.now(); return; }
    if (e.key === "j" || e.key === "k") { walk(e.key === "j" ? 1 : -1); return; }
    const key = `[data-key="${CSS.escape(e.key)}"]`;
    let named = null;
    for (let row = document.activeElement && document.activeElement.closest(".walk"); row && !named; row = row.parentElement.closest(".walk")) named = row.querySelector(key);
    named = named || document.querySelector(`body ${key}:not(.walk *)`);
    if (!named) return;
    e.preventDefault();
    if (named.matches(written)) named.focus(); else named.click();
  });
  const walk = (step) => {
    const rows = [...document.querySelectorAll(".walk")].filter((r) => r.matches("summary") || !r.closest("details:not([open])"));
    if (!rows.length) return;
    const at = rows.findLastIndex((r) => r.contains(document.activeElement)); // of rows within rows the inner one
    stand(rows[Math.min(Math.max(at + step, 0), rows.length - 1)]);
    const more = at + step >= rows.length && document.querySelector("[rel=next][hx-get]"); // what goes on below
    if (more) more.click();
  };
  const stand = (row) => {
    if (!row.hasAttribute("tabindex")) row.tabIndex = -1;
    row.focus();
    row.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  // Whoever decides by keys goes on at the row that takes the place of the one he decided about.
  let byKeys = false;
  const place = "row " + location.pathname;
  document.addEventListener("click", (e) => { byKeys = e.detail === 0; }, true);
  document.addEventListener("submit", (e) => {
    const row = byKeys && e.target.closest(".walk");
    if (row) sessionStorage.setItem(place, [...document.querySelectorAll(".walk")].indexOf(row));
  });
  const left = sessionStorage.getItem(place);
  if (left !== null) {
    sessionStorage.removeItem(place);
    const rows = document.querySelectorAll(".walk");
    if (rows.length && !location.hash) stand(rows[Math.min(left, rows.length - 1)]);
  }

  // A row that the address names, as after it was moved. It may come later than the page.
  let wanted = location.hash.slice(1);
  const find = () => {
    const row = wanted && document.getElementById(wanted);
    if (!row || !row.matches(".walk")) return;
    wanted = "";
    const folded = row.closest("details:not([open])");
    if (folded) folded.open = true;
    stand(row);
  };
  find();
  document.addEventListener("htmx:load", find);

  // What was opened in its row is closed by the same key and the same link.
  document.addEventListener("htmx:beforeRequest", (e) => {
    const opened = e.detail.elt.matches("a") && e.detail.target.querySelector(":scope > .mail-opened");
    if (!opened) return;
    opened.open = !opened.open;
    e.preventDefault();
  });

  // <select data-submit> sends its form when something is chosen. Arrow keys choose on the way to what is meant: then it
  // waits for Enter, or for the focus to leave.
  let byKey = false, chosen = null;
  const send = (select) => { chosen = null; select.form.requestSubmit(); };
  document.addEventListener("pointerdown", () => { byKey = false; });
  document.addEventListener("keydown", (e) => {
    if (!e.target.matches("select[data-submit]")) return;
    byKey = true;
    if (e.key === "Enter" && chosen === e.target) { e.preventDefault(); send(chosen); }
  });
  document.addEventListener("input", (e) => {
    if (!e.target.matches("select[data-submit]")) return;
    if (byKey) chosen = e.target; else send(e.target);
  });
  document.addEventListener("focusout", (e) => { if (chosen === e.target) send(chosen); });

  // The bar of the phone and the tabs begin where we are.
  document.querySelectorAll(".nav [aria-current], .tabs [aria-current]").forEach((here) => here.scrollIntoView({ inline: "center", block: "nearest" }));

  prepare(document);
  document.addEventListener("htmx:load", (e) => prepare(e.target));
  document.addEventListener("htmx:responseError", () => announce("That did not work. Try again."));
})();
