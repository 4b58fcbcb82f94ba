/** Writes what a later evaluation measured beside the model: `evidence.json`, and the figures of its card. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Evidence, evidenceSchema } from "../evaluation/metrics/evidence.js";
import { markdownTable, measureTable } from "../evaluation/metrics/measure-table.js";
import { writeAtomic, writeJsonAtomic } from "../storage/index.js";
import type { SampleFile } from "../training/subject.js";
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
  await writeAtomic(path, withFigures(card, evidence, record.name));
}

/** The card with its section of figures written anew, in its place or at the end. */
function withFigures(card: string, evidence: Evidence, name: string): string {
  const figures =
    `${[markdownTable(measureTable(evidence.measures, name)), ...(evidence.remarks ?? [])].join("\n\n")}\n\nMeasured on ${evidence.date.slice(0, 10)} with the weights as they are stored here, ` +
    "by `atelier evaluate --record`. Every figure with its protocol stands in `evidence.json`.\n\n";
  const [head = "", ...sections] = card.split(/^## /m);
  const titled = sections
    .map((section) => ({ title: section.slice(0, section.indexOf("\n")), section }))
    .filter(({ title }) => title !== ROUNDED);
  const fresh = { title: MEASURED, section: `${MEASURED}\n\n${figures}` };
  const there = titled.findIndex(({ title }) => title === MEASURED);
  if (there < 0) titled.push(fresh);
  else titled[there] = fresh;
  return `${[head, ...titled.map(({ section }) => section)].join("## ").trimEnd()}\n`;
}
