/**
 * How near the pictures of our diffusion model come to those of Fashion-MNIST, against a plain DDPM with as many parameters that PyTorch
 * trained (peers/torch_ddpm_train.py). Both are finished trainings. One program draws from both, by one sampler in as many steps, and one
 * classifier judges both. Ours is drawn as its recipe says, guidance included; the paper's DDPM knows none, so the row is against the peer
 * without, and the note says what guidance like ours makes of it.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { WorkerError } from "../errors.js";
import { ddpmImport, ddpmOf, diffusionEvaluation } from "./commands.js";
import { inFolder } from "./rounds.js";
import type { Row } from "./row.js";
import { describeVersions } from "./step-row.js";
import { runToEnd } from "./training-run.js";

const importSchema = z.object({
  parameters: z.number(),
  steps: z.number(),
  seconds: z.number(),
  versions: z.record(z.string(), z.string()),
});

const FRECHET = "Fréchet distance";
const evaluationSchema = z.object({
  sampling: z.object({ sampler: z.string(), steps: z.number(), guidance: z.number() }),
  measures: z.array(z.looseObject({ name: z.string() })),
});
const frechetSchema = z.object({ value: z.number(), low: z.number(), high: z.number(), samples: z.number() });

const trainedSchema = z.object({
  parameters: z.number(),
  training: z.object({ steps: z.number(), seconds: z.number() }),
});

export const ddpm: Row = {
  name: "ddpm",
  title: "Fréchet distance to Fashion-MNIST, against a DDPM of the same size from PyTorch",
  unit: "",
  bar: 1.0,
  wholeRange: true,
  needs: ["ddpm"],
  measure: (context) =>
    inFolder(async (folder) => {
      const { model } = ddpmOf(context);
      const { parameters, training } = trainedSchema.parse(
        JSON.parse(await readFile(join(model, "model.json"), "utf8")),
      );
      const imported = join(folder, "ddpm");
      const command = ddpmImport(imported, context);
      const run = await runToEnd({ name: "the import", command, schema: importSchema }, context);
      const judged = async (name: string, path: string, guidance?: number) => {
        const evaluation = diffusionEvaluation({ model: path, home: folder, guidance }, context);
        const { measures, sampling } = await runToEnd({ name, command: evaluation, schema: evaluationSchema }, context);
        const found = measures.find((measure) => measure.name === FRECHET);
        if (found === undefined) throw new WorkerError(`${name} came out without a ${FRECHET}.`);
        return { ...frechetSchema.parse(found), ...sampling };
      };
      const ours = await judged("ours", model);
      const peer = await judged("the peer", imported, 1);
      const guided = ours.guidance === 1 ? peer : await judged("the peer, guided", imported);
      const inWords = ({ value, low, high }: typeof ours): string =>
        `${value.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`;
      return {
        ours: ours.value,
        peer: peer.value,
        ratio: ours.value / peer.value,
        range: [ours.low / peer.high, ours.high / peer.low],
        note:
          `ours ${inWords(ours)} after ${training.steps} steps in ${minutes(training.seconds)}, ${parameters} parameters, the peer ` +
          `${inWords(peer)} after ${run.steps} steps in ${minutes(run.seconds)}, ${run.parameters} parameters ` +
          `(${describeVersions(run.versions)}); ${ours.samples} samples each, ${ours.sampler}, ${ours.steps} steps, ` +
          `ours with guidance ${ours.guidance}, with which the peer has ${inWords(guided)}; range: of the intervals' ends`,
      };
    }),
};

const minutes = (seconds: number): string => `${(seconds / 60).toFixed(1)} min`;
