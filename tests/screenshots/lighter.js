// A PNG as 256 colours: of each shade the commonest one, so that a small green badge stays green,
// then the commonest of the rest; for the few pixels that have another (edges of letters) the
// nearest of those. Gives width, height, and palette and pixels as base64.
async (png) => {
  const COLOURS = 256;
  const SHADES = 192;
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const { width, height } = picture;
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(picture, 0, 0);
  const pixels = new Uint32Array(canvas.getImageData(0, 0, width, height).data.buffer);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const every = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const shades = new Map();
  for (const [pixel, count] of every) {
    const shade = pixel & 0xf0f0f0;
    if (!shades.has(shade)) shades.set(shade, [pixel, 0]);
    shades.get(shade)[1] += count;
  }
  const first = [...shades.values()].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, SHADES);
  const taken = new Set(first.map(([pixel]) => pixel));
  const common = [...first, ...every.filter(([pixel]) => !taken.has(pixel))].slice(0, COLOURS);
  const palette = common.map(([pixel]) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255]);
  const places = new Map(common.map(([pixel], place) => [pixel, place]));
  const nearest = (pixel) => {
    const wanted = [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
    let best = 0;
    let least = Infinity;
    palette.forEach((colour, place) => {
      const far = colour.reduce((sum, part, index) => sum + (part - wanted[index]) ** 2, 0);
      if (far < least) [best, least] = [place, far];
    });
    places.set(pixel, best);
    return best;
  };
  const chosen = Uint8Array.from(pixels, (pixel) => places.get(pixel) ?? nearest(pixel));
  const text = (values) => {
    let letters = "";
    for (let from = 0; from < values.length; from += 8192) {
      letters += String.fromCharCode(...values.slice(from, from + 8192));
    }
    return btoa(letters);
  };
  return { width, height, palette: text(Uint8Array.from(palette.flat())), pixels: text(chosen) };
}
