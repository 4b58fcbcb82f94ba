/** Pictures from words: a diffusion model learns bars and their captions, draws what is asked for, and draws a part of a picture anew. */
import { editImage, emit, generatePictures, inpaint, load, train } from "@atelier/atelier";

const home = ".atelier";
const size = 8;
/** A bright bar on a dark ground, across or down. */
function bar(caption: "a bar across" | "an upright line", at: number) {
  const data = new Uint8Array(size * size).fill(20);
  for (let i = 0; i < size; i++) data[caption === "a bar across" ? at * size + i : i * size + at] = 230;
  return { picture: { width: size, height: size, channels: 1 as const, data }, caption };
}
const bars = Array.from({ length: 240 }, (_, i) =>
  bar(i % 2 === 0 ? "a bar across" : "an upright line", (i >> 1) % size),
);

const { run } = await train(
  {
    data: "bars",
    family: "diffusion",
    model: { backbone: { kind: "unet", channels: 16, multipliers: [1] }, captions: {} },
    training: {
      steps: 160,
      batch: 32,
      optimiser: { kind: "adamw", learningRate: 0.01 },
      averageDecay: 0.9,
      evaluateEvery: 160,
    },
    evaluation: { samples: 64, steps: 8, guidance: 2 },
  },
  { home, data: { name: "bars", pictures: bars } },
);

const model = await load(run, { home });
const { pictures, warnings, provenance } = await generatePictures(model, { prompt: "one upright line", seed: 1 });
console.log(warnings.join("\n")); // "one" stood in no caption
const drawn = pictures[0]!;
await emit({ media: "picture", picture: drawn, shown: { place: 0 } }, provenance, { to: "file", path: "line.png" });

// The same picture, drawn anew out of itself; and with its right half drawn anew.
const across = await editImage(model, "line.png", { prompt: "a bar across", strength: 0.7, seed: 2 });
const right = Uint8Array.from({ length: size * size }, (_, i) => (i % size >= size / 2 ? 255 : 0));
const mask = {
  pictures: [{ picture: { width: size, height: size, channels: 1 as const, data: right } }],
  name: "mask",
};
const half = await inpaint(model, "line.png", mask, { prompt: "an upright line", samples: 2, seed: 3 });
console.log(`${across.pictures.length + half.pictures.length} edited pictures, each with its provenance`);
await model.release();
