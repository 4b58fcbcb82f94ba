/** What the model card of a text model says of its data, and how it is used. */
import type { CurationReport } from "@atelier/data";
import type { Ability } from "@atelier/models";
import { formatCount as whole } from "../cli/format.js";
import type { Corpus } from "../training/corpus.js";

/** Sizes, then what curation took out. */
export function textData({ dataset: { card }, train, validation, curation }: Corpus): string {
  const sizes = `${whole(card.documents)} document${card.documents === 1 ? "" : "s"}, ${whole(card.characters)} characters`;
  return `${sizes}; ${whole(train.length)} tokens to train on, ${whole(validation.length)} held out.${curated(curation)}`;
}

function curated(report: CurationReport | undefined): string {
  if (report === undefined) return "";
  const { input, output, removed, pii } = report;
  const gone = Object.entries(removed).map(
    ([reason, { documents }]) => `${reason.replaceAll("-", " ")} ${whole(documents)}`,
  );
  const found = pii === undefined ? [] : Object.entries(pii.found).map(([kind, count]) => `${kind} ${whole(count)}`);
  const parts = [
    gone.length === 0 ? "" : `; removed: ${gone.join(", ")}`,
    found.length === 0 ? "" : `; personal data: ${found.join(", ")}`,
  ];
  return ` Curated: ${whole(output.documents)} of ${whole(input.documents)} documents kept${parts.join("")}.`;
}

const COMMANDS: Partial<Readonly<Record<Ability, string>>> = {
  generate: 'generate NAME --prompt "…"',
  fill: 'fill NAME "… <blank> …"',
  embed: 'embed NAME "…"',
  score: 'score NAME "…"',
};

export const textCommands = (can: readonly Ability[]): string[] => can.flatMap((ability) => COMMANDS[ability] ?? []);
