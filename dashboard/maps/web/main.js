// Entry of the component: one map for each place on the page; a static picture where the browser has no WebGL 2.
import {h} from './dom.js';
import {SearchMap} from './search_map.js';

const maps = new WeakMap();

function hasWebGl2() {
  try {
    return Boolean(document.createElement('canvas').getContext('webgl2'));
  } catch {
    return false;
  }
}

const NO_WEBGL = 'This browser has no WebGL 2, which the moving map needs. Turn on hardware acceleration or use a current browser; until then the map is a picture.';

/** The server's picture; it is asked for once. */
function showStatic(place, data) {
  place.classList.add('hb-ready');
  if (!data.fallback && !place.hbAsked) place.hbTell.state('wanted', ['static picture']);
  place.hbAsked = true;
  place.replaceChildren(
    ...(data.fallback ? [h('img', {class: 'hb-fallback', src: data.fallback, alt: data.label})] : []),
    h('p', {class: 'hb-card hb-notice', role: 'status'}, NO_WEBGL),
  );
}

const styles = new WeakMap();

/** The style sheet, loaded: a map that is built without it has no size. */
function styled(root, {assets}) {
  if (!styles.has(root)) styles.set(root, new Promise((resolve) => {
    root.prepend(h('link', {rel: 'stylesheet', href: assets.css, onload: resolve, onerror: resolve}));
  }));
  return styles.get(root);
}

// The map that fills the window outlives the element that it stands in: where a page is drawn anew, the next element
// takes it over as it is, camera and all, instead of starting another one.
const IDLE_MS = 15000;
let stage = null; // {place, module, idle}: the one that fills the window, and a timer once nobody shows it

function canTakeOver(data) {
  return data.height === 'fill' && !data.drawing && stage !== null && stage.module === data.assets.module && maps.has(stage.place);
}

function takeOver(fresh, data) {
  const {place} = stage;
  clearTimeout(stage.idle);
  stage.idle = null;
  fresh.replaceWith(place);
  address(place, data, fresh.hbTell);
  maps.get(place).adopt(data);
  return place;
}

/** Who the map belongs to, and what is on it. */
function address(place, data, tell) {
  place.style.height = typeof data.height === 'number' ? `${data.height}px` : '';
  place.classList.toggle('hb-fill', data.height === 'fill');
  place.setAttribute('aria-label', data.label);
  place.dataset.theme = data.theme;
  place.hbTell = tell;
  place.hbData = data;
}

function discard(place) {
  maps.get(place)?.remove();
  maps.delete(place);
  place.hbStarting = false;
  if (stage?.place === place) stage = null;
}

function start(place) {
  if (!place.isConnected) return;
  const tell = {state: (...each) => place.hbTell.state(...each), trigger: (...each) => place.hbTell.trigger(...each)};
  const map = new SearchMap(place, place.hbData, tell);
  maps.set(place, map);
  place.hbMap = map; // for tests: what is drawn, measured from outside
  if (place.hbData.height === 'fill' && !place.hbData.drawing) stage = {place, module: place.hbData.assets.module, idle: null};
  // On its way to another element it has no size, and MapLibre would take 400 x 300: flights would end beside their target.
  new ResizeObserver(() => { if (maps.has(place) && place.clientWidth) map.map.resize(); }).observe(place);
}

/** Called by Streamlit for every run: the first time for a place on the page, then with new data. */
export function mount({data, parentElement, setStateValue, setTriggerValue}) {
  let place = parentElement.querySelector('.hb-map');
  if (!place) return () => {}; // the element after this one has taken the map over
  address(place, data, {state: setStateValue, trigger: setTriggerValue});
  const map = maps.get(place);
  if (map) map.update(data);
  else if (!hasWebGl2()) styled(parentElement, data).then(() => showStatic(place, place.hbData));
  else if (!place.hbStarting) {
    place.hbStarting = true;
    styled(parentElement, data).then(() => {
      if (place.isConnected && canTakeOver(place.hbData)) place = takeOver(place, place.hbData);
      else start(place);
    });
  }
  return () => {
    if (!maps.has(place) || parentElement.querySelector('.hb-map') !== place) return;
    if (stage?.place === place) stage.idle = setTimeout(() => discard(place), IDLE_MS);
    else discard(place);
  };
}
