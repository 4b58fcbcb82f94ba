/** What curation did with pictures: how many came in and went out, what was removed, why, and in favour of what. */
import type { RemovedExample } from "../../curation/report.js";
import { type PictureRemovalReason, pictureRemovalReasons } from "./filters.js";
import type { PictureCuration } from "./settings.js";

export interface RemovedPictures {
  readonly pictures: number;
  /** The first few. */
  readonly examples: readonly RemovedExample[];
}

export interface PictureCurationReport {
  readonly settings: PictureCuration;
  readonly input: { readonly pictures: number };
  readonly output: { readonly pictures: number };
  /** Only reasons that occurred. */
  readonly removed: Readonly<Partial<Record<PictureRemovalReason, RemovedPictures>>>;
}

/** A picture that did not stay. */
export interface RemovedPicture extends RemovedExample {
  readonly reason: PictureRemovalReason;
}

const mostExamples = 5;

export function reportOf(
  settings: PictureCuration,
  kept: number,
  removals: readonly RemovedPicture[],
): PictureCurationReport {
  const removed = pictureRemovalReasons.flatMap((reason) => {
    const entries = removals.filter((each) => each.reason === reason);
    if (entries.length === 0) return [];
    const examples = entries.slice(0, mostExamples).map(({ reason: _reason, ...example }) => example);
    return [[reason, { pictures: entries.length, examples }] as const];
  });
  return {
    settings,
    input: { pictures: kept + removals.length },
    output: { pictures: kept },
    removed: Object.fromEntries(removed),
  };
}
