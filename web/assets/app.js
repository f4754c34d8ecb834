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

  // <form data-confirm="Really?">: asks before it is sent.
  document.addEventListener("submit", (e) => {
    const text = (e.submitter && e.submitter.dataset.confirm) || e.target.dataset.confirm;
    if (text && !window.confirm(text)) e.preventDefault();
  });

  // Keys: data-key="/" focuses or presses its element; j and k walk through .walk rows; g then a letter goes to a page
  // of the navigation; ? is for a page to use.
  let going = 0;
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const typing = e.target.closest("input, textarea, select, [contenteditable]");
    if (typing) {
      if (e.key === "Escape") e.target.blur();
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
    const row = document.activeElement && document.activeElement.closest(".walk");
    const named = (row && row.querySelector(`[data-key="${CSS.escape(e.key)}"]`)) || document.querySelector(`body [data-key="${CSS.escape(e.key)}"]:not(.walk *)`);
    if (!named) return;
    e.preventDefault();
    if (named.matches("input, textarea, select")) named.focus(); else named.click();
  });
  const walk = (step) => {
    const rows = [...document.querySelectorAll(".walk")];
    if (!rows.length) return;
    const at = rows.findIndex((r) => r.contains(document.activeElement));
    const to = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
    if (!to.hasAttribute("tabindex")) to.tabIndex = -1;
    to.focus();
    to.scrollIntoView({ block: "nearest" });
  };

  // The bar of the phone begins where we are.
  const here = document.querySelector(".nav [aria-current]");
  if (here) here.scrollIntoView({ inline: "center", block: "nearest" });

  prepare(document);
  document.addEventListener("htmx:load", (e) => prepare(e.target));
  document.addEventListener("htmx:responseError", () => announce("That did not work. Try again."));
})();
