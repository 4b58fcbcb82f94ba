/** Drawings that packages hold in parts, as SVG files. */

/** @param box the view box: "0 0 512 512". @param body what stands inside. */
export const svgFile = (box: string, body: string): Uint8Array =>
  new TextEncoder().encode(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}">${body}</svg>\n`);
