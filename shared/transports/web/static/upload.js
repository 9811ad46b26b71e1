// Sends a file to the address that the server gives for its digest, and follows an import until it has ended.

const form = document.querySelector("form[data-upload]");

async function digest(file) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function announce(file) {
  const said = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") said.append(name, value);
  said.append("file_name", file.name);
  said.append("bytes", file.size);
  said.append("sha256", await digest(file));
  const answer = await fetch(form.action, { method: "POST", body: said }).catch(() => {
    throw new Error("We could not be reached, so the file was not sent. Send it again.");
  });
  if (answer.status === 401) throw new Error("You are not signed in any more. Load the page again.");
  const told = answer.headers.get("content-type")?.startsWith("application/json") ? await answer.json() : null;
  if (!told) throw new Error("The file could not be announced just now. Load the page again, then send it again.");
  if (!answer.ok) throw Object.assign(new Error(`${told.message} ${told.hint ?? ""}`), { field: told.field });
  return told;
}

const put = (upload, file, progressed) => new Promise((resolve, reject) => {
  const request = new XMLHttpRequest(); // fetch does not tell how much was sent
  request.open(upload.method, upload.url);
  for (const [name, value] of Object.entries(upload.headers)) request.setRequestHeader(name, value);
  request.upload.onprogress = (event) => progressed(event.loaded / event.total);
  request.onload = () => (request.status < 300 ? resolve() : reject(new Error(`The file was not taken (status ${request.status}). Send it again.`)));
  request.onerror = () => reject(new Error("The connection broke off. Send the file again: nothing was imported."));
  request.send(file);
});

if (form) {
  const field = form.querySelector("input[type=file]"), button = form.querySelector("button[type=submit]");
  const shown = form.querySelector("[data-progress]"), problem = form.querySelector("[data-problem]");
  const bar = shown.querySelector("progress"), words = shown.querySelector("[role=status]");
  const say = (text) => { if (words.textContent !== text) words.textContent = text; };
  let leaving = false;
  button.disabled = false; // without a script there is nothing to press

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [file] = field.files;
    problem.replaceChildren();
    try {
      if (!file) throw Object.assign(new Error("Choose a file first."), { field: "file" });
      if (file.size > form.dataset.largest) throw Object.assign(new Error("The file is too large for a browser. Send it from a terminal, as below."), { field: "file" });
      button.disabled = true;
      shown.hidden = false;
      bar.removeAttribute("value");
      say("Reading the file…");
      const told = await announce(file);
      if (told.upload) {
        say("Sending…");
        await put(told.upload, file, (part) => { bar.value = 100 * part; });
      }
      leaving = true;
      location.assign(told.next);
    } catch (error) {
      const told = document.createElement("p");
      told.className = "error";
      told.textContent = error.message;
      problem.replaceChildren(told);
      shown.hidden = true;
      const at = document.getElementById(error.field ?? "") ?? field;
      if (at.closest("details")) at.closest("details").open = true;
      at.focus();
    } finally {
      button.disabled = leaving;
    }
  });
  addEventListener("pageshow", () => { button.disabled = false; shown.hidden = true; leaving = false; });
}

// An import is looked at every few seconds, until its page says no more that it is on its way.
async function look() {
  try {
    const answer = await fetch(location.href);
    if (answer.redirected) { location.reload(); return; }
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const before = document.querySelector("[data-follow]").dataset.follow, after = page.querySelector("[data-follow]");
      if (!after) { location.reload(); return; }
      document.querySelector("[data-follow]").replaceWith(after);
      if (after.dataset.follow !== before) document.querySelector("[data-live]").textContent = after.dataset.follow;
    }
  } catch { /* no connection just now: the next look may have one */ }
  setTimeout(look, 3000);
}
if (document.querySelector("[data-follow]")) setTimeout(look, 2000);
