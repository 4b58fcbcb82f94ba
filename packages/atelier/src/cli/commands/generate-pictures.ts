/** `atelier generate` of a model that makes pictures: into one file, or a folder of them. */
import { join } from "node:path";
import type { Model } from "../../library/model.js";
import { type GeneratedPictures, generatePictures } from "../../library/pictures/generate.js";
import { emit } from "../../output/emit.js";
import { arrange, type Shown } from "../../output/media/shown.js";
import { makeFolder } from "../../storage/index.js";
import { UsageError } from "../errors.js";
import { formatCount } from "../format.js";
import type { ProgressTask } from "../progress.js";
import { checkEnding, emitOutput, isFolder } from "./emit-output.js";
import { type GenerateContext, pictureOptions, refuseForeign, textOptions } from "./generate-options.js";
import { promptsOf } from "./prompt-option.js";

/** @throws {UsageError} for options that contradict each other or are for texts, and for a file that is no picture's. */
export async function generateToFiles(
  model: Model,
  { options, out, progress, signal }: GenerateContext,
): Promise<unknown> {
  refuseForeign(textOptions, pictureOptions, options, `${model.name} makes pictures (${model.family})`);
  const { samples, class: name, temperature, sampler, steps, guidance, seed, out: path } = options;
  const folder = path !== undefined && isFolder(path) ? path : undefined;
  if (path !== undefined && folder === undefined) checkEnding(path, "picture");
  const prompt = await promptsOf(options);
  checkLayout(options, folder !== undefined, samples ?? [prompt].flat().length);
  const made = await generatePictures(
    model,
    { samples, class: name, prompt, temperature, sampler, steps, guidance, seed },
    { signal, onProgress: reporter(progress, model.pictures.model.sampling === undefined ? "pictures" : "steps") },
  );
  for (const warning of made.warnings) out.warn(warning);
  const files =
    folder === undefined
      ? [await intoFile(model, made, { options, out })]
      : await intoFolder(folder, made, { options, out });
  return { model: model.name, seed: made.provenance.seed, warnings: made.warnings, files };
}

/** Shows progress where there is more than one call's worth of pictures, or more than one step. */
function reporter(progress: GenerateContext["progress"], unit: string): (done: number, total: number) => void {
  let task: ProgressTask | undefined;
  return (done, total) => {
    if (done < total) task ??= progress.start({ label: "generating", total, unit });
    task?.update(done);
    if (done === total) task?.stop();
  };
}

type Place = Pick<GenerateContext, "options" | "out">;

async function intoFile(model: Model, { pictures, provenance }: GeneratedPictures, { options, out }: Place) {
  const { columns, scale } = options;
  const shown: Shown =
    pictures.length === 1 && scale === undefined
      ? { place: 0 }
      : { columns: columns ?? Math.ceil(Math.sqrt(pictures.length)), scale: scale ?? 1 };
  const path = options.out ?? `${model.name}-${provenance.seed}.png`;
  const made = { media: "picture", picture: await arrange(pictures, shown), shown } as const;
  const chosen = options.seed !== undefined;
  return { path, provenance: await emitOutput(out, { made, provenance, path, streamed: false, chosen }) };
}

async function intoFolder(folder: string, { pictures, provenance }: GeneratedPictures, { out }: Place) {
  await makeFolder(folder);
  const digits = String(pictures.length).length;
  const files = [];
  for (const [place, picture] of pictures.entries()) {
    const path = join(folder, `${String(place + 1).padStart(digits, "0")}.png`);
    const made = { media: "picture", picture, shown: { place } } as const;
    files.push({ path, provenance: await emit(made, provenance, { to: "file", path }) });
  }
  out.text(`${folder}: ${formatCount(files.length)} pictures from seed ${provenance.seed}, each holds what made it`);
  return files;
}

/** @throws {UsageError} for what a sheet is drawn with where there is none. */
function checkLayout({ columns, scale }: GenerateContext["options"], folder: boolean, samples: number): void {
  if (folder && (columns ?? scale) !== undefined) {
    const option = columns === undefined ? "--scale" : "--columns";
    throw new UsageError(`${option} is for a sheet, and a folder gets a file for each picture`, {
      hint: "Leave it out, or name a file: --out pictures.png",
    });
  }
  if (columns !== undefined && samples === 1) {
    throw new UsageError("--columns is for a sheet of several pictures, and this is one", {
      hint: "Say how many: -n 16",
    });
  }
}
