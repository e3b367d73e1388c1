// What is typed is kept at the portal as a draft every 20 seconds, and when the
// page is left for another one, so that a tab that dies loses next to nothing.
const kept = document.getElementById("kept");
const differs = (field) => field.name && (field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
  : field.defaultValue !== undefined && field.type !== "hidden" && field.value !== field.defaultValue);
let edits = "unkept" in form.dataset || [...form.elements].some(differs) ? 1 : 0;
let stored = 0; // how many of the edits are kept
let keeping = null, leaving = false, waiting = false, going = false;

const troubles = {
  401: "Not kept: you were signed out. Sign in again in another tab; your text is still here.",
  403: "Not kept: you may not publish any more. Your text is still here; copy it.",
  404: "Not kept: somebody has erased it. Your text is still here; copy it.",
  409: "Not kept: somebody else is signed in here now. Your text is still here; copy it.",
  413: "Not kept: the text is too long. Make it shorter.",
};

const keepNow = async () => {
  const count = edits;
  try {
    const { status, told } = await ask([...filled().filter(([name]) => name !== "do"), ["do", "keep"]], AbortSignal.timeout(15000));
    if (status !== 200 || !told.draft) {
      kept.textContent = told.error && status === 422 ? told.error : troubles[status] || "Not kept: the portal does not answer. Your text is still here.";
      return;
    }
    form.elements.draft.value = told.draft;
    form.elements.draft_turn.value = told.turn;
    history.replaceState(null, "", form.getAttribute("action") + "?draft=" + told.draft); // to be found by a reload
    stored = count;
    kept.textContent = "Kept at " + told.at + ".";
  } catch {
    kept.textContent = "Not kept: the portal does not answer. Your text is still here.";
  }
};
const keep = () => {
  if (!keeping && !leaving && edits !== stored) keeping = keepNow().finally(() => keeping = null);
  return keeping;
};

if (kept) {
  form.addEventListener("input", (e) => {
    if (e.target.name) edits++;
  });
  setInterval(keep, 20000);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") keep();
  });
  addEventListener("beforeunload", (e) => {
    if (edits !== stored && !leaving) e.preventDefault();
  });
  // A form that is sent waits for a draft on its way, or the draft would come
  // after what is saved; another form of the page waits until the text is kept.
  document.addEventListener("submit", async (e) => {
    const own = e.target === form;
    if (going || !keeping && !waiting && !leaving && (own || edits === stored)) {
      leaving = own;
      if (own) setTimeout(() => leaving = false, 10000); // it may not have come through
      return;
    }
    e.preventDefault();
    if (waiting || leaving) return; // pressed twice
    waiting = true;
    await Promise.race([own ? keeping : keeping || keep(), new Promise((done) => setTimeout(done, 5000))]);
    waiting = false;
    going = true;
    e.target.requestSubmit(e.submitter);
    going = false;
  });
}
