/** The dots of a chart, in shapes that are told apart without colours. */

export const MARKERS = ["circle", "square", "triangle", "diamond", "cross", "plus"] as const;
export type Marker = (typeof MARKERS)[number];

/** Looks of up to six series side by side: colour and dashes by CSS class, and a shape. */
export const seriesLooks: readonly { readonly kind: string; readonly marker: Marker }[] = MARKERS.map((marker, i) => ({
  kind: `series-${i + 1}`,
  marker,
}));

/** Outlines around (0, 0), all of about the same area. */
const OUTLINES: Readonly<Record<Exclude<Marker, "circle">, string>> = {
  square: "-3.2,-3.2 3.2,-3.2 3.2,3.2 -3.2,3.2",
  triangle: "0,-4.4 4.2,3.2 -4.2,3.2",
  diamond: "0,-4.8 4.8,0 0,4.8 -4.8,0",
  cross: "-4.2,-2.4 -2.4,-4.2 0,-1.8 2.4,-4.2 4.2,-2.4 1.8,0 4.2,2.4 2.4,4.2 0,1.8 -2.4,4.2 -4.2,2.4 -1.8,0",
  plus: "-1.3,-4.6 1.3,-4.6 1.3,-1.3 4.6,-1.3 4.6,1.3 1.3,1.3 1.3,4.6 -1.3,4.6 -1.3,1.3 -4.6,1.3 -4.6,-1.3 -1.3,-1.3",
};

const round = (value: number): string => String(Math.round(value * 10) / 10);

/** One dot, as SVG. `kind` is its CSS class beside `dot`. */
export function renderMarker(marker: Marker, kind: string, x: number, y: number, size = 1): string {
  if (marker === "circle")
    return `<circle class="dot ${kind}" cx="${round(x)}" cy="${round(y)}" r="${round(3 * size)}"/>`;
  return `<polygon class="dot ${kind}" points="${OUTLINES[marker]}" transform="translate(${round(x)} ${round(y)})${size === 1 ? "" : ` scale(${size})`}"/>`;
}
