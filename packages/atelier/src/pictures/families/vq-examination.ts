/** What is measured of a VQ-VAE beside its loss: how much is lost on the way through the codes, and how many codes are in use. */
import type { ImageCodec } from "@atelier/data";
import { type VqConfiguration, vqCodes, vqDecode, vqEncode } from "@atelier/models";
import { bootstrapRatio } from "../../evaluation/metrics/bootstrap.js";
import { figureOf } from "../../evaluation/metrics/measure.js";
import { meanPicture } from "../loss-baselines.js";
import type { FamilyExamination, FamilyFindings } from "../picture-family.js";
import { RowPass, setRows } from "../row-pass.js";

/** Fewer codes than this share in use: most of the codebook learns nothing. */
const LEAST_USED = 0.1;

export async function examineVq(
  c: VqConfiguration,
  codec: ImageCodec,
  { state, on, train, validation, key, signal, onProgress }: FamilyExamination,
): Promise<FamilyFindings> {
  const pass = new RowPass((scope, { x }) => {
    const codes = vqEncode(scope, c, x!);
    // In [0, 1], as brightness is counted.
    const error = vqDecode(scope, c, codes).sub(x!).mul(0.5).square();
    return { codes, error: error.reshape([x!.shape[0]!, -1]).mean(1) };
  }, on);
  try {
    const { codes, error } = await pass.run(state, validation.length, setRows(validation, codec), {
      signal,
      onProgress: (done, total) => onProgress?.("reconstructing", done, total),
    });
    const rival = meanPicture(train);
    const ones = new Float64Array(error.length).fill(1);
    const interval = (errors: Float64Array) => bootstrapRatio(errors, ones, key.split("error"));
    const [own, theirs] = [interval(Float64Array.from(error)), interval(rival.judge(validation).losses)];
    const { perplexity, used } = usage(codes as Int32Array, vqCodes(c).size);
    return {
      measures: [
        {
          name: "reconstruction error",
          ...figureOf(own),
          samples: own.samples,
          protocol:
            "mean squared difference of values in [0, 1] between held-out pictures and what comes back; interval: percentile bootstrap over pictures",
          better: "lower",
          baseline: { name: rival.name, ...figureOf(theirs) },
        },
        {
          name: "code perplexity",
          value: perplexity,
          unit: "codes",
          samples: validation.length,
          protocol: `e to the entropy of how often the ${vqCodes(c).size} codes are chosen for held-out pictures`,
          better: "higher",
        },
      ],
      warnings:
        used < LEAST_USED * vqCodes(c).size
          ? [
              `only ${used} of ${vqCodes(c).size} codes are in use: fewer would do as well (--set model.codes=${2 * used}), or more may come into use with a higher model.revival`,
            ]
          : [],
    };
  } finally {
    await pass.release();
  }
}

/** How evenly codes are chosen, and how many are at all. */
export function usage(codes: Int32Array, size: number): { readonly perplexity: number; readonly used: number } {
  const counts = new Float64Array(size);
  for (const code of codes) counts[code]!++;
  let entropy = 0;
  for (const count of counts) {
    const share = count / codes.length;
    if (share > 0) entropy -= share * Math.log(share);
  }
  return { perplexity: Math.exp(entropy), used: counts.filter((count) => count > 0).length };
}
