import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findText } from "./text.js";

test("a missing file and another text are refused before anything is measured", async () => {
  const folder = await mkdtemp(join(tmpdir(), "atelier-bench-"));
  try {
    const other = join(folder, "other.txt");
    await writeFile(other, "To be, or not to be, that is the question.\n");
    await expect(findText(other)).rejects.toThrow(/not tinyshakespeare/);
    await expect(findText(join(folder, "absent.txt"))).rejects.toMatchObject({ code: "USAGE" });
  } finally {
    await rm(folder, { recursive: true });
  }
});
