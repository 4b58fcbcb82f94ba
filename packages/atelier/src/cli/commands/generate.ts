/** `atelier generate`: text from a trained model, as it is made. */
import { readFile } from "node:fs/promises";
import { decodeText } from "@atelier/data";
import { RandomKey } from "@atelier/engine";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { decimal, flag, integer, required, value } from "../options.js";
import { deviceOptions } from "./device-options.js";

export const generate = defineCommand({
  name: "generate",
  summary: "generate text with a trained model",
  details:
    "A single sample is printed as it is made; several are made side by side and printed when they are done. The same model, seed, prompt " +
    "and settings give the same text.",
  examples: [
    ['atelier generate whale --prompt "Call me"', "goes on from the prompt"],
    ["atelier generate whale -n 4 --temperature 0.7 --top-p 0.9 --seed 7", "four samples, a little tamer"],
    ["atelier generate whale --prompt-file start.txt --tokens 1000 --json", "for programs"],
  ],
  options: {
    prompt: value(z.string(), { summary: "what the text begins with", placeholder: "TEXT", short: "p" }),
    promptFile: value(z.string(), { summary: "a file to read the prompt from", placeholder: "FILE" }),
    tokens: value(integer({ min: 1 }), { summary: "how many tokens to add", placeholder: "N", default: 400 }),
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
    topK: value(integer({ min: 1 }), { summary: "choose among the K likeliest tokens", placeholder: "K" }),
    topP: value(decimal({ above: 0, max: 1 }), {
      summary: "choose among the likeliest tokens that hold this probability",
      placeholder: "P",
    }),
    seed: value(integer({ min: 0 }), { summary: "by default another one each time", placeholder: "N" }),
    echo: flag("leave the prompt out of what is printed", { default: true }),
    ...deviceOptions,
  },
  positionals: { model: required("name of a model, or the path of its folder") },
  async run({ options, positionals, home, out, progress, signal }) {
    const { openModel } = await import("../../model/load.js");
    const { GptGenerator } = await import("../../generation/generate.js");
    if (options.prompt !== undefined && options.promptFile !== undefined) {
      throw new UsageError("--prompt and --prompt-file exclude each other", { hint: "give one of them" });
    }
    const model = await openModel(home, positionals.model);
    const prompt = options.promptFile === undefined ? (options.prompt ?? "\n") : await readPrompt(options.promptFile);
    if (prompt === "")
      throw new UsageError("the prompt is empty", {
        hint: 'Give at least one character, or leave --prompt out for "\\n".',
      });
    const ids = model.codec.encode(prompt);
    const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
    const { temperature, topK, topP, tokens, samples } = options;
    const sampling = { temperature, ...(topK === undefined ? {} : { topK }), ...(topP === undefined ? {} : { topP }) };
    const generator = new GptGenerator(model.configuration, model.weights, {
      device: options.device,
      threads: options.threads,
    });
    const decoders = Array.from({ length: samples }, () => model.codec.streamDecoder());
    const texts = new Array<string>(samples).fill("");
    const streaming = samples === 1;
    const task = streaming ? undefined : progress.start({ label: "generating", total: tokens, unit: "tokens" });
    const emit = (row: number, piece: string): void => {
      texts[row] += piece;
      if (streaming) out.write(piece);
    };
    const startedAt = performance.now();
    let made = 0;
    try {
      if (streaming && options.echo) out.write(prompt);
      const stop = model.codec.spec.specials["<|endoftext|>"];
      for await (const { row, token } of generator.generate(
        ids,
        { ...sampling, tokens, samples, stop },
        RandomKey.fromSeed(seed),
        signal,
      )) {
        emit(row, decoders[row]!.push(token));
        made++;
        if (row === 0) task?.update(Math.ceil(made / samples));
      }
      for (const [row, decoder] of decoders.entries()) emit(row, decoder.end());
      if (streaming) out.text();
    } finally {
      task?.stop();
      await generator.release();
    }
    const seconds = (performance.now() - startedAt) / 1000;
    if (!streaming) {
      texts.forEach((text, i) => {
        out.text(out.style.dim(`─── ${i + 1} of ${samples}`));
        out.text(options.echo ? `${prompt}${text}` : text);
      });
    }
    return {
      model: model.record.name,
      weights: model.record.weights.sha256,
      prompt,
      seed,
      settings: { ...sampling, tokens, samples },
      generated: texts.map((text) => ({ text })),
      tokensPerSecond: made / seconds,
    };
  },
});

/** @throws {UsageError} where there is no such file. @throws {BinaryFileError} @throws {InvalidUtf8Error} @throws {EmptyTextError} */
async function readPrompt(path: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new UsageError(`the prompt file ${path} cannot be read`, { cause, hint: "Check the path." });
  }
  return decodeText(bytes, path);
}
