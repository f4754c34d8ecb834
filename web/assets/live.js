// Pages that stay true while they are open. The server says what happens (server-sent events); a block that is concerned
// is fetched again:
//
//   <div id="today" data-live="intake" data-live-url="/" data-live-items="tbody tr">…</div>
//
// data-live        the events that concern it: intake, activity, review
// data-live-url    where it is fetched, as htmx does: the block of that id alone
// data-live-items  what in it is counted as new; told apart by their id, else by their first link
// data-live-add    what comes is put on top of what is there, instead of replacing it
// data-live-one, data-live-many  words of the bar, for one and for #
// data-live-owner  only mail of this user's mailbox concerns it
// data-live-link   only mail on the timeline of this record does: contact:7
// data-live-poll   fetched every few seconds, too, while there are no events
//
// Nothing moves under the hands of whoever works in a block or has scrolled past its top: then a bar says what is new.
(() => {
  "use strict";
  let address = document.body.dataset.events;
  if (!address || !window.EventSource) return;
  const say = (text) => document.dispatchEvent(new CustomEvent("said", { detail: text }));

  // One stream a page, and none while it is hidden: browsers open only a few connections to a server.
  let stream, again;
  const listen = () => {
    clearTimeout(again);
    if (document.hidden || stream) return;
    stream = new EventSource(address);
    for (const name of ["intake", "activity", "review", "reset"]) stream.addEventListener(name, hear);
    stream.addEventListener("arriving", arriving);
    stream.onerror = () => {
      if (stream.readyState !== EventSource.CLOSED) return; // it comes back by itself
      hangUp();
      again = setTimeout(listen, 30000);
    };
  };
  const hangUp = () => {
    if (stream) stream.close();
    stream = null;
  };
  const hear = (e) => {
    address = address.replace(/after=[^&]*/, "after=" + encodeURIComponent(e.lastEventId));
    if (e.type === "reset") { document.querySelectorAll("[data-live]").forEach(soon); return; }
    const told = JSON.parse(e.data);
    if (e.type === "review") count(told.count);
    document.querySelectorAll(`[data-live~="${e.type}"]`).forEach((block) => { if (concerns(told, block.dataset)) soon(block); });
  };
  const concerns = (told, { liveOwner, liveLink }) =>
    !(liveOwner && told.owner && told.owner !== liveOwner) && !(liveLink && told.links && !told.links.some((l) => `${l.kind}:${l.id}` === liveLink));
  document.addEventListener("visibilitychange", () => { if (document.hidden) hangUp(); else listen(); });
  window.addEventListener("pagehide", hangUp);
  window.addEventListener("pageshow", listen);
  setInterval(() => {
    if (!document.hidden && !(stream && stream.readyState === EventSource.OPEN)) document.querySelectorAll("[data-live-poll]").forEach(soon);
  }, 5000);

  // The number beside Review.
  const count = (n) => {
    const at = document.getElementById("review-count");
    if (!at) return;
    at.firstElementChild.textContent = n.toLocaleString("en");
    at.hidden = n === 0;
  };

  // <ol data-arriving data-recipient="…" data-received="…">: how far a mail is that is on its way.
  const arriving = (e) => {
    const list = document.querySelector("[data-arriving]"), told = JSON.parse(e.data);
    if (!list || !list.dataset[told.stage]) return;
    const step = document.createElement("li");
    step.textContent = `${new Date(told.at).toLocaleTimeString("en-GB")}  ${list.dataset[told.stage]}`;
    list.append(step);
    while (list.children.length > 8) list.firstChild.remove();
    list.hidden = false;
  };

  // Many events come at once as one: a block is fetched a moment later, once at a time, and every two seconds at most.
  const waiting = new Map(), fetched = new Map();
  const soon = (block) => {
    if (waiting.has(block.id)) { waiting.set(block.id, true); return; }
    waiting.set(block.id, false);
    const rest = (fetched.get(block.id) || 0) + 2000 - Date.now();
    setTimeout(async () => {
      fetched.set(block.id, Date.now());
      const now = document.getElementById(block.id);
      try { if (now && now.dataset.liveUrl) await fetchBlock(now); } catch { /* the next event tries again */ }
      const more = waiting.get(block.id);
      waiting.delete(block.id);
      if (more) soon(block);
    }, Math.max(rest, 100) + Math.random() * 200);
  };
  const fetchBlock = async (block) => {
    const res = await fetch(block.dataset.liveUrl, { headers: { "HX-Request": "true", "HX-Target": block.id } });
    if (res.status !== 200) return;
    const page = document.createElement("template");
    page.innerHTML = await res.text();
    const next = page.content.getElementById(block.id);
    if (next && block.isConnected) offer(block, next);
  };

  const key = (item) => item.id || (item.querySelector("a[href]") || item).getAttribute("href");
  const items = (block) => [...block.querySelectorAll(block.dataset.liveItems || "article")];
  // busy: somebody has the focus in it, has opened or typed something, or has marked some text.
  const busy = (part) => part.contains(document.activeElement) || part.querySelector("details[open], .mail-open > *, .found > *") ||
    [...part.querySelectorAll("input, textarea")].some((i) => i.type !== "hidden" && (i.value !== i.defaultValue || i.checked !== i.defaultChecked)) ||
    [...part.querySelectorAll("select")].some((s) => s.selectedIndex > 0 && !s.options[s.selectedIndex].defaultSelected) ||
    (getSelection().type === "Range" && part.contains(getSelection().anchorNode));

  // reaching: the pointer is on its way to something, which must not move away under it.
  let moved = 0;
  document.addEventListener("pointermove", () => { moved = Date.now(); }, { passive: true });
  const reaching = () => Date.now() - moved < 1500 && document.querySelector("main:hover");

  // offer shows what was fetched: at once where that disturbs nobody, else behind a bar.
  const offer = (block, next) => {
    const had = new Set(items(block).map(key));
    if ("liveAdd" in block.dataset) {
      block.dataset.liveUrl = next.dataset.liveUrl;
      for (const item of items(next)) { // what is on the page already is only brought up to date
        const old = item.id && document.getElementById(item.id);
        if (!old) continue;
        if (!busy(old)) { old.replaceWith(item); ready(item); } else item.remove();
      }
      if (block.held) { put(next, block.held); next = block.held; }
    }
    const fresh = items(next).filter((i) => !had.has(key(i)));
    if ("liveAdd" in block.dataset && !fresh.length) return;
    const above = block.getBoundingClientRect().top < 0;
    if (!above && !(fresh.length && reaching()) && ("liveAdd" in block.dataset || !busy(block))) { show(block, next, fresh); return; }
    if (fresh.length) { block.held = next; bar(block, fresh); }
  };
  const show = (block, next, fresh) => {
    const old = barOf(block);
    if (old) old.remove();
    block.held = null;
    if ("liveAdd" in block.dataset) {
      put(next, block);
      fresh.forEach(ready);
    } else {
      block.replaceWith(next);
      ready(next);
    }
    fresh.forEach((i) => i.classList.add("fresh"));
    say(next.dataset.liveSaid || (fresh.length ? words(block, fresh.length) : ""));
  };
  // put lays what came on top of what is there.
  const put = (from, onto) => {
    const mails = onto.querySelector(".mails");
    if (mails) mails.prepend(...items(from)); else onto.append(...from.childNodes);
  };
  const ready = (part) => { if (window.htmx) htmx.process(part); part.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true })); };

  const words = (block, n) => n === 1 ? block.dataset.liveOne || "1 new mail" : (block.dataset.liveMany || "# new mails").replace("#", n.toLocaleString("en"));
  const barOf = (block) => block.previousElementSibling && block.previousElementSibling.matches(".fresh-bar") ? block.previousElementSibling : null;
  const bar = (block, fresh) => {
    let at = barOf(block);
    if (!at) {
      at = document.createElement("p");
      at.className = "fresh-bar";
      at.append(document.createElement("button"));
      at.firstChild.className = "btn small primary";
      at.firstChild.type = "button";
      block.before(at);
    }
    const text = words(block, fresh.length);
    if (at.textContent !== text) say(text);
    at.firstChild.textContent = text;
    at.firstChild.onclick = () => {
      const now = document.getElementById(block.id);
      show(now, now.held, fresh);
      document.getElementById(block.id).scrollIntoView({ block: "start" });
      if (fresh[0]) { fresh[0].tabIndex = -1; fresh[0].focus({ preventScroll: true }); }
    };
  };
  listen();
})();
