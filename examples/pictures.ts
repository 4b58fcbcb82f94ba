/** Pictures in hand: a VAE that knows two classes, what it draws, the way between two of its pictures, and which picture is odd. */
import { anomalies, emit, framesFor, generatePictures, interpolate, load, train } from "@atelier/atelier";

const home = ".atelier";
const size = 8;
/** A bright bar on a dark ground, across or down. */
function bar(label: "across" | "down", at: number) {
  const data = new Uint8Array(size * size).fill(20);
  for (let i = 0; i < size; i++) data[label === "across" ? at * size + i : i * size + at] = 230;
  return { picture: { width: size, height: size, channels: 1 as const, data }, label };
}
const bars = Array.from({ length: 240 }, (_, i) => bar(i % 2 === 0 ? "across" : "down", (i >> 1) % size));

const { run, evidence } = await train(
  {
    data: "bars",
    family: "vae",
    model: { latent: 4, network: { kind: "mlp", hidden: [64] }, likelihood: "bernoulli", classes: 0.1 },
    training: { steps: 240, batch: 32, evaluateEvery: 240 },
    evaluation: { samples: 64 },
  },
  { home, data: { name: "bars", pictures: bars } },
);
console.log(evidence?.verdict?.summary);

const model = await load(run, { home });
const { pictures, provenance } = await generatePictures(model, { samples: 4, class: "down", seed: 1 });
await emit({ media: "picture", picture: pictures[0]!, shown: { place: 0 } }, provenance, {
  to: "file",
  path: "bar.png",
});
const between = await interpolate(model, { seeds: [1, 2], frames: 8 });
await emit(await framesFor(between.frames, "between.gif"), between.provenance, { to: "file", path: "between.gif" });

const blank = { width: size, height: size, channels: 1 as const, data: new Uint8Array(size * size).fill(230) };
const odd = { name: "one is odd", pictures: [bar("down", 3), bar("across", 5), { picture: blank, name: "blank" }] };
const { ranked } = await anomalies(model, { data: odd });
console.log(`the oddest picture is ${ranked[0]?.name}`);
await model.release();
