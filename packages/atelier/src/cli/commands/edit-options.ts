/** What the commands of `atelier edit` share: what is to be shown, how it is drawn, and where it goes. */
import { z } from "zod";
import type { Model } from "../../library/model.js";
import type { EditedPictures } from "../../library/pictures/editing/edit.js";
import type { PassOptions } from "../../pictures/picture-family.js";
import type { Context } from "../command.js";
import { UsageError } from "../errors.js";
import { integer, type OptionSpecs, type PositionalSpecs, required, value } from "../options.js";
import { deviceOptions } from "./device-options.js";
import { checkEnding, emitOutput } from "./emit-output.js";
import { pictureOptions } from "./generate-options.js";
import { defaultPath, stagesOf } from "./latent-options.js";
import { samplingOptions } from "./sampling-options.js";

const { sampler, steps, guidance, scale, class: className } = pictureOptions;

/** What one picture is to show. */
export const wishOptions = {
  prompt: value(z.string(), {
    summary: "what it is to show, of models that know words",
    placeholder: "TEXT",
    short: "p",
  }),
  class: { ...className, summary: "what it is to show, of models that know classes" },
};

export const guidanceOptions = { steps, guidance };
export const drawingOptions = { sampler, ...guidanceOptions, seed: samplingOptions.seed };

const samplesOption = value(integer({ min: 1, max: 4096 }), {
  summary: "how many pictures; several lie on a sheet",
  placeholder: "N",
  short: "n",
  default: 1,
});

export const fileOptions = {
  scale: { ...scale, summary: "draw every pixel as a square of N" },
  out: value(z.string(), { summary: "the picture file to write", placeholder: "FILE" }),
  ...deviceOptions,
};

/** Of an edit that draws pictures: how many, how, and where they go. */
export const picturesOptions = { samples: samplesOption, ...drawingOptions, ...fileOptions };

export const modelArgument = required("name of a model, or the path of its folder");
export const pictureArgument = required("a picture file; it is brought to the model's size and colours");

interface FileValues {
  readonly scale: unknown;
  readonly out: unknown;
  readonly device: unknown;
  readonly threads: unknown;
}

/** What the library is asked: all but what is written where, and where it is computed. */
export function askedOf<T extends FileValues>(options: T): Omit<T, keyof FileValues> {
  const { scale: _, out: __, device: ___, threads: ____, ...asked } = options;
  return asked;
}

type Running = Pick<Context<OptionSpecs, PositionalSpecs>, "home" | "out" | "progress" | "signal"> & {
  readonly positionals: { readonly model: string };
  readonly options: {
    readonly device?: "cpu" | "webgpu" | "cuda" | undefined;
    readonly threads?: number | undefined;
  };
};

/** Loads the model that was named, for as long as `use` takes. */
export async function withEditor<T>(
  { options: { device, threads }, positionals, home, progress, signal }: Running,
  use: (model: Model, run: PassOptions) => Promise<T>,
): Promise<T> {
  const { load } = await import("../../library/model.js");
  const model = await load(positionals.model, { home, device, threads });
  const stages = stagesOf(progress, "steps");
  try {
    return await use(model, { signal, onProgress: (done, total) => stages("drawing", done, total) });
  } finally {
    progress.stop();
    await model.release();
  }
}

type Editing = Running & {
  readonly options: {
    readonly out?: string | undefined;
    readonly scale?: number | undefined;
    readonly seed?: number | undefined;
  };
};

/** Makes pictures and lets them out into a file: one as it is, several as a sheet. @param what names the file where no name was given */
export async function editToFile(
  editing: Editing,
  what: string,
  make: (model: Model, run: PassOptions) => Promise<EditedPictures>,
): Promise<unknown> {
  const { options, positionals, out, progress } = editing;
  const { scale: side, seed } = options;
  const path = options.out ?? defaultPath(positionals.model, `${what}.png`);
  checkEnding(path, "picture");
  return withEditor(editing, async (model, run) => {
    const { pictures, provenance, warnings } = await make(model, run);
    progress.stop();
    for (const warning of warnings) out.warn(warning);
    const { arrange } = await import("../../output/media/shown.js");
    const shown =
      pictures.length === 1 && side === undefined
        ? { place: 0 }
        : { columns: Math.ceil(Math.sqrt(pictures.length)), scale: side ?? 1 };
    const made = { media: "picture", picture: await arrange(pictures, shown), shown } as const;
    const sealed = await emitOutput(out, { made, provenance, path, streamed: false, chosen: seed !== undefined });
    return { model: model.name, seed: provenance.seed, files: [{ path, provenance: sealed }] };
  });
}

/** `0.6,0.4` or `0.6 0.4`. @throws {UsageError} for anything but numbers, or for another count of them */
export function numbersIn(option: string, text: string, counts: readonly number[]): readonly number[] {
  const words = text.trim().split(/\s*[,\s]\s*/);
  const numbers = words.map(Number);
  if (counts.includes(numbers.length) && words.every((word, i) => word !== "" && Number.isFinite(numbers[i]))) {
    return numbers;
  }
  throw new UsageError(`${option}: expected ${counts.join(" or ")} numbers, got ${JSON.stringify(text)}`, {
    hint: `write them with commas between: ${option} ${Array.from({ length: counts.at(-1)! }, () => 1).join(",")}`,
  });
}
