/** `atelier generate`: text from a trained model, as it is made. */
import { z } from "zod";
import type { GrammarRequest } from "../../library/request.js";
import { defineCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { decimal, flag, integer, required, value, values } from "../options.js";
import { deviceOptions } from "./device-options.js";
import { samplingOptions, weightsOption } from "./sampling-options.js";
import { readText } from "./text-input.js";

export const generate = defineCommand({
  name: "generate",
  summary: "generate text with a trained model",
  details:
    "A single sample is printed as it is made; several are made side by side and printed when they are done. The same model, seed, prompt " +
    "and settings give the same text. With --json-schema, --regex or --grammar, whatever is written is valid.",
  examples: [
    ['atelier generate whale --prompt "Call me"', "goes on from the prompt"],
    ["atelier generate whale -n 4 --temperature 0.7 --top-p 0.9 --seed 7", "four samples, a little tamer"],
    ["atelier generate whale --prompt-file start.txt --tokens 1000 --json", "for programs"],
    ["atelier generate whale --out whale.txt", "writes the text, and beside it what made it"],
    ['atelier generate whale --regex "[A-Z][a-z]+ [0-9]{4}"', "only text of this form"],
  ],
  options: {
    prompt: value(z.string(), { summary: "what the text begins with", placeholder: "TEXT", short: "p" }),
    promptFile: value(z.string(), {
      summary: "a file to read the prompt from; - reads standard input",
      placeholder: "FILE",
    }),
    tokens: value(integer({ min: 1 }), { summary: "how many tokens to add, at most", placeholder: "N", default: 400 }),
    samples: value(integer({ min: 1, max: 256 }), {
      summary: "how many samples",
      placeholder: "N",
      short: "n",
      default: 1,
    }),
    temperature: value(decimal({ min: 0 }), {
      summary: "0 always takes the likeliest token",
      placeholder: "T",
      short: "t",
      default: 0.8,
    }),
    ...samplingOptions,
    stop: values(z.string(), { summary: "end a sample before this text; may be repeated", placeholder: "TEXT" }),
    stopAtEnd: flag("go on after the end of a document", { default: true }),
    jsonSchema: value(z.string(), { summary: "write JSON that is valid for this JSON Schema", placeholder: "FILE" }),
    regex: value(z.string(), { summary: "write text that this regular expression matches", placeholder: "PATTERN" }),
    grammar: value(z.string(), { summary: "write text that meets this EBNF grammar", placeholder: "FILE" }),
    logProbabilities: value(integer({ min: 0, max: 100 }), {
      summary: "under --json: how probable each token was, and N more likely ones",
      placeholder: "N",
    }),
    echo: flag("leave the prompt out of what is printed", { default: true }),
    out: value(z.string(), { summary: "write to a file, with FILE.provenance.json beside it", placeholder: "FILE" }),
    weights: weightsOption,
    ...deviceOptions,
  },
  positionals: { model: required("name of a model, or the path of its folder") },
  async run({ options, positionals, home, out, progress, signal }) {
    const { load } = await import("../../library/model.js");
    const { generate: pieces } = await import("../../library/generate.js");
    const { emitOutput } = await import("./emit-output.js");
    const { prompt: given, promptFile, jsonSchema, regex, grammar: ebnf, echo, ...rest } = options;
    const { out: path, device, threads, weights, ...request } = rest;
    if (given !== undefined && promptFile !== undefined) {
      throw new UsageError("--prompt and --prompt-file exclude each other", { hint: "give one of them" });
    }
    if (given === "") {
      throw new UsageError("the prompt is empty", {
        hint: "Give at least one character, or leave --prompt out to begin anew.",
      });
    }
    const grammar = await grammarOf({ jsonSchema, regex, ebnf });
    const prompt = promptFile === undefined ? given : await readText(promptFile, "prompt file");
    const model = await load(positionals.model, { home, device, threads, weights });
    const streaming = options.samples === 1 && path === undefined;
    const task = streaming ? undefined : progress.start({ label: "generating", total: options.tokens, unit: "tokens" });
    try {
      const startedAt = performance.now();
      const written = pieces(model, { ...request, prompt, grammar }, { signal });
      let next = await written.next();
      if (streaming && echo && !next.done) out.write(prompt ?? model.startOfText);
      for (let count = 0; next.done !== true; next = await written.next()) {
        if (streaming) out.write(next.value.text);
        if (next.value.token !== undefined) task?.update(Math.ceil(++count / options.samples));
      }
      const seconds = (performance.now() - startedAt) / 1000;
      task?.stop();
      if (streaming) out.text();
      const { rows, provenance } = next.value;
      // A document has the prompt in a field of its own.
      const whole = echo && (path !== undefined || !out.json);
      const texts = rows.map((row) => (whole ? row.prompt + row.text : row.text));
      const chosen = options.seed !== undefined || options.temperature === 0;
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
      await model.release();
    }
  },
});

interface Grammars {
  readonly jsonSchema: string | undefined;
  readonly regex: string | undefined;
  readonly ebnf: string | undefined;
}

/** @throws {UsageError} for more than one, or a file that is not there. */
async function grammarOf({ jsonSchema, regex, ebnf }: Grammars): Promise<GrammarRequest | undefined> {
  if ([jsonSchema, regex, ebnf].filter((grammar) => grammar !== undefined).length > 1) {
    throw new UsageError("--json-schema, --regex and --grammar exclude each other", { hint: "give one of them" });
  }
  if (regex !== undefined) return { regex };
  if (ebnf !== undefined) return { ebnf: await readText(ebnf, "grammar") };
  if (jsonSchema === undefined) return undefined;
  const { parseJson } = await import("../../storage/index.js");
  return { jsonSchema: parseJson(await readText(jsonSchema, "JSON Schema"), z.unknown(), jsonSchema) };
}
