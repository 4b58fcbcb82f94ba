/** Colours against those that matplotlib has. */
import { describe, expect, it } from "vitest";
import { heatMap, viridis } from "./heat-map.js";

describe("heat maps", () => {
  it.each([
    [0, [68, 1, 84]],
    [0.25, [59, 82, 139]],
    [0.5, [33, 145, 140]],
    [0.75, [94, 201, 98]],
    [1, [253, 231, 37]],
  ])("has viridis at %f", (at, expected) => {
    viridis(at).forEach((level, c) => {
      expect(Math.abs(level - expected[c]!)).toBeLessThanOrEqual(2);
    });
  });

  it("keeps to its ends, and rises in brightness all the way", () => {
    expect(viridis(-1)).toEqual(viridis(0));
    expect(viridis(7)).toEqual(viridis(1));
    const brightness = Array.from({ length: 101 }, (_, i) => viridis(i / 100)).map(
      ([r, g, b]) => 0.3 * r + 0.59 * g + 0.11 * b,
    );
    expect(brightness.every((level, i) => i === 0 || level > brightness[i - 1]!)).toBe(true);
  });

  it("lays colours over the picture in grey", () => {
    const grey = { width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 200) } as const;
    const { data, channels } = heatMap(grey, [0, 2], 2);
    expect(channels).toBe(3);
    expect([...data]).toEqual([48, 1, 59, 237, 222, 86]); // 0.7 of the colour and 0.3 of the grey
    const red = { width: 1, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0) } as const;
    expect(heatMap(red, [0], 0).data[1]).toBe(24); // 0.3 · 0.299 · 255 and 0.7 · 1
  });
});
