/** A model that is asked in words: it shows what it is asked for, says which words it does not know, and is measured at it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Measure } from "../../evaluation/metrics/measure.js";
import { emit } from "../../output/emit.js";
import { reproduce } from "../../output/reproduce.js";
import { SIZE, tinyClassifier, tinyDiffusion } from "../../pictures/tiny-pictures.test-helpers.js";
import { load } from "../model.js";
import { testHome } from "../tiny-models.test-helpers.js";
import { type GeneratedPictures, generatePictures } from "./generate.js";
import type { GeneratePicturesRequest } from "./request.js";

const home = testHome();
beforeAll(async () => {
  await tinyClassifier({ home });
  await tinyDiffusion({ home, name: "told", captions: true, extractor: "classifier", steps: 240 });
  await tinyDiffusion({ home, name: "mute", steps: 5 });
});

async function drawn(name: string, request: GeneratePicturesRequest): Promise<GeneratedPictures> {
  const model = await load(name, { home, threads: 1 });
  try {
    return await generatePictures(model, request);
  } finally {
    await model.release();
  }
}

/** Whether a picture's brightness differs from row to row rather than from column to column. */
function liesAcross({ data }: GeneratedPictures["pictures"][number]): boolean {
  const spread = (at: (line: number, i: number) => number): number => {
    const sums = Array.from({ length: SIZE }, (_, line) =>
      Array.from({ length: SIZE }, (_, i) => data[at(line, i)]!).reduce((a, b) => a + b, 0),
    );
    return Math.max(...sums) - Math.min(...sums);
  };
  return spread((row, x) => row * SIZE + x) > spread((column, y) => y * SIZE + column);
}

describe("a prompt", () => {
  it("says what pictures show, in words that the captions had, and of several each picture has one in turn", async () => {
    const { pictures, warnings, provenance } = await drawn("told", {
      samples: 16,
      prompt: ["a bar across", "upright line"],
      guidance: 2,
      seed: 3,
    });
    const across = pictures.map(liesAcross);
    expect(across.filter((is, i) => is === (i % 2 === 0)).length).toBeGreaterThanOrEqual(13);
    expect(warnings).toEqual(['The model told does not know "a"; the rest of the prompt stands.']);
    expect(provenance.request).toMatchObject({ prompt: ["a bar across", "upright line"], guidance: 2 });
  });

  it("of several makes one picture each, unless it is said how many", async () => {
    const prompt = ["upright line", "bar across", "bright spot"];
    expect((await drawn("told", { prompt, seed: 3 })).pictures).toHaveLength(3);
    expect((await drawn("told", { prompt: "bright spot", seed: 3 })).pictures).toHaveLength(1);
    await expect(drawn("told", { prompt: [] })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("is kept with the picture, which it makes again", async () => {
    const path = join(home, "across.png");
    const { pictures, provenance } = await drawn("told", { prompt: "bar across", seed: 9 });
    const shown = { place: 0 } as const;
    await emit({ media: "picture", picture: pictures[0]!, shown }, provenance, { to: "file", path });
    expect(await reproduce(path, { home })).toMatchObject({ equal: true });
  });

  it("of which no word is known is refused, with words that are like it", async () => {
    await expect(drawn("told", { prompt: "uprigt" })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: 'The model told knows no word of the prompt "uprigt"',
      hint: expect.stringMatching(/Did you mean upright for uprigt\? It knows 9 words, such as /),
    });
    await expect(drawn("told", { prompt: "" })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await expect(drawn("mute", { prompt: "bar" })).rejects.toMatchObject({
      message: "The model mute cannot be asked in words: it learnt from pictures without captions",
      hint: expect.stringMatching(/model\.captions/),
    });
  });

  it("changes nothing about the noise, and none is whatever the model likes", async () => {
    const seed = 5;
    const [free, zero] = [
      await drawn("told", { seed }),
      await drawn("told", { seed, prompt: "bar down", guidance: 0 }),
    ];
    expect(zero.pictures[0]!.data).toEqual(free.pictures[0]!.data);
    expect((await drawn("told", { seed, prompt: "bar down" })).pictures[0]!.data).not.toEqual(free.pictures[0]!.data);
  });
});

it("is measured by how often a classifier sees what was asked for, beside real pictures and the commonest class", async () => {
  const evidence = JSON.parse(await readFile(join(home, "models", "told", "evidence.json"), "utf8")) as {
    measures: Measure[];
  };
  for (const [part, samples] of [
    ["held-out", 30],
    ["training", 120],
  ] as const) {
    const { value, floor, baseline, ...rest } = evidence.measures.find(
      ({ name }) => name === `class as asked, ${part} captions`,
    )!;
    expect(rest).toMatchObject({ samples, better: "higher" });
    expect(floor!.value).toBeGreaterThan(0.9);
    expect(baseline!.value).toBeLessThan(0.5);
    expect(value).toBeGreaterThan(baseline!.value);
  }
});
