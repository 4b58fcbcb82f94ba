/** The examples of a curation's report as a table: what was removed, and what was found in it or is kept instead. */
import type { RemovedExample } from "@atelier/data";
import { formatTable } from "../format.js";

export function formatRemovedExamples(
  removed: Readonly<Partial<Record<string, { readonly examples: readonly RemovedExample[] }>>>,
): string[] {
  const rows = Object.entries(removed).flatMap(([reason, entry]) =>
    (entry?.examples ?? []).map(({ name, found, kept, similarity }) => [
      reason,
      name,
      found ?? `${kept}${similarity === undefined || similarity === 1 ? "" : ` (${similarity.toFixed(2)})`}`,
    ]),
  );
  return rows.length === 0
    ? []
    : ["", ...formatTable(["REMOVED", "FOR EXAMPLE", "FOUND, OR KEPT INSTEAD (SIMILARITY)"], rows)];
}
