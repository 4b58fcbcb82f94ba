import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findDdpm } from "./ddpm.js";

test("weights, the record beside them and a model have to be there; without weights there is nothing to compare", async () => {
  const folder = await mkdtemp(join(tmpdir(), "atelier-bench-"));
  try {
    const ddpm = join(folder, "ddpm.safetensors");
    const diffusion = join(folder, "model");
    const find = () => findDdpm({ ddpm, diffusion });
    expect(await findDdpm({ ddpm: undefined, diffusion })).toBeUndefined();
    await expect(find()).rejects.toThrow(/no file '.*ddpm\.safetensors'/);
    await writeFile(ddpm, "");
    await expect(find()).rejects.toThrow(/no file '.*ddpm\.safetensors\.json'/);
    await writeFile(`${ddpm}.json`, "{}");
    await expect(find()).rejects.toMatchObject({ code: "USAGE", hint: expect.stringContaining("--diffusion") });
    await mkdir(diffusion);
    await writeFile(join(diffusion, "model.json"), "{}");
    expect(await find()).toEqual({ weights: ddpm, model: diffusion });
  } finally {
    await rm(folder, { recursive: true });
  }
});
