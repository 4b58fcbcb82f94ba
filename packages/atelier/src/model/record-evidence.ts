/** Writes what a later evaluation measured beside the model: `evidence.json`, and the figures and sheets of its card. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Evidence, evidenceSchema } from "../evaluation/metrics/evidence.js";
import { markdownTable, measureTable } from "../evaluation/metrics/measure-table.js";
import { writeAtomic, writeJsonAtomic } from "../storage/index.js";
import type { SampleFile } from "../training/subject.js";
import { picturesShown, SAMPLES } from "./card.js";
import type { LoadedModel } from "./load.js";

const MEASURED = "Measured";
/** What an export says of figures that are older than its weights. */
export const ROUNDED = "Rounded weights";

/** What the training itself left (verdict, energy) stays; sheets of samples take the place of older ones. @throws {DiskFullError} @throws {UnwritableError} */
export async function recordEvidence(
  { directory, record, evidence: before }: LoadedModel,
  now: Evidence,
  pictures: readonly SampleFile[] = [],
): Promise<void> {
  const { verdict, energy } = evidenceSchema.partial().parse(before);
  const evidence: Evidence = {
    ...now,
    ...(verdict === undefined ? {} : { verdict }),
    ...(energy === undefined ? {} : { energy }),
  };
  await writeJsonAtomic(join(directory, "evidence.json"), evidence);
  for (const { file, bytes } of pictures) await writeAtomic(join(directory, file), [bytes]);
  const path = join(directory, "README.md");
  const card = await readFile(path, "utf8").catch(() => `# ${record.name}\n`);
  const figured = withSection(card, MEASURED, measuredSection(evidence, record.name));
  const shown = picturesShown(pictures).join("\n\n");
  await writeAtomic(path, pictures.length === 0 ? figured : withSection(figured, SAMPLES, shown));
}

const measuredSection = ({ measures, remarks = [], date }: Evidence, name: string): string =>
  `${[markdownTable(measureTable(measures, name)), ...remarks].join("\n\n")}\n\nMeasured on ${date.slice(0, 10)} with the weights as they are ` +
  "stored here, by `atelier evaluate --record`. Every figure with its protocol stands in `evidence.json`.";

/** The card with one of its sections written anew, in its place or at the end; what an export said of older figures goes. */
function withSection(card: string, title: string, text: string): string {
  const [head = "", ...sections] = card.split(/^## /m);
  const titleOf = (section: string): string => section.slice(0, section.indexOf("\n"));
  const kept = sections.filter((section) => titleOf(section) !== ROUNDED);
  const fresh = `${title}\n\n${text}\n\n`;
  const there = kept.findIndex((section) => titleOf(section) === title);
  const all = there < 0 ? [...kept, fresh] : kept.with(there, fresh);
  return `${[head, ...all].join("## ").trimEnd()}\n`;
}
