/** The version of this package, from its own package.json. */
import { readFileSync } from "node:fs";

export function version(): string {
  // The same distance from src/cli/ and from dist/cli/.
  const json: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  if (typeof json !== "object" || json === null || !("version" in json)) return "unknown";
  return String(json.version);
}
