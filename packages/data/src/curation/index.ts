/** Curation: fewer and cleaner documents, and a report of what was removed. */
export { type CurateOptions, type CurationProgress, Curator } from "./curator.js";
export type { RemovalReason } from "./filters.js";
export type { PiiKind } from "./pii.js";
export type { Amount, CurationReport, Removed, RemovedExample } from "./report.js";
export { type Curation, curationSchema } from "./settings.js";
