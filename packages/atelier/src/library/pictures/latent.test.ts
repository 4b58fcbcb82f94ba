/** What is done with trained picture models beside drawing: against what the same models draw and give back, and by brute force. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePicture, type GivenPicture, type Picture } from "@atelier/data";
import { beforeAll, describe, expect, it } from "vitest";
import { emit } from "../../output/emit.js";
import { reproduce } from "../../output/reproduce.js";
import {
  SIZE,
  tinyClassifier,
  tinyPicture,
  tinyPictures,
  tinyVae,
  tinyVq,
} from "../../pictures/tiny-pictures.test-helpers.js";
import { train } from "../../training/train.js";
import { load, type Model } from "../model.js";
import { testHome } from "../tiny-models.test-helpers.js";
import { anomalies } from "./anomalies.js";
import { type Attribute, attributes } from "./attributes.js";
import { generatePictures } from "./generate.js";
import { interpolate, latentOfSeed } from "./interpolate.js";
import { gridOver, latentMap } from "./latent-map.js";
import { framesFor, pairsOf, stripOf } from "./layouts.js";
import { reconstruct, reconstructionPairs, squaredError } from "./reconstruct.js";
import { walk } from "./walk.js";

const home = testHome();
const files = join(home, "files");
const file = (name: string): string => join(files, `${name}.png`);
/** What the tiny models are trained on. */
const own = { name: "tiny", pictures: tinyPictures(50) };

let vae: Model;
let vq: Model;
let classifier: Model;
let withoutSpots: Model;
beforeAll(async () => {
  mkdirSync(files);
  for (const of of ["across", "down"] as const) writeFileSync(file(of), await encodePicture(tinyPicture(of, 99)));
  writeFileSync(join(files, "broken.png"), "no picture");
  await tinyVae({ home, steps: 150 });
  await tinyVq({ home, steps: 5 });
  await tinyClassifier({ home, steps: 2 });
  const network = { kind: "mlp", hidden: [32] };
  const optimiser = { kind: "adamw", learningRate: 0.01 };
  const recipe = {
    data: "tiny",
    family: "vae",
    exclude: ["spot"],
    model: { latent: 2, network, likelihood: "gaussian" },
    training: { steps: 150, batch: 32, optimiser },
    evaluation: { samples: 64 },
  };
  await train(recipe, { home, name: "without", threads: 1, data: own });
  const open = (name: string): Promise<Model> => load(name, { home, threads: 1 });
  [vae, vq, classifier, withoutSpots] = await Promise.all([
    open("vae"),
    open("vq"),
    open("classifier"),
    open("without"),
  ]);
  return async () => {
    for (const model of [vae, vq, classifier, withoutSpots]) await model.release();
  };
});

const drawn = async (seed: number): Promise<Picture> => (await generatePictures(vae, { seed })).pictures[0]!;
/** The same but for the last bit of a float: other rows beside it choose another kernel. */
const nearly = (a: Picture, b: Picture): boolean => a.data.every((level, i) => Math.abs(level - b.data[i]!) <= 1);

describe("reconstruct", () => {
  it("gives back what it was shown, with the error of each by its definition", async () => {
    const { rows, skipped } = await reconstruct(vae, [file("across"), file("down"), join(files, "broken.png")]);
    expect(rows.map(({ name }) => name)).toEqual(["across.png", "down.png"]);
    expect(skipped).toEqual([{ file: "broken.png", reason: expect.any(String) }]);
    for (const { picture, returned, meanSquaredError, peakSignalToNoise } of rows) {
      const errors = [...picture.data].map((level, i) => (level / 255 - returned.data[i]! / 255) ** 2);
      expect(meanSquaredError).toBeCloseTo(errors.reduce((sum, x) => sum + x, 0) / SIZE ** 2, 12);
      expect(10 ** (-peakSignalToNoise! / 10)).toBeCloseTo(meanSquaredError, 12);
      expect(meanSquaredError).toBeLessThan(squaredError(picture, { ...picture, data: picture.data.map(() => 70) }));
    }
    expect(rows[0]!.picture).toEqual(tinyPicture("across", 99));
  });

  it("works by codes too, and refuses what gives nothing back", async () => {
    expect((await reconstruct(vq, file("across"))).rows).toHaveLength(1);
    await expect(reconstruct(classifier, file("across"))).rejects.toMatchObject({ code: "NOT_ABLE" });
  });
});

describe("interpolate", () => {
  it("ends at the pictures that the two seeds draw", async () => {
    const { frames } = await interpolate(vae, { seeds: [3, 7], frames: 5 });
    expect(frames).toHaveLength(5);
    expect(nearly(frames[0]!, await drawn(3))).toBe(true);
    expect(nearly(frames[4]!, await drawn(7))).toBe(true);
    expect(nearly(frames[2]!, await drawn(3))).toBe(false);
  });

  it("ends at what comes back of two pictures", async () => {
    const ends = [file("across"), file("down")];
    const { frames } = await interpolate(vae, { pictures: ends });
    const { rows } = await reconstruct(vae, ends);
    expect(frames).toHaveLength(16);
    expect([frames[0]!, frames[15]!].map((frame, i) => nearly(frame, rows[i]!.returned))).toEqual([true, true]);
  });

  it("refuses what has no latent vectors, and all but two ends", async () => {
    await expect(interpolate(vq, { seeds: [1, 2] })).rejects.toMatchObject({ code: "NO_LATENT_VECTORS" });
    await expect(interpolate(vae, {})).rejects.toThrow("between two pictures or two seeds");
    await expect(interpolate(vae, { pictures: [file("across")] })).rejects.toThrow(
      "2 pictures are wanted here, and 1 could be read",
    );
    await expect(interpolate(vae, { seeds: [1, 2], frames: 1 })).rejects.toThrow("frames");
    await expect(interpolate(vae, { seeds: [1, 2], class: "spot" })).rejects.toThrow("class");
  });
});

describe("walk", () => {
  it("meets the picture of its seed where the axis has that picture's own value", async () => {
    const place = latentOfSeed(7, 4)[2]!;
    const { frames } = await walk(vae, { axis: 3, seed: 7, reach: Math.abs(place), frames: 2 });
    expect(nearly(frames[place > 0 ? 1 : 0]!, await drawn(7))).toBe(true);
    expect(nearly(frames[place > 0 ? 0 : 1]!, await drawn(7))).toBe(false);
  });

  it("adds the difference of two classes' mean latent vectors to a picture's own", async () => {
    const request = { from: "across", to: "down", data: own };
    const { frames, words } = await walk(vae, { ...request, picture: file("across"), reach: 2, frames: 3 });
    const { rows } = await reconstruct(vae, [file("across")]);
    expect(words).toBe(
      "from across to down, by 2 times the difference of their means in tiny, beginning at across.png",
    );
    expect(nearly(frames[0]!, rows[0]!.returned)).toBe(true);
    const [{ vector }] = (await attributes(vae, request)) as [Attribute];
    const coder = vae.pictureTool("coder");
    const { codec } = vae.pictures.model;
    const start = await coder.encode(codec.encode(rows[0]!.picture.data));
    const end = codec.decode(await coder.decode(start.map((x, k) => x + 2 * vector[k]!)));
    expect(nearly(frames[2]!, end[0]!)).toBe(true);
    expect(nearly(frames[2]!, frames[1]!)).toBe(false);
  });

  it("refuses axes and classes that are not there", async () => {
    await expect(walk(vae, { axis: 5 })).rejects.toMatchObject({
      message: "There is no axis 5",
      hint: "Axes have the numbers 1 to 4.",
    });
    await expect(walk(vae, { axis: 1, to: "down" })).rejects.toThrow("along an axis, or towards a class");
    await expect(walk(vae, { to: "downs", data: own })).rejects.toMatchObject({
      hint: expect.stringContaining('Did you mean "down"?'),
    });
  });
});

describe("attributes", () => {
  it("lists directions by how well they tell held-out pictures apart", async () => {
    const found = await attributes(vae, { data: own });
    expect(found.map(({ to }) => to).sort()).toEqual(["across", "down", "spot"]);
    const areas = found.map(({ separation }) => separation.value);
    expect(areas).toEqual(areas.toSorted((a, b) => b - a));
    expect(Math.max(...areas)).toBeGreaterThan(0.8);
    const [one] = await attributes(vae, { data: own, from: "across", to: "down" });
    expect(one!.separation.value).toBeGreaterThan(0.9);
    expect(one!.separation.samples).toBeLessThan(30); // of the held-out 30 the two classes
  });
});

describe("latent-map", () => {
  it("lies at the quantiles of the normal distribution", () => {
    const grid = gridOver({ centre: [1, 10], right: [2, 0], up: [0, 5] }, 4);
    const outer = 1.1503493804; // Φ⁻¹(7/8)
    expect(grid).toHaveLength(16);
    expect([...grid[0]!]).toEqual([expect.closeTo(1 - 2 * outer, 6), expect.closeTo(10 + 5 * outer, 6)]); // top left
    expect([...grid[15]!]).toEqual([expect.closeTo(1 + 2 * outer, 6), expect.closeTo(10 - 5 * outer, 6)]); // bottom right
    // A linear decoder makes of it what lies evenly between its corners.
    const decoded = grid.map(([x, y]) => 3 * x! - y!);
    expect(decoded[0]! + decoded[15]!).toBeCloseTo(decoded[3]! + decoded[12]!, 6);
  });

  it("is all of two axes, and of more the plane of the two along which pictures differ most", async () => {
    const all = await latentMap(withoutSpots, { columns: 3 });
    expect([all.pictures.length, all.share]).toEqual([9, undefined]);
    const plane = await latentMap(vae, { columns: 3, data: own });
    expect(plane.share).toBeGreaterThan(0.5); // two of four axes, and the best two
    expect(plane.share).toBeLessThanOrEqual(1);
    await expect(latentMap(vae, { columns: 1, data: own })).rejects.toThrow("columns");
  });
});

describe("anomalies", () => {
  it("ranks only what a model did not learn from, and measures as brute force does", async () => {
    const found = await anomalies(withoutSpots, { data: own, anomalous: ["spot"] });
    expect(found.words).toBe("the pictures of tiny that without did not learn from");
    // A tenth of 100 bars is held out, and all 50 spots were left out.
    expect(found.ranked).toHaveLength(60);
    expect(found.ranked.filter(({ class: name }) => name === "spot")).toHaveLength(50);
    const [likelihood, reconstruction] = found.measures;
    expect(likelihood!.value).toBeCloseTo(
      separation(found.ranked.map(({ nats, ...rest }) => ({ ...rest, by: nats! }))),
      10,
    );
    expect(reconstruction!.value).toBeCloseTo(
      separation(found.ranked.map((each) => ({ ...each, by: each.error }))),
      10,
    );
    expect(reconstruction!.value).toBeGreaterThan(0.7);
    expect(likelihood!.baseline!.name).toBe("distance to the nearest of 90 training pictures");
    const learnt = new Set(found.ranked.map(({ name }) => name));
    const seen = own.pictures.filter(({ name, label }) => label !== "spot" && !learnt.has(name!));
    expect(seen).toHaveLength(90);
    const near = found.ranked.map(({ name, class: of }) => {
      const picture = pictureNamed(name);
      return { class: of, by: Math.min(...seen.map((other) => squaredError(picture, other.picture as Picture))) };
    });
    expect(likelihood!.baseline!.value).toBeCloseTo(separation(near), 10);
  });

  it("shows the oddest first, each pixel's part in its error on one scale", async () => {
    const data = {
      pictures: [...own.pictures.slice(0, 5), { picture: inverted(tinyPicture("spot", 1)), name: "inverted" }],
    };
    const { ranked, shown, score, words, measures } = await anomalies(vae, { data, score: "reconstruction", count: 2 });
    expect([score, words, measures]).toEqual(["reconstruction", "all pictures of pictures", []]);
    expect(ranked.map(({ name }) => name)).toHaveLength(6);
    expect([shown.length, shown[0]!.name]).toEqual([2, "inverted"]);
    const { rows } = await reconstruct(vae, { pictures: [{ picture: shown[0]!.picture }] });
    expect(shown[0]!.error).toBeCloseTo(rows[0]!.meanSquaredError, 3);
    expect(shown[0]!.map.reduce((sum, x) => sum + x, 0) / SIZE ** 2).toBeCloseTo(shown[0]!.error, 6);
    expect(shown[0]!.heat).toMatchObject({ width: SIZE, height: SIZE, channels: 3 });
  });

  it("of codes go by what comes back, and have no likelihood", async () => {
    const { score, ranked } = await anomalies(vq, { data: own });
    expect([score, ranked[0]!.nats]).toEqual(["reconstruction", undefined]);
    await expect(anomalies(vq, { data: own, score: "likelihood" })).rejects.toMatchObject({ code: "NOT_ABLE" });
    await expect(anomalies(vae, { data: own, anomalous: ["across", "down", "spot"] })).rejects.toThrow(
      "30 of 30 pictures are anomalies",
    );
  });
});

/** The share of pairs in which the anomaly scores higher. */
function separation(scored: readonly { readonly class: string | undefined; readonly by: number }[]): number {
  const [odd, ordinary] = [true, false].map((kind) => scored.filter((each) => (each.class === "spot") === kind));
  const wins = odd!.flatMap((a) => ordinary!.map((b) => (a.by > b.by ? 1 : a.by === b.by ? 0.5 : 0)));
  return wins.reduce<number>((sum, x) => sum + x, 0) / wins.length;
}

const pictureNamed = (name: string): Picture =>
  own.pictures.find((given: GivenPicture) => given.name === name)!.picture as Picture;
const inverted = (picture: Picture): Picture => ({ ...picture, data: picture.data.map((level) => 255 - level) });

describe("files", () => {
  it("go there and back as animations, and are made again from the pictures beside them", async () => {
    const { frames, provenance } = await interpolate(vae, { pictures: [file("across"), file("down")], frames: 4 });
    const moving = await framesFor(frames, "x.GIF");
    expect(moving).toMatchObject({ media: "animation", frames: { length: 6 } });
    const path = join(files, "between.webp");
    await emit(await framesFor(frames, path), provenance, { to: "file", path });
    expect(await reproduce(path, { home })).toMatchObject({ equal: true, edited: false });
    const strip = join(files, "strip.png");
    await emit(await stripOf(frames), provenance, { to: "file", path: strip });
    expect((await reproduce(strip, { home })).equal).toBe(true);
  });

  it("are not made again from other pictures", async () => {
    const copy = file("copy");
    writeFileSync(copy, await encodePicture(tinyPicture("spot", 3)));
    const { rows, provenance } = await reconstruct(vae, copy);
    const path = join(files, "pairs.png");
    await emit(await pairsOf(reconstructionPairs(rows)), provenance, { to: "file", path });
    expect((await reproduce(path, { home })).equal).toBe(true);
    writeFileSync(copy, await encodePicture(tinyPicture("spot", 4)));
    await expect(reproduce(path, { home })).rejects.toMatchObject({
      code: "INPUT_GONE",
      message: expect.stringContaining("has changed"),
    });
    rmSync(copy);
    await expect(reproduce(path, { home })).rejects.toThrow("The picture copy.png that it was made of is not there");
  });
});
