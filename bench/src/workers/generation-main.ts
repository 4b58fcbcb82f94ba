/**
 * Our worker that generates: `node generation-main.js --batch 16 --threads 2 [--weights int8 --text FILE]`, speaking lines of JSON. A step is one
 * generation, 16 tokens of prompt and 128 new ones a row, drawn greedily by the product's own generator.
 */

import { parseArgs } from "node:util";
import { GptGenerator } from "@atelier/atelier";
import { input, RandomKey, Scope } from "@atelier/engine";
import { classicGpt, gptLogits } from "@atelier/models";
import { z } from "zod";
import { WorkerError } from "../errors.js";
import { compareRounded } from "./rounded-weights.js";
import { runWorker } from "./run-worker.js";
import { serve } from "./step-worker.js";
import { versions } from "./versions.js";

/** GPT-2's shape, at the size of nanoGPT's GPU configuration; peers/transformers_generate.py has the same. */
const configuration = classicGpt({ vocabulary: 65, context: 256, layers: 6, heads: 6, width: 384 });
const promptLength = 16;
const newTokens = 128;

const flagsSchema = z.object({
  batch: z.coerce.number().int().positive(),
  threads: z.coerce.number().int().positive(),
  weights: z.enum(["float32", "int8"]),
  text: z.string().optional(),
});

await runWorker(async () => {
  const { values } = parseArgs({
    options: {
      batch: { type: "string" },
      threads: { type: "string", default: "2" },
      weights: { type: "string", default: "float32" },
      text: { type: "string" },
    },
  });
  const { batch, threads, weights, text } = flagsSchema.parse(values);
  const key = RandomKey.fromSeed(1337);
  const rounding = text === undefined ? "" : `, ${await compareRounded(text, threads)}`;
  const { params } = Scope.declare(
    (scope) => gptLogits(scope, configuration, input("tokens", [1, 1], "int32")),
    key.split("weights"),
  );
  const generator = new GptGenerator(configuration, params, { threads, weights });
  const prompts = Array.from({ length: batch }, (_, row) =>
    Array.from({ length: promptLength }, (_, i) =>
      key.split("prompts").at(row).at(i).integer(configuration.vocabulary),
    ),
  );
  const generate = async (): Promise<number> => {
    let made = 0;
    let last = 0;
    const settings = { temperature: 0, tokens: newTokens, samples: 1 };
    for await (const { token } of generator.generate(prompts, settings, key)) {
      made++;
      last = token;
    }
    if (made !== batch * newTokens) throw new WorkerError(`${made} tokens were made, not ${batch * newTokens}`);
    return last;
  };
  const started = performance.now();
  await generate();
  const stepper = {
    description: `Atelier, greedy, ${weights} weights, ${threads} threads${rounding}`,
    versions: versions(),
    compileMilliseconds: performance.now() - started,
    async steps(count: number) {
      let last = 0;
      for (let i = 0; i < count; i++) last = await generate();
      return last;
    },
  };
  await serve(stepper, process.stdin, process.stdout);
});
