/** What is measured of a VAE beside its loss: a tighter bound of the likelihood, and whether its latent axes are in use. */
import type { ImageCodec } from "@atelier/data";
import {
  importanceBound,
  posteriorCollapse,
  type VaeConfiguration,
  vaeEncode,
  vaeImportanceSum,
} from "@atelier/models";
import { bootstrapRatio } from "../../evaluation/metrics/bootstrap.js";
import { figureOf } from "../../evaluation/metrics/measure.js";
import type { FamilyExamination, FamilyFindings } from "../picture-family.js";
import { RowPass } from "../row-pass.js";
import { labelledRows, split } from "./labels.js";

/** Held-out pictures whose likelihood is estimated, and latent vectors drawn for each, so many in a call. */
const PICTURES = 500;
const SAMPLES = 100;
const AT_ONCE = 10;
/** Pictures whose posteriors show which axes are in use. */
const LOOKED_AT = 2000;

export async function examineVae(
  c: VaeConfiguration,
  codec: ImageCodec,
  labelled: boolean,
  { state, on, validation, key, signal, onProgress }: FamilyExamination,
): Promise<FamilyFindings> {
  const first = (count: number) =>
    validation.select(Array.from({ length: Math.min(count, validation.length) }, (_, i) => i));
  const some = first(PICTURES);
  const sum = new RowPass((scope, rows) => {
    const { x, values } = split(rows);
    return { sum: vaeImportanceSum(scope, c, x, AT_ONCE, values) };
  }, on);
  const encode = new RowPass((scope, rows) => {
    const { x, values } = split(rows);
    return { mean: vaeEncode(scope, c, x, values).mean };
  }, on);
  try {
    const sums: Float32Array[] = [];
    for (let drawn = 0; drawn < SAMPLES; drawn += AT_ONCE) {
      const made = await sum.run(state, some.length, labelledRows(some, codec, labelled), {
        signal,
        key: key.split("importance").at(drawn),
      });
      sums.push(made.sum as Float32Array);
      onProgress?.("estimating likelihoods", drawn + AT_ONCE, SAMPLES);
    }
    const nats = importanceBound(sums, SAMPLES).map((bound) => -bound);
    const ones = new Float64Array(nats.length).fill(1);
    const protocol = `importance-weighted bound with ${SAMPLES} samples for each of ${some.length} held-out pictures (Burda et al. 2016)`;
    const bound = bootstrapRatio(nats, ones, key.split("bound"));
    const looked = first(LOOKED_AT);
    const { mean } = await encode.run(state, looked.length, labelledRows(looked, codec, labelled), { signal });
    const { activeUnits, of, collapsed, message } = posteriorCollapse(mean as Float32Array, c.latent);
    return {
      measures: [
        {
          name: "negative log-likelihood",
          unit: "nats per picture",
          ...figureOf(bound),
          samples: bound.samples,
          protocol: `${protocol}; interval: percentile bootstrap over pictures`,
          better: "lower",
        },
        {
          name: "active latent axes",
          value: activeUnits / of,
          unit: "share",
          samples: looked.length,
          protocol: `the share of ${of} axes on which the posterior means of ${looked.length} held-out pictures have a variance above 0.01 (Burda et al. 2016, section 5.2)`,
          better: "higher",
        },
      ],
      warnings: collapsed ? [message] : [],
    };
  } finally {
    await sum.release();
    await encode.release();
  }
}
