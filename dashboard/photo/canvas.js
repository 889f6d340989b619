// A photo to point at. The wheel zooms at the pointer, dragging moves or draws, whatever the tool is.
// data: { url, width, height, label, tools: [{ name, title, many }], drawn: { name: [[[x, y], [x, y]], ...] } }
// State "drawn" is what was drawn, by the name of its tool: pairs of points in shares of the photo.
// A tool that is not "many" keeps its last line. Keys: + and - zoom, arrows move, 0 shows all, Backspace takes back.

const MOST_ZOOM = 24;
const LEAST_PIXELS = 4;
const COLOURS = { object: "#00e5ff", shadow: "#ffd400", vertical: "#ff6bd6", mark: "#7CFF6B" };

function fitted(state) {
  const { canvas, data } = state;
  return Math.min(canvas.width / data.width, canvas.height / data.height);
}

function toPhoto(state, x, y) {
  const scale = fitted(state) * state.zoom;
  return [(x - state.left) / scale / state.data.width, (y - state.top) / scale / state.data.height];
}

function toScreen(state, [x, y]) {
  const scale = fitted(state) * state.zoom;
  return [state.left + x * state.data.width * scale, state.top + y * state.data.height * scale];
}

function inside([x, y]) {
  return [Math.min(Math.max(x, 0), 1), Math.min(Math.max(y, 0), 1)];
}

function showAll(state) {
  state.zoom = 1;
  const scale = fitted(state);
  state.left = (state.canvas.width - state.data.width * scale) / 2;
  state.top = (state.canvas.height - state.data.height * scale) / 2;
}

function zoomAt(state, x, y, factor) {
  const zoom = Math.min(Math.max(state.zoom * factor, 1), MOST_ZOOM);
  const change = zoom / state.zoom;
  state.left = x - (x - state.left) * change;
  state.top = y - (y - state.top) * change;
  state.zoom = zoom;
  if (zoom === 1) showAll(state);
}

function line(state, name, [start, end]) {
  const [x0, y0] = toScreen(state, start);
  const [x1, y1] = toScreen(state, end);
  const { paper } = state;
  for (const [colour, width] of [["#000", 5], [COLOURS[name] || "#fff", 2.5]]) {
    paper.strokeStyle = colour;
    paper.lineWidth = width * state.sharp;
    paper.beginPath();
    if (name === "mark") paper.rect(x0, y0, x1 - x0, y1 - y0);
    else { paper.moveTo(x0, y0); paper.lineTo(x1, y1); }
    paper.stroke();
  }
  if (name === "mark") return;
  for (const [x, y, size] of [[x0, y0, 5], [x1, y1, 3.5]]) {
    paper.fillStyle = COLOURS[name] || "#fff";
    paper.beginPath();
    paper.arc(x, y, size * state.sharp, 0, 2 * Math.PI);
    paper.fill();
  }
}

function paint(state) {
  const { paper, canvas, picture, data } = state;
  const scale = fitted(state) * state.zoom;
  paper.clearRect(0, 0, canvas.width, canvas.height);
  if (picture.complete && picture.naturalWidth) {
    paper.drawImage(picture, state.left, state.top, data.width * scale, data.height * scale);
  }
  for (const [name, pairs] of Object.entries(state.drawn)) for (const pair of pairs) line(state, name, pair);
  if (state.pair) line(state, state.tool, state.pair);
}

function resize(state) {
  const box = state.canvas.getBoundingClientRect();
  state.sharp = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(box.width * state.sharp), Math.round(box.height * state.sharp)];
  if (!width || (state.canvas.width === width && state.canvas.height === height)) return;
  state.canvas.width = width;
  state.canvas.height = height;
  showAll(state);
  paint(state);
}

function buttons(state, root) {
  const bar = root.querySelector("[role=toolbar]");
  const choices = [{ name: "move", title: "Move" }, ...state.data.tools];
  bar.replaceChildren(...choices.map(({ name, title }) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = title;
    button.setAttribute("aria-pressed", String(state.tool === name));
    button.style.setProperty("--own", COLOURS[name] || "transparent");
    button.onclick = () => { state.tool = name; buttons(state, root); };
    return button;
  }));
  const back = document.createElement("button");
  back.type = "button";
  back.textContent = "Take back";
  back.onclick = () => takeBack(state);
  const all = document.createElement("button");
  all.type = "button";
  all.textContent = "Show all";
  all.onclick = () => { showAll(state); paint(state); };
  bar.append(back, all);
}

function takeBack(state) {
  const name = state.order.pop();
  if (!name) return;
  state.drawn[name] = (state.drawn[name] || []).slice(0, -1);
  paint(state);
  state.send("drawn", state.drawn);
}

function finish(state) {
  const { pair, tool, data } = state;
  state.pair = null;
  const [a, b] = pair.map((point) => toScreen(state, point));
  if (Math.hypot(a[0] - b[0], a[1] - b[1]) >= LEAST_PIXELS * state.sharp) {
    const many = data.tools.find(({ name }) => name === tool)?.many;
    state.drawn[tool] = many ? [...(state.drawn[tool] || []), pair] : [pair];
    state.order = many ? [...state.order, tool] : [...state.order.filter((name) => name !== tool), tool];
    state.send("drawn", state.drawn);
  }
  paint(state);
}

function startOf(state, point) {
  const object = state.drawn.object?.[0];
  return state.tool === "shadow" && object ? object[0] : inside(point);
}

function listen(state) {
  const { canvas } = state;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * state.sharp, (event.clientY - box.top) * state.sharp];
  };
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomAt(state, ...at(event), Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)));
    paint(state);
  }, { passive: false });
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    state.from = at(event);
    if (state.tool !== "move") {
      const point = toPhoto(state, ...state.from);
      state.pair = [startOf(state, point), inside(point)];
    }
  };
  canvas.onpointermove = (event) => {
    if (!state.from) return;
    const now = at(event);
    if (state.pair) state.pair = [state.pair[0], inside(toPhoto(state, ...now))];
    else {
      state.left += now[0] - state.from[0];
      state.top += now[1] - state.from[1];
      state.from = now;
    }
    paint(state);
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    state.from = null;
    if (state.pair) finish(state);
  };
  canvas.onkeydown = (event) => {
    const step = 40 * state.sharp;
    const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (moves[event.key]) { state.left += moves[event.key][0]; state.top += moves[event.key][1]; }
    else if (event.key === "+" || event.key === "-") {
      zoomAt(state, canvas.width / 2, canvas.height / 2, event.key === "+" ? 1.25 : 0.8);
    } else if (event.key === "0") showAll(state);
    else if (event.key === "Backspace") takeBack(state);
    else return;
    event.preventDefault();
    paint(state);
  };
}

export default function (component) {
  const { data, parentElement: root, setStateValue } = component;
  const canvas = root.querySelector("canvas");
  canvas.setAttribute("aria-label", data.label);
  if (!canvas.__state) {
    canvas.__state = { canvas, paper: canvas.getContext("2d"), tool: "object", zoom: 1, left: 0, top: 0, pair: null, order: [] };
    listen(canvas.__state);
    new ResizeObserver(() => resize(canvas.__state)).observe(canvas);
  }
  const state = canvas.__state;
  state.send = setStateValue;
  const fresh = state.data?.url !== data.url;
  state.data = data;
  if (fresh) {
    state.drawn = structuredClone(data.drawn || {});
    state.order = Object.entries(state.drawn).flatMap(([name, pairs]) => pairs.map(() => name));
    state.picture = new Image();
    state.picture.onload = () => paint(state);
    state.picture.src = data.url;
    state.canvas.width = 0;
  }
  buttons(state, root);
  resize(state);
  paint(state);
}
