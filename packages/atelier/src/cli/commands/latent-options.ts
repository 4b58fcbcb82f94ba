/** What the commands share that do something with a trained picture model beside drawing. */
import { basename, resolve } from "node:path";
import type { Picture } from "@atelier/data";
import { z } from "zod";
import type { AnimationOutput, PictureOutput } from "../../output/media/output.js";
import type { Provenance, SealedProvenance } from "../../output/provenance.js";
import { integer, value } from "../options.js";
import type { Output } from "../output.js";
import type { Progress, ProgressTask } from "../progress.js";
import { emitOutput } from "./emit-output.js";

export const framesOption = value(integer({ min: 2, max: 1000 }), {
  summary: "how many pictures, both ends included",
  placeholder: "N",
  default: 16,
});

export const classOption = value(z.string(), {
  summary: "what all pictures are told to be, of models that know classes",
  placeholder: "CLASS",
});

export const dataOption = value(z.string(), {
  summary: "pictures to learn from in place of the model's own",
  placeholder: "SOURCE",
});

/** A bar for each stage of some work. @param unit what is counted */
export function stagesOf(progress: Progress, unit = "pictures"): (stage: string, done: number, total: number) => void {
  let task: ProgressTask | undefined;
  let shown = "";
  return (stage, done, total) => {
    const now = `${stage} ${total}`;
    if (now !== shown) task = progress.start({ label: stage, total, unit });
    shown = now;
    task?.update(done);
  };
}

/** `fashion-walk.gif`, in the current folder. @param model a name, or the path of its folder */
export const defaultPath = (model: string, what: string): string => `${basename(resolve(model))}-${what}`;

/** Lets a picture or an animation out into a file. What it shows does not hang on luck, so that no seed has to be told. */
export const emitFile = (
  out: Output,
  made: PictureOutput | AnimationOutput,
  provenance: Provenance,
  path: string | undefined,
): Promise<SealedProvenance> => emitOutput(out, { made, provenance, path, streamed: false, chosen: true });

interface Frames {
  readonly frames: readonly Picture[];
  /** What they are: `from sandal to boot`. */
  readonly words: string;
  readonly provenance: Provenance;
}

/** Lets a way through latent space out, as an animation or a strip, and says what a command gives programs. */
export async function emitFrames(
  out: Output,
  model: { readonly name: string },
  { frames, words, provenance }: Frames,
  path: string,
): Promise<{ readonly model: string; readonly frames: number; readonly words: string; readonly out: string }> {
  const { framesFor } = await import("../../library/pictures/layouts.js");
  await emitFile(out, await framesFor(frames, path), provenance, path);
  out.text(`${frames.length} pictures ${words}`);
  return { model: model.name, frames: frames.length, words, out: path };
}
