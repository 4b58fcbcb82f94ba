/**
 * GPT-2's names of parameters, as nanoGPT (https://github.com/karpathy/nanoGPT, model.py) and Hugging Face's checkpoints have them.
 * The layout [in, out] of linear weights is ours and Hugging Face's; nanoGPT stores them [out, in].
 */
import { type HostTensor, hostTensor } from "@atelier/engine";

export interface WeightName {
  readonly ours: string;
  readonly theirs: string;
  readonly transposed: boolean;
}

/** Every parameter of a classic GPT, with its name in a nanoGPT checkpoint. */
export const nanogptNames = (layers: number, bias: boolean): WeightName[] => gpt2Names(layers, bias, true);

/** Every parameter of a classic GPT, with its name in a Hugging Face GPT-2 checkpoint. */
export const huggingFaceNames = (layers: number): WeightName[] => gpt2Names(layers, true, false);

function gpt2Names(layers: number, bias: boolean, transposed: boolean): WeightName[] {
  const names: WeightName[] = [
    { ours: "embedding.tokens", theirs: "transformer.wte.weight", transposed: false },
    { ours: "embedding.positions", theirs: "transformer.wpe.weight", transposed: false },
  ];
  const norm = (ours: string, theirs: string): void => {
    names.push({ ours: `${ours}.scale`, theirs: `${theirs}.weight`, transposed: false });
    if (bias) names.push({ ours: `${ours}.shift`, theirs: `${theirs}.bias`, transposed: false });
  };
  const linear = (ours: string, theirs: string): void => {
    names.push({ ours: `${ours}.weight`, theirs: `${theirs}.weight`, transposed });
    if (bias) names.push({ ours: `${ours}.bias`, theirs: `${theirs}.bias`, transposed: false });
  };
  for (let layer = 0; layer < layers; layer++) {
    const [ours, theirs] = [`blocks.${layer}`, `transformer.h.${layer}`];
    norm(`${ours}.norm1`, `${theirs}.ln_1`);
    linear(`${ours}.attention.qkv`, `${theirs}.attn.c_attn`);
    linear(`${ours}.attention.output`, `${theirs}.attn.c_proj`);
    norm(`${ours}.norm2`, `${theirs}.ln_2`);
    linear(`${ours}.mlp.expand`, `${theirs}.mlp.c_fc`);
    linear(`${ours}.mlp.contract`, `${theirs}.mlp.c_proj`);
  }
  norm("norm", "transformer.ln_f");
  return names;
}

/** A matrix with its axes exchanged. */
export function transposeMatrix({ shape, data }: HostTensor): HostTensor {
  const [rows, columns] = shape as [number, number];
  const out = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j]!;
  return hostTensor(out, [columns, rows]);
}
