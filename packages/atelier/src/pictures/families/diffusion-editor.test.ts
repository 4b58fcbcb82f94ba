/** Editing of a diffusion model: where it begins, what it keeps, and what it has in common with drawing. */
import { RandomKey } from "@atelier/engine";
import { type DiffusionSamplerName, diffusionConfiguration, diffusionSamplers, diffusionSigmas } from "@atelier/models";
import { beforeAll, describe, expect, it } from "vitest";
import { testHome } from "../../library/tiny-models.test-helpers.js";
import { openModel } from "../../model/load.js";
import type { EditStart, PictureEdit, PictureEditor, PictureGenerator, Values } from "../picture-family.js";
import { CLASSES, SIZE, tinyDiffusion, tinyPicture } from "../tiny-pictures.test-helpers.js";
import { levelsFrom, stretchesOf } from "./diffusion-editor.js";

const home = testHome();
const area = SIZE * SIZE;
const key = RandomKey.fromSeed(5);
const sampling = { sampler: "dpmpp_2m", steps: 8, guidance: 1 };
const [across, down] = [CLASSES.indexOf("across"), CLASSES.indexOf("down")];
let editor: PictureEditor;
let generator: PictureGenerator;
let picture: Values;
beforeAll(async () => {
  await tinyDiffusion({ home, classes: true, steps: 200 });
  const opened = await openModel(home, "diffusion");
  if (opened.medium !== "pictures") throw new Error("a model of pictures was saved");
  const { model, state } = opened;
  editor = model.editor!(state, { threads: 1 });
  generator = model.generator!(state, { threads: 1 });
  picture = model.codec.encode(tinyPicture("across", 99).data);
  return async () => {
    await editor.release();
    await generator.release();
  };
});

const edit = (start: EditStart, more: Partial<PictureEdit> = {}): Promise<Values> =>
  editor.edit({ wishes: [[{ weight: 1, wish: { label: down } }]], start, sampling, ...more }, key);
const noised = (strength: number, more: object = {}): EditStart => ({ kind: "noised", picture, strength, ...more });
const difference = (a: Values, b: Values): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i % b.length]!) ** 2, 0) / a.length);
const apart = (a: Values, b: Values): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe("where it begins", () => {
  const shape = [1, SIZE, SIZE] as const;
  it.each([
    ["log-normal", diffusionConfiguration({ shape })],
    ["cosine", diffusionConfiguration({ shape, noise: { kind: "cosine", steps: 100 } })],
  ])("is the last levels of more, as many as are asked for: %s", (_, c) => {
    expect(levelsFrom(c, 8, 1)).toEqual(diffusionSigmas(c, 8));
    expect(levelsFrom(c, 8, 0.5)).toEqual(diffusionSigmas(c, 16).slice(8));
    expect(levelsFrom(c, 1, 0.25)).toEqual(diffusionSigmas(c, 4).slice(3));
    let before = 0;
    for (const strength of [1e-9, 0.01, 0.1, 0.33, 0.6, 0.99, 1]) {
      const levels = levelsFrom(c, 20, strength);
      expect(levels).toHaveLength(21);
      expect(levels[20]).toBe(0);
      expect(levels.every((level, i) => i === 0 || level < levels[i - 1]!)).toBe(true);
      expect(levels[0]).toBeGreaterThanOrEqual(before);
      before = levels[0]!;
    }
  });

  it("stretches meet at their ends, and are one where nothing is gone twice", () => {
    for (let steps = 1; steps <= 45; steps++) {
      const levels = Float64Array.from({ length: steps + 1 }, (_, i) => steps - i);
      expect(stretchesOf(levels, 1)).toEqual([levels]);
      const stretches = stretchesOf(levels, 3);
      expect(stretches.length).toBeLessThanOrEqual(10);
      expect(stretches.map((stretch) => stretch[0])).toEqual([
        steps,
        ...stretches.slice(0, -1).map((stretch) => stretch.at(-1)),
      ]);
      expect(stretches.flatMap((stretch) => [...stretch.slice(1)])).toEqual([...levels.slice(1)]);
    }
  });
});

describe("from a picture with noise", () => {
  it("strength 0 gives it back, and 1 what is drawn of the same noise alone, nearly", async () => {
    expect(await edit(noised(0))).toEqual(picture);
    const drawn = await generator.generate({ count: 1, label: down }, key);
    expect(apart(await edit({ kind: "noise" }), drawn)).toBe(0);
    // The noise at the start has 160 times the data's deviation.
    expect(difference(await edit(noised(1)), drawn)).toBeLessThan(0.1);
    expect(difference(picture, drawn)).toBeGreaterThan(0.3);
  });

  it("leaves the less of it the stronger it is", async () => {
    const wishes = Array.from({ length: 16 }, () => [{ weight: 1, wish: { label: down } }]);
    const differences: number[] = [];
    for (const strength of [0.05, 0.2, 0.4, 0.8]) {
      differences.push(difference(await edit(noised(strength), { wishes }), picture));
    }
    expect(differences).toEqual(differences.toSorted((a, b) => a - b));
    expect(differences[0]).toBeLessThan(differences[3]! / 3);
  });
});

describe("what is kept", () => {
  const kept = Uint8Array.from({ length: area }, (_, i) => (i % SIZE < SIZE / 2 ? 1 : 0));
  it.each(Object.keys(diffusionSamplers) as DiffusionSamplerName[])(
    "stays, whatever the sampler: %s",
    async (sampler) => {
      for (const rounds of [1, 3]) {
        const made = await edit(noised(1, { kept, rounds }), { sampling: { sampler, steps: 8, guidance: 1 } });
        const off = made.map((value, i) => Math.abs(value - picture[i]!));
        expect(Math.max(...off.filter((_, i) => kept[i] === 1))).toBeLessThan(1e-5);
        expect(Math.max(...off.filter((_, i) => kept[i] === 0))).toBeGreaterThan(0.01);
        expect(Math.max(...made.map(Math.abs))).toBeLessThan(1.5);
      }
    },
  );

  it("is gone on with: of a bar across, the other half is drawn too", async () => {
    // The bright rows of the picture, by what is kept of them.
    const bright = Array.from({ length: SIZE }, (_, y) => picture[y * SIZE]! > 0);
    expect(bright.filter(Boolean)).toHaveLength(2);
    const wishes = Array.from({ length: 32 }, () => [{ weight: 1, wish: { label: across } }]);
    const meanOf = (made: Values, rows: boolean): number => {
      const values = [...made].filter((_, i) => kept[i % area] === 0 && bright[Math.floor((i % area) / SIZE)] === rows);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    const made = await edit(noised(1, { kept, rounds: 4 }), { wishes });
    expect(meanOf(made, true) - meanOf(made, false)).toBeGreaterThan(0.6);
    const drawn = await edit({ kind: "noise" }, { wishes });
    expect(Math.abs(meanOf(drawn, true) - meanOf(drawn, false))).toBeLessThan(0.5);
  });
});

it("a mixture of one is that one, pictures of the same noise differ in what they show alone", async () => {
  const [a, b] = [{ label: across }, { label: down }];
  const wishes = [0, 0.5, 1].map((t) => [
    { weight: 1 - t, wish: a },
    { weight: t, wish: b },
  ]);
  const made = await edit({ kind: "noise" }, { wishes, sameNoise: true });
  for (const [place, label] of [
    [0, across],
    [2, down],
  ] as const) {
    const drawn = await generator.generate({ count: 1, label }, key);
    // Other rows beside it choose another kernel.
    expect(apart(made.slice(place * area, (place + 1) * area), drawn)).toBeLessThan(1e-3);
  }
  expect(difference(made.slice(0, area), made.slice(2 * area))).toBeGreaterThan(0.1);
});

describe("from the noise that a picture is made of", () => {
  const fine = { sampler: "ddim", steps: 60, guidance: 1 };
  const inverted = (shows: object): EditStart => ({ kind: "inverted", picture, strength: 1, shows });

  it("comes back to it under its own description, which noise drawn at random does not", async () => {
    const wishes = [[{ weight: 1, wish: { label: across } }]];
    const back = difference(await edit(inverted({ label: across }), { wishes, sampling: fine }), picture);
    const random = difference(await edit(noised(1), { wishes, sampling: fine }), picture);
    expect(back).toBeLessThan(random / 2);
    const other = difference(await edit(inverted({ label: across }), { sampling: fine }), picture);
    expect(other).toBeGreaterThan(1.5 * back);
  });

  it("draws nothing at random", async () => {
    const once = await edit(inverted({}), { sampling: fine });
    const wishes = [[{ weight: 1, wish: { label: down } }]];
    const start = inverted({});
    expect(await editor.edit({ wishes, start, sampling: fine }, RandomKey.fromSeed(6))).toEqual(once);
  });
});

it("tells how far it is, and stops when told to", async () => {
  const kept = new Uint8Array(area).fill(1, 0, 8);
  for (const [start, total] of [
    [noised(0.5), 8],
    [noised(0.5, { kept, rounds: 3 }), 24],
    [{ kind: "inverted", picture, strength: 0.5, shows: {} }, 7 + 8],
  ] as const) {
    const seen: (readonly [number, number])[] = [];
    const wishes = [[{ weight: 1, wish: {} }]];
    const options = { onProgress: (done: number, of: number) => seen.push([done, of]) };
    await editor.edit({ wishes, start, sampling }, key, options);
    expect(seen).toEqual(Array.from({ length: total }, (_, i) => [i + 1, total]));
    const signal = AbortSignal.abort();
    await expect(editor.edit({ wishes, start, sampling }, key, { signal })).rejects.toThrow("aborted");
  }
});
