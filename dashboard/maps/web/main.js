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

/** The style sheet, loaded: a map that is built without it has no size. */
function styled(root, place, {assets}) {
  place.hbStyled ??= new Promise((resolve) => {
    root.prepend(h('link', {rel: 'stylesheet', href: assets.css, onload: resolve, onerror: resolve}));
  });
  return place.hbStyled;
}

function start(place) {
  if (!place.isConnected) return;
  const tell = {state: (...each) => place.hbTell.state(...each), trigger: (...each) => place.hbTell.trigger(...each)};
  const map = new SearchMap(place, place.hbData, tell);
  maps.set(place, map);
  place.hbMap = map; // for tests: what is drawn, measured from outside
  new ResizeObserver(() => { if (maps.has(place)) map.map.resize(); }).observe(place);
}

/** Called by Streamlit for every run: the first time for a place on the page, then with new data. */
export function mount({data, parentElement, setStateValue, setTriggerValue}) {
  const place = parentElement.querySelector('.hb-map');
  place.style.height = typeof data.height === 'number' ? `${data.height}px` : '';
  place.classList.toggle('hb-fill', data.height === 'fill');
  place.setAttribute('aria-label', data.label);
  place.hbTell = {state: setStateValue, trigger: setTriggerValue};
  place.hbData = data;
  const map = maps.get(place);
  if (map) map.update(data);
  else if (!hasWebGl2()) styled(parentElement, place, data).then(() => showStatic(place, place.hbData));
  else if (!place.hbStarting) {
    place.hbStarting = true;
    styled(parentElement, place, data).then(() => start(place));
  }
  return () => {
    maps.get(place)?.remove();
    maps.delete(place);
    place.hbStarting = false;
  };
}
