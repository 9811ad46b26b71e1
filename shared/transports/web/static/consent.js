// Holds the yes back until the page has been looked at for a second. Whoever opened it can bring it under a click that
// was meant for a page of theirs, and close that page at the right moment (double-clickjacking). No opener can turn
// scripts off, so without this one the button simply works. Loaded before the page is shown: there is no gap.

{
  const LOOKED_AT = 1000;
  let held = true;
  let timer;

  const hold = (whether) => {
    held = whether;
    document.querySelector("[data-held]")?.setAttribute("aria-disabled", String(whether));
  };
  const look = () => {
    clearTimeout(timer);
    hold(true);
    if (document.visibilityState === "visible" && document.hasFocus()) timer = setTimeout(hold, LOOKED_AT, false);
  };

  for (const change of ["focus", "blur", "pageshow"]) addEventListener(change, look);
  document.addEventListener("visibilitychange", look);
  document.addEventListener("submit", (event) => {
    if (!held || !event.submitter?.matches("[data-held]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  new MutationObserver((_, watch) => {
    if (!document.querySelector("[data-held]")) return;
    watch.disconnect();
    look();
  }).observe(document, { childList: true, subtree: true });
}
