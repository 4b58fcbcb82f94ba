/** The model sizes of nanoGPT's two tinyshakespeare configurations: the one for a CPU and the one for a GPU (see recipes.ts). */
export const sizeNames = ["nanogpt-cpu", "nanogpt-gpu"] as const;

export type SizeName = (typeof sizeNames)[number];
