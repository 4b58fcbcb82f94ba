/** Finding what the row `ddpm` compares: weights that PyTorch trained, and the folder of a model of ours. */

import { access } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "./errors.js";
import type { DdpmFiles } from "./rows/row.js";

/** The model that comes with this repository. */
const ours = fileURLToPath(new URL("../../models/fashion-mnist-diffusion", import.meta.url));

/**
 * Undefined without weights.
 * @throws UsageError when one of the two is not there
 */
export async function findDdpm({
  ddpm: weights,
  diffusion: model = ours,
}: {
  readonly ddpm: string | undefined;
  readonly diffusion: string | undefined;
}): Promise<DdpmFiles | undefined> {
  if (weights === undefined) return undefined;
  await requireFile(weights, "Train them: bench/peers/torch_ddpm_train.py.");
  await requireFile(`${weights}.json`, "It is written beside the weights: keep the two together.");
  await requireFile(join(model, "model.json"), "Name the folder of a finished diffusion model with --diffusion DIR.");
  return { weights, model };
}

async function requireFile(file: string, hint: string): Promise<void> {
  await access(file).catch((cause: unknown) => {
    throw new UsageError(`There is no file '${file}'.`, { hint, cause });
  });
}
