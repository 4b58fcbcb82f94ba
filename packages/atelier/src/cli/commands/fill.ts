/** `atelier fill`: what belongs into the gaps of a text. */
import { z } from "zod";
import type { Gapped } from "../../library/request.js";
import { defineCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { formatTable } from "../format.js";
import { decimal, flag, integer, optional, required, value } from "../options.js";
import { deviceOptions } from "./device-options.js";
import { samplingOptions, weightsOption } from "./sampling-options.js";
import { readText } from "./text-input.js";

export const fill = defineCommand({
  name: "fill",
  summary: "fill the gaps of a text, or the place of a cursor in code",
  details:
    "A gap is <blank> in the text, or lies between --prefix and --suffix, or at a place in a file. A masked model (bert) names the likeliest " +
    "tokens of every gap; a gpt with the codec for code writes one gap of any length.",
  examples: [
    ['atelier fill masked "The white <blank> rose from the <blank>."', "the likeliest words for each"],
    ['atelier fill coder --prefix "const sum = (a, b) => " --suffix ";"', "an expression"],
    ["atelier fill coder --file src/sum.ts --at 12:5", "what could stand there"],
  ],
  options: {
    prefix: value(z.string(), { summary: "what stands before the gap", placeholder: "TEXT" }),
    suffix: value(z.string(), { summary: "what stands behind it", placeholder: "TEXT" }),
    file: value(z.string(), { summary: "a file with a gap; - reads standard input", placeholder: "FILE" }),
    at: value(z.string(), { summary: "where the gap is in the file, from 1:1", placeholder: "LINE:COLUMN" }),
    choices: value(integer({ min: 1, max: 256 }), {
      summary: "how many fillings for each gap (default: 1 where they are written, 5 where they are listed)",
      placeholder: "N",
      short: "n",
    }),
    tokens: value(integer({ min: 1 }), {
      summary: "how long a filling may be (default: a quarter of the context)",
      placeholder: "N",
    }),
    temperature: value(decimal({ min: 0 }), {
      summary: "0 always takes the likeliest token (default: 0 for one choice, else 0.8)",
      placeholder: "T",
      short: "t",
    }),
    ...samplingOptions,
    echo: flag("print the filling alone", { default: true }),
    out: value(z.string(), { summary: "write to a file, with FILE.provenance.json beside it", placeholder: "FILE" }),
    weights: weightsOption,
    ...deviceOptions,
  },
  positionals: {
    model: required("name of a model, or the path of its folder"),
    text: optional("a text with <blank> in it"),
  },
  async run({ options, positionals, home, out, signal }) {
    const { load } = await import("../../library/model.js");
    const { fill: fillGaps } = await import("../../library/fill.js");
    const { emitOutput } = await import("./emit-output.js");
    const { prefix, suffix, file, at, echo, out: path, device, threads, weights, choices, ...rest } = options;
    const gapped = await gappedOf({ text: positionals.text, prefix, suffix, file, at });
    const model = await load(positionals.model, { home, device, threads, weights });
    try {
      // One that also generates writes its fillings; any other lists tokens.
      const listing = !model.can.includes("generate");
      const request = { ...gapped, ...rest, choices: choices ?? (listing ? 5 : 1) };
      const { text, gaps, provenance } = await fillGaps(model, request, { signal });
      if (path === undefined && request.choices > 1) {
        for (const line of choicesTable(gaps)) out.text(line);
      }
      const texts = echo ? [text] : gaps.map(([first]) => first?.text ?? "");
      const made = { media: "text", texts, whole: echo } as const;
      const { request: full } = provenance;
      const chosen = options.seed !== undefined || listing || (full.task === "fill" && full.temperature === 0);
      const sealed = await emitOutput(out, { made, provenance, path, streamed: false, chosen });
      if (path === undefined && texts.length === 1 && !texts[0]!.endsWith("\n")) out.text();
      return {
        model: model.name,
        seed: provenance.seed,
        gaps,
        generated: texts.map((each) => ({ text: each })),
        ...(path === undefined ? { provenance: sealed } : { out: path }),
      };
    } finally {
      await model.release();
    }
  },
});

function choicesTable(
  gaps: readonly (readonly { readonly text: string; readonly logProbability: number }[])[],
): string[] {
  const rows = gaps.flatMap((choices, gap) =>
    choices.map(({ text, logProbability }) => [
      String(gap + 1),
      `${(100 * Math.exp(logProbability)).toPrecision(3)} %`,
      JSON.stringify(text),
    ]),
  );
  return [...formatTable(["gap", "probability", "text"], rows, ["gap", "probability"]), ""];
}

interface Given {
  readonly text: string | undefined;
  readonly prefix: string | undefined;
  readonly suffix: string | undefined;
  readonly file: string | undefined;
  readonly at: string | undefined;
}

/** @throws {UsageError} unless the gap is given in exactly one way. */
async function gappedOf({ text, prefix, suffix, file, at }: Given): Promise<Gapped> {
  const around = prefix !== undefined || suffix !== undefined;
  const ways = [text !== undefined, around, file !== undefined].filter(Boolean).length;
  if (ways !== 1) {
    throw new UsageError(ways === 0 ? "there is no text to fill" : "the gap is given in more than one way", {
      hint: "Give a text with <blank>, or --prefix and --suffix, or --file (with --at).",
    });
  }
  if (at !== undefined && file === undefined)
    throw new UsageError("--at is a place in a --file", { hint: "Give the file." });
  if (text !== undefined) return { text };
  if (around) return { prefix: prefix ?? "", suffix: suffix ?? "" };
  const contents = await readText(file!, "file");
  if (at === undefined) return { text: contents };
  const offset = offsetOf(contents, at);
  return { prefix: contents.slice(0, offset), suffix: contents.slice(offset) };
}

/** The offset of a place that is told as editors do, lines and columns from 1. @throws {UsageError} for one that is not in the text. */
function offsetOf(text: string, at: string): number {
  const [, line, column] = (/^(\d+):(\d+)$/.exec(at) ?? []).map(Number);
  const lines = text.split("\n");
  const own = line === undefined ? undefined : lines[line - 1];
  if (own === undefined || line === undefined || column === undefined || column < 1 || column > own.length + 1) {
    throw new UsageError(`--at ${at} is no place in the file`, {
      hint:
        own === undefined
          ? `Write it as LINE:COLUMN; the file has ${lines.length} lines.`
          : `Line ${line} has columns 1 to ${own.length + 1}.`,
    });
  }
  return lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0) + column - 1;
}
