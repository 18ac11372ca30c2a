// What a form would change is said while it is filled in; without this the button beside it says the same.
for (const form of document.querySelectorAll("form[data-live]")) {
  const said = form.querySelector("[role=status]");
  let wait, going;
  form.addEventListener("change", () => {
    clearTimeout(wait);
    wait = setTimeout(async () => {
      if (going) going.abort();
      going = new AbortController();
      const body = new FormData(form);
      body.set("do", "try");
      said.textContent = "正在算会改变多少……";
      try {
        const answer = await fetch(form.dataset.live, { method: "POST", body, headers: { "x-live": "1" }, signal: going.signal });
        said.textContent = answer.ok ? await answer.text() : "没有算成，请用“先看看会改变多少”。";
      } catch (fault) {
        if (fault.name !== "AbortError") said.textContent = "没有算成，请用“先看看会改变多少”。";
      }
    }, 300);
  });
}
