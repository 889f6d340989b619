// A search box that asks while one types. data: { label, placeholder, found: [{ key, title, detail }], text }
// State "text" is what stands in the box; trigger "chosen" is the key of the place that was picked.

const PAUSE_MS = 120;

function option(place, choose) {
  const item = document.createElement("li");
  item.setAttribute("role", "option");
  item.tabIndex = 0;
  const title = document.createElement("span");
  title.textContent = place.title;
  const detail = document.createElement("small");
  detail.textContent = place.detail;
  item.append(title, detail);
  item.onclick = () => choose(place.key);
  item.onkeydown = (event) => {
    if (event.key === "Enter" || event.key === " ") choose(place.key);
    if (event.key === "ArrowDown") item.nextElementSibling?.focus();
    if (event.key === "ArrowUp") item.previousElementSibling?.focus();
  };
  return item;
}

export default function (component) {
  const { data, parentElement: root, setStateValue, setTriggerValue } = component;
  const box = root.querySelector("input");
  const list = root.querySelector("ul");
  root.querySelector("label span").textContent = data.label;
  box.placeholder = data.placeholder;
  box.oninput = () => {
    clearTimeout(box.__pause);
    box.__pause = setTimeout(() => setStateValue("text", box.value), PAUSE_MS);
  };
  box.onkeydown = (event) => {
    if (event.key === "ArrowDown") list.firstElementChild?.focus();
    if (event.key === "Enter") list.firstElementChild?.click();
  };
  list.replaceChildren(...data.found.map((place) => option(place, (key) => setTriggerValue("chosen", key))));
}
