#!/usr/bin/env node
/**
 * The benchmark: Atelier against PyTorch and TensorFlow.js, one row at a time.
 *
 *     npm run bench -- --python /path/to/python --text tinyshakespeare.txt
 *
 * Results go to standard output, progress and whatever was left out to standard error. Exit code 0 when every row that could run was
 * measured (whether or not it reached its bar), 1 when one failed, 2 for a command line that cannot be understood.
 */

import { fileURLToPath } from "node:url";
import { AtelierError } from "@atelier/engine/errors";
import { findDdpm } from "./ddpm.js";
import { UsageError } from "./errors.js";
import { type Options, parseOptions, usage } from "./options.js";
import { findTorch, findTransformers, installTfjs } from "./peers.js";
import { findPictures } from "./pictures.js";
import { rows } from "./rows/index.js";
import type { BenchContext, DdpmFiles, Need, Row } from "./rows/row.js";
import { type Result, toJson, toTable } from "./table.js";
import { findText } from "./text.js";

const threads = 2;
const peersFolder = fileURLToPath(new URL("../.peers", import.meta.url));

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function explain(error: unknown): string {
  if (!AtelierError.isInstance(error)) return error instanceof Error ? error.message : String(error);
  return error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
}

/** What could be prepared, and for what could not, why. */
interface Prepared {
  readonly python?: string;
  readonly tfjsModules?: string;
  readonly text?: string;
  readonly pictures?: string;
  readonly ddpm?: DdpmFiles;
  readonly missing: ReadonlyMap<Need, string>;
}

async function prepare(options: Options, chosen: readonly Row[]): Promise<Prepared> {
  const needed = new Set(chosen.flatMap((row) => row.needs));
  const missing = new Map<Need, string>();
  const found: { python?: string; tfjsModules?: string; text?: string; pictures?: string; ddpm?: DdpmFiles } = {};
  const text = await findText(options.text);
  if (text === undefined) missing.set("text", "it needs tinyshakespeare: --text PATH, or $ATELIER_BENCH_TEXT");
  else found.text = text;
  const pictures = await findPictures(options.pictures);
  if (pictures === undefined) {
    missing.set("pictures", "it needs Fashion-MNIST: --pictures DIR, or `apt install dataset-fashion-mnist` on Debian");
  } else found.pictures = pictures;
  const ddpm = await findDdpm(options);
  if (ddpm === undefined) missing.set("ddpm", "it needs a DDPM that PyTorch trained (bench/README.md): --ddpm FILE");
  else found.ddpm = ddpm;
  if (options.python === undefined) {
    const hint = "--python PATH, or $ATELIER_PYTHON";
    missing.set("python", `it needs a Python with PyTorch: ${hint}`);
    missing.set("transformers", `it needs a Python with PyTorch and transformers: ${hint}`);
  } else if (needed.has("python") || needed.has("transformers")) {
    say(`PyTorch ${await findTorch(options.python)} (${options.python})`);
    found.python = options.python;
    if (needed.has("transformers")) {
      try {
        say(`transformers ${await findTransformers(options.python)}`);
      } catch (error) {
        missing.set("transformers", explain(error));
      }
    }
  }
  if (needed.has("tfjs")) {
    try {
      await installTfjs(peersFolder, say);
      found.tfjsModules = peersFolder;
    } catch (error) {
      missing.set("tfjs", explain(error));
    }
  }
  return { ...found, missing };
}

async function main(): Promise<number> {
  const names = rows.map((row) => row.name);
  const options = parseOptions(process.argv.slice(2), process.env, names);
  if (options.help) {
    console.log(usage);
    return 0;
  }
  if (options.list) {
    for (const row of rows) console.log(`${row.name.padEnd(20)}  ${row.title}`);
    return 0;
  }
  const chosen = rows.filter((row) => options.only.length === 0 || options.only.includes(row.name));
  const { missing, ...found } = await prepare(options, chosen);
  const results: Result[] = [];
  let failed = false;
  for (const row of chosen) {
    const lacking = row.needs.find((need) => missing.has(need));
    if (lacking !== undefined) {
      say(`${row.name}: left out, ${missing.get(lacking)}`);
      continue;
    }
    const context: BenchContext = {
      threads,
      rounds: options.rounds,
      python: found.python,
      tfjsModules: found.tfjsModules,
      text: found.text,
      pictures: found.pictures,
      ddpm: found.ddpm,
      progress: (line) => say(`${row.name}: ${line}`),
    };
    try {
      results.push({ row, measurement: await row.measure(context) });
    } catch (error) {
      failed = true;
      say(`${row.name}: failed. ${explain(error)}`);
    }
  }
  if (options.json) console.log(toJson(results));
  else if (results.length > 0) console.log(toTable(results));
  return failed ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  say(explain(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
