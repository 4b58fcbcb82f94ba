/** What PyTorch recorded of a network, to be compared with: figures in a JSON file, and beside it the weights, by Atelier's names. */
import { readFile } from "node:fs/promises";
import { type HostTensor, type TreeRecord, treeFromPaths } from "@atelier/engine";
import { decodeSafetensors } from "@atelier/engine/storage";

export interface TorchFixture<Figures> {
  readonly figures: Figures;
  /** The weights whose names begin so, without that beginning; all of them without one. */
  weights(prefix?: string): TreeRecord<HostTensor>;
}

/** @param stem of both files: `./fixtures/torch-gan`. @param base `import.meta.url` */
export async function torchFixture<Figures>(stem: string, base: string): Promise<TorchFixture<Figures>> {
  const { href } = new URL(stem, base);
  const figures: Figures = JSON.parse(await readFile(new URL(`${href}.json`), "utf8"));
  const { tensors } = decodeSafetensors(await readFile(new URL(`${href}.safetensors`)));
  return {
    figures,
    weights(prefix = "") {
      const own = [...tensors].filter(([path]) => path.startsWith(prefix));
      return treeFromPaths(new Map(own.map(([path, value]) => [path.slice(prefix.length), value])));
    },
  };
}
