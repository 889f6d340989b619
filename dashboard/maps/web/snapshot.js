// The map as a picture at twice its size: markers, title, legend, scale and attribution drawn onto it.

const SCALE = 2;

/** The map's canvas at twice its resolution, once it is drawn. */
async function bigCanvas(map) {
  const before = map.getPixelRatio();
  map.setPixelRatio(SCALE);
  try {
    await new Promise((resolve) => { map.once('idle', resolve); map.triggerRepaint(); });
    return await new Promise((resolve) => {
      map.once('render', () => { // in this very frame the picture is still there to be read
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [map.getCanvas().width, map.getCanvas().height];
        canvas.getContext('2d').drawImage(map.getCanvas(), 0, 0);
        resolve(canvas);
      });
      map.triggerRepaint();
    });
  } finally {
    map.setPixelRatio(before);
  }
}

/** A round number of kilometers and its length in pixels of the page. */
export function scaleBar(kmPerPixel, most = 140) {
  const power = 10 ** Math.floor(Math.log10(kmPerPixel * most));
  const km = [5, 2, 1].map((each) => each * power).find((each) => each <= kmPerPixel * most);
  return {km, pixels: km / kmPerPixel};
}

/**
 * @param {import('maplibre-gl').Map} map
 * @param {{title: string, headline: string, legend: {color: string, text: string}[], markers: object[], attribution: string, space: string, kmPerPixel: number}} what
 * @returns {Promise<HTMLCanvasElement>}
 */
export async function snapshot(map, what) {
  const source = await bigCanvas(map), canvas = document.createElement('canvas'), pen = canvas.getContext('2d');
  [canvas.width, canvas.height] = [source.width, source.height];
  const width = canvas.width / SCALE, height = canvas.height / SCALE;
  pen.fillStyle = what.space;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(source, 0, 0);
  pen.scale(SCALE, SCALE);
  drawMarkers(pen, map, what.markers);
  const lines = [[what.title, '600 16px "Source Sans", sans-serif'], [what.headline, '14px "Source Sans", sans-serif']].filter(([text]) => text);
  drawBox(pen, 16, 16, lines, what.legend);
  drawFoot(pen, width, height, what);
  return canvas;
}

function drawMarkers(pen, map, markers) {
  for (const each of [...markers].reverse()) {
    const at = map.project([each.longitude, each.latitude]), back = map.unproject(at);
    if (Math.abs(back.lat - each.latitude) > 1) continue; // behind the globe
    pen.beginPath();
    pen.arc(at.x, at.y, 12, 0, 2 * Math.PI);
    pen.fillStyle = each.kind === 'claim' ? '#f472b6' : each.chosen ? '#ffbf00' : '#ffffff';
    pen.fill();
    pen.lineWidth = 2;
    pen.strokeStyle = '#0f172a';
    pen.stroke();
    write(pen, each.label, at.x, at.y + 4.5, '700 13px "Source Sans", sans-serif', '#0f172a', 'center');
  }
}

function write(pen, text, x, y, font, color, align = 'left') {
  [pen.font, pen.fillStyle, pen.textAlign] = [font, color, align];
  pen.fillText(text, x, y);
}

function drawBox(pen, x, y, lines, legend) {
  const wide = Math.max(...lines.map(([text, font]) => { pen.font = font; return pen.measureText(text).width; }),
    ...legend.map(({text}) => { pen.font = '13px "Source Sans", sans-serif'; return pen.measureText(text).width + 22; }), 60);
  const tall = 10 + 21 * (lines.length + legend.length) + 4;
  pen.fillStyle = 'rgba(10, 16, 24, 0.82)';
  pen.beginPath();
  pen.roundRect(x, y, wide + 28, tall, 10);
  pen.fill();
  lines.forEach(([text, font], i) => write(pen, text, x + 14, y + 25 + 21 * i, font, '#ffffff'));
  legend.forEach(({color, text}, i) => {
    const top = y + 14 + 21 * (lines.length + i);
    pen.fillStyle = color;
    pen.fillRect(x + 14, top, 13, 13);
    write(pen, text, x + 36, top + 11, '13px "Source Sans", sans-serif', '#e5e7eb');
  });
}

function drawFoot(pen, width, height, {kmPerPixel, attribution}) {
  const {km, pixels} = scaleBar(kmPerPixel);
  pen.fillStyle = 'rgba(10, 16, 24, 0.7)';
  pen.fillRect(0, height - 26, width, 26);
  pen.fillStyle = '#ffffff';
  pen.fillRect(16, height - 11, pixels, 3);
  write(pen, km >= 1 ? `${km.toLocaleString('en-US')} km` : `${1000 * km} m`, 24 + pixels, height - 8, '12px "Source Sans", sans-serif', '#ffffff');
  write(pen, attribution, width - 12, height - 8, '12px "Source Sans", sans-serif', '#d1d5db', 'right');
}
