/**
 * A pretrained network from an ONNX file as a feature extractor. What it wants of its input stands beside it, in `FILE.onnx.json`, since the
 * file itself does not say: size, channels, and how values are scaled.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { ImageCodec, imageSettingsSchema } from "@atelier/data";
import { ArgumentError, currentRuntime, FormatError, hostTensor } from "@atelier/engine";
import { z } from "zod";
import type { Placement } from "../families/text-family.js";
import { NotFoundError, readJson } from "../storage/index.js";
import { type Extractor, resizeOf } from "./extractor.js";
import { inBatches } from "./in-batches.js";
import { asPixels } from "./pixel-features.js";

const aboutSchema = z.strictObject({
  /** What it is and where it comes from, for whoever reads the figures. */
  description: z.string().min(1),
  /** Names in the file. The output is (N, features); of more axes, the mean over all behind the second is taken. */
  input: z.string().min(1),
  output: z.string().min(1),
  size: imageSettingsSchema.shape.size,
  channels: z.union([z.literal(1), z.literal(3)]).default(3),
  filter: imageSettingsSchema.shape.filter,
  /** The input is (value in [0, 1] − mean) / deviation, for every channel. */
  mean: z.array(z.number()).default([0.485, 0.456, 0.406]),
  deviation: z.array(z.number().positive()).default([0.229, 0.224, 0.225]),
  /** Pictures in a call: fixed in many files. */
  batch: z.int().min(1).max(256).default(1),
});

/** @throws {NotFoundError} for a missing file. @throws {FormatError} for a description or a network that does not fit */
export async function openOnnxExtractor(path: string, form: ImageCodec, on: Placement): Promise<Extractor> {
  const file = await readFile(path).catch((cause: unknown) => {
    throw new NotFoundError(`The extractor ${path} cannot be read`, { cause, hint: "Check the path." });
  });
  const beside = `${path}.json`;
  const about = await readJson(beside, aboutSchema);
  const { channels, mean, deviation, size, filter, input, output } = about;
  if (mean.length !== channels || deviation.length !== channels) {
    throw new FormatError(`${beside}: mean and deviation need ${channels} numbers each, one a channel`, {
      hint: "Give as many as the network's input has channels.",
    });
  }
  const codec = new ImageCodec({ size, channels, filter, fit: "fill" });
  const session = await (await currentRuntime()).createSession(file, {
    device: on.device ?? "cpu",
    threads: on.threads,
  });
  const hash = createHash("sha256").update(file).digest("hex").slice(0, 12);
  const [, height, width] = codec.spec.shape;
  return {
    description: `${about.description} (${basename(path)}, sha256 ${hash}), output ${output}`,
    resize: resizeOf(codec, form).words,
    classes: [],
    async extract(pictures, options) {
      const values = await asPixels(pictures, codec);
      const area = height * width;
      const scaled = values.map((value, i) => {
        const channel = Math.floor(i / area) % channels;
        return ((value + 1) / 2 - mean[channel]!) / deviation[channel]!;
      });
      let features = new Float32Array(0);
      let each = 0;
      await inBatches(
        pictures.length,
        async ({ indices, from, count }) => {
          const x = new Float32Array(about.batch * channels * area);
          indices.forEach((index, i) => {
            x.set(scaled.subarray(index * channels * area, (index + 1) * channels * area), i * channels * area);
          });
          const made = await session.run({ [input]: hostTensor(x, [about.batch, channels, height, width]) });
          const found = made[output];
          if (found === undefined || !(found.data instanceof Float32Array) || found.shape[0] !== about.batch) {
            throw new ArgumentError(`${path} has no output "${output}" with a row a picture`, {
              hint: `Its outputs are: ${Object.keys(made).join(", ")}. Name one of them in ${beside}.`,
            });
          }
          const rows = pooled(found.data, found.shape);
          if (features.length === 0) {
            each = rows.length / about.batch;
            features = new Float32Array(pictures.length * each);
          }
          features.set(rows.subarray(0, count * each), from * each);
        },
        options,
        about.batch,
      );
      return { features, width: each };
    },
    release: () => session.release(),
  };
}

/** (N, F, …) → (N, F), the mean over what stands behind. */
function pooled(data: Float32Array, [rows = 1, width = 1, ...rest]: readonly number[]): Float32Array {
  const inner = rest.reduce((product, n) => product * n, 1);
  if (inner === 1) return data;
  return Float32Array.from({ length: rows * width }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < inner; j++) sum += data[i * inner + j]!;
    return sum / inner;
  });
}
