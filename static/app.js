// The portal works without this file. It keeps a signed-in page from being
// shown again by the browser's Back button after the person has signed out:
// such a page is blanked while it is kept, and asked for anew when it returns.
// It also copies an address at a button's press, and closes the menu of a narrow
// window by Escape.
(() => {
  "use strict";
  const menu = document.querySelector(".fold");
  addEventListener("keydown", (e) => {
    if (e.key !== "Escape" || !menu?.open || e.target.value) return; // in a search Escape empties it first
    menu.open = false;
    menu.firstElementChild.focus();
  });
  const root = document.documentElement;
  if (!root.hasAttribute("data-private")) return;
  // Tells the portal that this script runs, so that public pages may be kept.
  const [prefix, secure] = location.protocol === "https:" ? ["__Host-", "; Secure"] : ["", ""];
  document.cookie = prefix + "c1_script=1; Path=/; Max-Age=3600; SameSite=Lax" + secure;
  addEventListener("pagehide", (e) => {
    if (e.persisted) root.hidden = true;
  });
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) break;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      field.select();
      await navigator.clipboard.writeText(field.value);
      document.querySelector("[data-copied]").textContent = "Copied.";
    });
  }
  addEventListener("pageshow", (e) => {
    if (e.persisted) location.reload();
  });
})();
