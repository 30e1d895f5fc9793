// Search, and trying operations out. The credential stays in the page's memory: it is stored nowhere.

const credential = document.querySelector("#credential");
const search = document.querySelector("#search");
const found = document.querySelector("#found");

search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const article of document.querySelectorAll("article")) {
    const fits = words.every((word) => article.textContent.toLowerCase().includes(word));
    article.hidden = !fits;
    document.querySelector(`nav a[href="#${article.id}"]`).parentElement.hidden = !fits;
    if (fits) count += 1;
  }
  for (const section of document.querySelectorAll("main section")) {
    section.hidden = !section.querySelector("article:not([hidden])");
  }
  found.textContent = words.length ? `${count} found` : "";
});

for (const form of document.querySelectorAll("form[data-path]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const output = form.querySelector("output");
    output.textContent = "…";
    let path = form.dataset.path;
    const query = new URLSearchParams();
    for (const input of form.querySelectorAll("input")) {
      if (input.dataset.in === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
      else if (input.value) query.set(input.name, input.value);
    }
    const headers = {};
    if (credential.value) headers.Authorization = `Bearer ${credential.value}`;
    const body = form.querySelector("textarea")?.value || undefined;
    if (body) headers["Content-Type"] = form.dataset.type;
    try {
      const reply = await fetch(path + (query.size ? `?${query}` : ""), { method: form.dataset.method, headers, body, credentials: "omit" });
      const text = await reply.text();
      output.textContent = `${reply.status} ${reply.statusText}\n${[...reply.headers].map(([name, value]) => `${name}: ${value}`).join("\n")}\n\n${pretty(text)}`;
    } catch (error) {
      output.textContent = `No answer: ${error.message}`;
    }
  });
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
