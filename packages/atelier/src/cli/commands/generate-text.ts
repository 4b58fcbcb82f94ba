/** `atelier generate` of a model that writes: text as it is made. */
import { z } from "zod";
import { generate } from "../../library/generate.js";
import type { Model } from "../../library/model.js";
import type { GrammarRequest } from "../../library/request.js";
import { parseJson } from "../../storage/index.js";
import { UsageError } from "../errors.js";
import { emitOutput } from "./emit-output.js";
import { type GenerateContext, pictureOptions, refuseForeign, textOptions } from "./generate-options.js";
import { promptOf } from "./prompt-option.js";
import { readText } from "./text-input.js";

/** Rows that are written side by side. */
const MOST_SAMPLES = 256;

/** @throws {UsageError} for options that contradict each other, or are for pictures. */
export async function generateTexts(
  model: Model,
  { options, out, progress, signal }: GenerateContext,
): Promise<unknown> {
  refuseForeign(pictureOptions, textOptions, options, `${model.name} writes text (${model.family})`);
  const { samples = 1, tokens = 400, seed, temperature, echo, out: path } = options;
  if (samples > MOST_SAMPLES) {
    throw new UsageError(`--samples: expected at most ${MOST_SAMPLES} texts, got ${samples}`, {
      hint: "They are written side by side; ask for more with another seed.",
    });
  }
  const prompt = await promptOf(options);
  const grammar = await grammarOf(options);
  const { topK, topP, minP, repetitionPenalty, repetitionWindow, stop, stopAtEnd, logProbabilities } = options;
  const sampling = { temperature, topK, topP, minP, repetitionPenalty, repetitionWindow, seed };
  const request = { ...sampling, prompt, samples, tokens, stop, stopAtEnd, logProbabilities, grammar };
  const streaming = samples === 1 && path === undefined;
  const task = streaming ? undefined : progress.start({ label: "generating", total: tokens, unit: "tokens" });
  try {
    const startedAt = performance.now();
    const written = generate(model, request, { signal });
    let next = await written.next();
    if (streaming && echo && !next.done) out.write(prompt ?? model.startOfText);
    for (let count = 0; next.done !== true; next = await written.next()) {
      if (streaming) out.write(next.value.text);
      if (next.value.token !== undefined) task?.update(Math.ceil(++count / samples));
    }
    const seconds = (performance.now() - startedAt) / 1000;
    task?.stop();
    if (streaming) out.text();
    const { rows, provenance } = next.value;
    // A document has the prompt in a field of its own.
    const whole = echo && (path !== undefined || !out.json);
    const texts = rows.map((row) => (whole ? row.prompt + row.text : row.text));
    const chosen = seed !== undefined || temperature === 0;
    const made = { media: "text", texts, whole } as const;
    const sealed = await emitOutput(out, { made, provenance, path, streamed: streaming, chosen });
    return {
      model: model.name,
      prompt: rows[0]!.prompt,
      seed: provenance.seed,
      generated: rows.map(({ prompt: _, ...row }) => row),
      tokensPerSecond: rows.reduce((sum, { tokens }) => sum + tokens, 0) / seconds,
      ...(path === undefined ? { provenance: sealed } : { out: path }),
    };
  } finally {
    task?.stop();
  }
}

type Given = GenerateContext["options"];

/** @throws {UsageError} for more than one, or a file that is not there. */
async function grammarOf({ jsonSchema, regex, grammar }: Given): Promise<GrammarRequest | undefined> {
  if ([jsonSchema, regex, grammar].filter((one) => one !== undefined).length > 1) {
    throw new UsageError("--json-schema, --regex and --grammar exclude each other", { hint: "give one of them" });
  }
  if (regex !== undefined) return { regex };
  if (grammar !== undefined) return { ebnf: await readText(grammar, "grammar") };
  if (jsonSchema === undefined) return undefined;
  return { jsonSchema: parseJson(await readText(jsonSchema, "JSON Schema"), z.unknown(), jsonSchema) };
}
