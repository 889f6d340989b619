// A picture of the whole Earth in plate carree, poles included; it fades where its pixels become large.
import {GlLayer, makeTexture} from './gl_layer.js';
import {PICTURE} from './shaders.js';

const FADE = [5.2, 7.2], FAINT = 0.3, GONE = [9, 11]; // zooms: whole until the first, then faint, then gone
const WORLD = [-180, -90, 180, 90];

const between = (zoom, [from, to]) => Math.max(0, Math.min(1, (to - zoom) / (to - from)));
const opacityAt = (zoom) => FAINT * between(zoom, GONE) + (1 - FAINT) * between(zoom, FADE);

export class PictureLayer extends GlLayer {
  /** @param {string} id @param {string} url @param {() => void} [shown] called once it is on the map */
  constructor(id, url, shown = () => {}) {
    super(id);
    this.url = url;
    this.shown = shown;
  }

  begin() {
    this.texture = null;
    const {gl, url} = this, image = new Image();
    image.src = url;
    this.loading = image.decode().then(() => {
      if (this.gl !== gl || this.url !== url || gl.isContextLost()) return;
      this.texture = makeTexture(gl, () => {
        gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, image);
        gl.generateMipmap(gl.TEXTURE_2D);
      }, {min: gl.LINEAR_MIPMAP_LINEAR, mag: gl.LINEAR, wrap: gl.REPEAT});
      this.map.triggerRepaint();
      this.shown();
    }, () => this.shown()); // without the picture the land is drawn in one color
  }

  /** Show another picture; the one before stays until it is there. */
  setUrl(url) {
    if (url === this.url) return;
    const before = this.texture;
    this.url = url;
    this.begin();
    this.texture = before;
    this.loading.then(() => { if (before && this.texture !== before) this.gl.deleteTexture(before); });
  }

  onRemove() {
    if (this.texture) this.gl.deleteTexture(this.texture);
    this.texture = null;
    this.gl = null;
  }

  render(gl, args) {
    const opacity = opacityAt(this.map.getZoom());
    if (!this.texture || !opacity) return;
    const u = this.use(args, PICTURE);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.uniform1i(u.u_image, 0);
    gl.uniform1f(u.u_opacity, opacity);
    this.drawBox(args, u, WORLD, 3);
  }
}
