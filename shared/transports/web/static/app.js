// Makes pages handier; each of them works without it.

const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const announce = (text) => {
  const live = document.querySelector("[data-live]");
  if (live) { live.textContent = ""; requestAnimationFrame(() => { live.textContent = text; }); }
};

// Copying: data-copy is the id of what to copy.
async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const text = "value" in source ? source.value : source.textContent;
  const label = button.querySelector("span");
  try {
    await navigator.clipboard.writeText(text);
    label.textContent = "Copied";
    announce("Copied to the clipboard.");
  } catch {
    // No permission, or no secure origin: what to copy is marked, and the keyboard does the rest.
    if (source.select) source.select(); else getSelection().selectAllChildren(source);
    label.textContent = "Press Ctrl+C";
    announce("It is marked: copy it with the keyboard.");
  }
  setTimeout(() => { label.textContent = "Copy"; }, 2500);
}

// A <details class="confirm"> opens its <dialog>, a menu closes when the eye has left it.
function openDialog(details) {
  const dialog = details.querySelector("dialog");
  if (details.open && !dialog.open) dialog.showModal();
}
const closeMenus = (but) => all("details.menu[open]").forEach((menu) => { if (menu !== but) menu.open = false; });

document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("details.confirm")) openDialog(event.target);
}, true);
document.addEventListener("close", (event) => {
  const details = event.target.closest?.("details.confirm");
  if (details) { details.open = false; details.querySelector("summary").focus(); }
}, true);
document.addEventListener("click", (event) => {
  const at = event.target;
  closeMenus(at.closest("details.menu"));
  const button = at.closest("[data-copy]");
  if (button) copy(button);
  if (at.closest("[data-close]") || at.matches("dialog")) at.closest("dialog").close();
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.activeElement.closest("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});

// A form on its way says so, and goes once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if ("stays" in form.dataset) return; // the page stays where it is
  if (form.ariaBusy === "true") { event.preventDefault(); return; }
  const button = event.submitter;
  form.ariaBusy = "true";
  if (!button?.matches(".button")) return;
  button.classList.add("busy");
  button.ariaDisabled = "true";
  if (button.dataset.busy) { button.lastChild.textContent = button.dataset.busy; announce(button.dataset.busy); }
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// On a phone the rooms do not all fit in: the present one is in sight.
document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// Filters are sent as they are chosen; the focus stays where it was.
all("form[data-auto]").forEach((form) => form.addEventListener("change", (event) => {
  if (!event.target.matches("select, [type=checkbox], [type=radio]")) return;
  sessionStorage.setItem("focus", event.target.id);
  form.requestSubmit();
}));
document.getElementById(sessionStorage.getItem("focus"))?.focus();
sessionStorage.removeItem("focus");
const refused = document.querySelector("[data-focus]");
refused?.focus();
// Back to a form that was refused, and Reload of it, give the page that it came from: no browser has to ask whether to send it again.
if (refused) history.replaceState(null, "", location.pathname.replace(/\/(preview|confirmed)$/, "") + location.search);

// What is done to ticked rows waits until one is ticked.
all("button[data-ticked]").forEach((button) => {
  const look = () => { button.disabled = ![...button.form.elements].some((each) => each.checked); };
  document.addEventListener("change", look);
  look();
});

// A live preview: the fields go to data-preview a moment after they change, and what comes back is shown.
all("form[data-preview]").forEach((form) => {
  const target = document.querySelector("[data-preview-target]");
  let timer, under;
  const ask = async () => {
    under?.abort();
    const mine = under = new AbortController();
    target.ariaBusy = "true";
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(form)), signal: mine.signal });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      target.innerHTML = await answer.text();
    } catch (error) {
      if (error.name === "AbortError") return;
      target.textContent = "The preview is not to be had just now. The form can be sent all the same.";
    }
    target.ariaBusy = "false";
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 200); });
});

// What is shown once is gone when the page is left, from the page itself too.
all("input[data-once]").forEach((field) => field.addEventListener("focus", () => field.select()));
addEventListener("pagehide", () => all("[data-once]").forEach((once) => {
  if ("value" in once) { once.value = ""; once.removeAttribute("value"); } else once.textContent = "";
}));

// Sections become tabs.
all("[data-tabs]").forEach((box) => {
  const sections = all(":scope > section", box);
  const list = document.createElement("div");
  list.role = "tablist";
  list.ariaLabel = box.dataset.tabs;
  const tabs = sections.map((section, index) => {
    const tab = document.createElement("button");
    Object.assign(tab, { type: "button", role: "tab", id: `${section.id}-tab`, textContent: section.querySelector("h3").textContent });
    tab.setAttribute("aria-controls", section.id);
    tab.onclick = () => choose(index);
    section.role = "tabpanel";
    section.setAttribute("aria-labelledby", tab.id);
    return tab;
  });
  const choose = (chosen) => sections.forEach((section, index) => {
    section.classList.toggle("chosen", index === chosen);
    tabs[index].ariaSelected = String(index === chosen);
    tabs[index].tabIndex = index === chosen ? 0 : -1;
  });
  list.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length;
    choose(next);
    tabs[next].focus();
  };
  list.append(...tabs);
  box.prepend(list);
  box.classList.add("ready");
  choose(0);
});
