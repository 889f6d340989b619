// A flat map to draw on: Leaflet with Geoman's tools, over our own pictures. Asks no other host for anything.
// data: { libraries: [url], styles: [url], base, borders, region, shapes: GeoJSON, dark, view: {latitude, longitude, zoom} }
// Triggers "drawn" with { kind: "polygon", ring: [[latitude, longitude], ...] } or
// { kind: "circle", latitude, longitude, radius_m }; polygons are straight in degrees as it was drawn.

const loaded = (window.__hereaboutsScripts ??= {});

function script(url) {
  return (loaded[url] ??= new Promise((done, failed) => {
    const element = document.createElement("script");
    element.src = url;
    element.onload = done;
    element.onerror = () => {
      delete loaded[url];  // the next draw tries again
      failed(new Error("a part of it did not load; reload the page"));
    };
    document.head.append(element);
  }));
}

function style(root, url) {
  const element = document.createElement("link");
  element.rel = "stylesheet";
  element.href = url;
  root.append(element);
}

function build(root, box, data, send) {
  const L = window.L;
  box.style.background = "#0b1a2b"; // Leaflet's own style comes later than ours and would whiten the poles
  const map = L.map(box, {
    crs: L.CRS.EPSG4326,
    center: [data.view.latitude, data.view.longitude],
    zoom: data.view.zoom,
    minZoom: 0,
    maxZoom: 12,
    zoomSnap: 0.5,
    maxBounds: [[-100, -540], [100, 540]],
    maxBoundsViscosity: 1,
    attributionControl: false,
  });
  for (const shift of [-360, 0, 360]) {
    L.imageOverlay(data.base, [[-90, -180 + shift], [90, 180 + shift]]).addTo(map);
  }
  L.control.scale({ imperial: false }).addTo(map);
  map.pm.addControls({
    position: "topleft",
    drawMarker: false, drawCircleMarker: false, drawPolyline: false, drawText: false,
    editMode: false, dragMode: false, cutPolygon: false, removalMode: false, rotateMode: false,
  });
  map.on("pm:create", ({ layer, shape }) => {
    send(shape === "Circle" ? circle(layer) : polygon(layer));
    layer.remove();
  });
  fetch(data.borders).then((answer) => answer.json()).then((lines) => {
    L.geoJSON(lines, { interactive: false, style: { color: "#ffffff", weight: 0.7, opacity: 0.7 } }).addTo(map);
  });
  new ResizeObserver(() => map.invalidateSize()).observe(box);
  return map;
}

const circle = (layer) => ({
  kind: "circle",
  latitude: layer.getLatLng().lat,
  longitude: layer.getLatLng().lng,
  radius_m: layer.getRadius(),
});

// Straight in degrees, as drawn: longitudes may lie beyond 180 where a shape crosses the date line.
const polygon = (layer) => ({ kind: "polygon", ring: layer.getLatLngs()[0].map((point) => [point.lat, point.lng]) });

function refresh(map, data) {
  const L = window.L;
  map.__changing?.forEach((layer) => layer.remove());
  const added = [];
  for (const shift of [-360, 0, 360]) {
    const bounds = [[-90, -180 + shift], [90, 180 + shift]];
    if (data.region) added.push(L.imageOverlay(data.region, bounds, { opacity: 0.85 }));
  }
  const look = { color: "#ffd166", weight: 2, fillOpacity: 0.12 };
  added.push(L.geoJSON(data.shapes, {
    interactive: false,
    pmIgnore: true,
    style: look,
    pointToLayer: (feature, where) => L.circle(where, { ...look, radius: feature.properties.radius_m, pmIgnore: true }),
  }));
  added.forEach((layer) => layer.addTo(map));
  map.__changing = added;
}

export default function (component) {
  const { data, parentElement: root, setTriggerValue } = component;
  const box = root.querySelector(".draw-map");
  box.__send = (shape) => setTriggerValue("drawn", shape);
  box.__latest = data;
  box.__ready ??= (async () => {
    data.styles.forEach((url) => style(root, url));
    for (const url of data.libraries) await script(url);
    box.__map = build(root, box, data, (shape) => box.__send(shape));
  })().catch((fault) => { box.textContent = `The drawing map could not start: ${fault.message}.`; });
  box.__ready.then(() => box.__map && refresh(box.__map, box.__latest));
}
