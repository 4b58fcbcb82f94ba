/** How each worker is started: ours with the Node that runs this, the peers with their own interpreters. */

import { fileURLToPath } from "node:url";
import { ArgumentError } from "@atelier/engine/errors";
import type { Command } from "../worker-process.js";
import type { ConvolutionName, ConvolutionSize } from "../workers/convolution-sizes.js";
import type { PictureSizeName } from "../workers/picture-sizes.js";
import type { RecipeName } from "../workers/recipes.js";
import type { SizeName } from "../workers/sizes.js";
import type { BenchContext, DdpmFiles, Need } from "./row.js";

const ourWorkers = new URL("../workers/", import.meta.url);
const peers = new URL("../../peers/", import.meta.url);

/** Our worker that takes training steps. */
export function ourSteps(size: SizeName, context: BenchContext): Command {
  return ours("step-main.js", ["--size", size, "--threads", String(context.threads), ...textFlag(context)]);
}

/** Our worker that trains a whole recipe. */
export function ourTraining(recipe: RecipeName, seed: number, context: BenchContext, target?: number): Command {
  return ours("train-main.js", [
    ...["--recipe", recipe, "--seed", String(seed), "--threads", String(context.threads), "--text", textOf(context)],
    ...(target === undefined ? [] : ["--target", String(target)]),
  ]);
}

/** Our worker that generates; with 8-bit weights it also says what they cost in perplexity. */
export function ourGeneration(
  { batch, weights }: { readonly batch: number; readonly weights: "float32" | "int8" },
  context: BenchContext,
): Command {
  const flags = ["--batch", String(batch), "--threads", String(context.threads), "--weights", weights];
  return ours("generation-main.js", weights === "int8" ? [...flags, "--text", textOf(context)] : flags);
}

/** Hugging Face's worker that generates. */
export function transformersGeneration(batch: number, context: BenchContext): Command {
  const flags = ["--batch", String(batch), "--threads", String(context.threads)];
  return torch("transformers_generate.py", flags, context);
}

/** PyTorch's worker that takes training steps. */
export function torchSteps(size: SizeName, context: BenchContext): Command {
  return torch("torch_step.py", ["--size", size, "--threads", String(context.threads), ...textFlag(context)], context);
}

/** Our worker that takes training steps of a picture network. */
export function ourPictureSteps(size: PictureSizeName, context: BenchContext): Command {
  return ours("picture-step-main.js", ["--size", size, "--threads", String(context.threads)]);
}

/** PyTorch's worker that takes training steps of a picture network. */
export function torchPictureSteps(size: PictureSizeName, context: BenchContext): Command {
  return torch("torch_pictures.py", ["--size", size, "--threads", String(context.threads)], context);
}

/** Our worker that draws pictures with a U-Net. */
export function ourSampling(context: BenchContext): Command {
  return ours("sampling-main.js", ["--threads", String(context.threads)]);
}

/** PyTorch's worker that draws pictures with a U-Net. */
export function torchSampling(context: BenchContext): Command {
  return torch("torch_sampling.py", ["--threads", String(context.threads)], context);
}

/** Our worker that takes training steps of a GAN. */
export function ourGanSteps(context: BenchContext): Command {
  return ours("gan-step-main.js", ["--threads", String(context.threads)]);
}

/** PyTorch's worker that takes training steps of a GAN. */
export function torchGanSteps(context: BenchContext): Command {
  return torch("torch_gan_step.py", ["--threads", String(context.threads)], context);
}

/** Our worker that takes steps of the VAE of PyTorch's examples. */
export function ourVaeSteps(context: BenchContext): Command {
  return ours("vae-step-main.js", [...picturesFlag(context), "--threads", String(context.threads)]);
}

/** PyTorch's worker that takes steps of its VAE. */
export function torchVaeSteps(context: BenchContext): Command {
  return torch("torch_vae_step.py", [...picturesFlag(context), "--threads", String(context.threads)], context);
}

/** Our worker that trains that VAE. */
export function ourVaeTraining(seed: number, context: BenchContext): Command {
  const flags = ["--seed", String(seed), "--threads", String(context.threads)];
  return ours("vae-train-main.js", [...picturesFlag(context), ...flags]);
}

/** Our worker that makes a model of the DDPM that PyTorch trained. */
export function ddpmImport(out: string, context: BenchContext): Command {
  const { weights, model } = ddpmOf(context);
  return ours("ddpm-import-main.js", ["--weights", weights, "--like", model, "--out", out]);
}

/** As many as the test part of Fashion-MNIST has. */
const DRAWN = 10_000;

/** Our worker that judges a diffusion model's pictures. */
export function diffusionEvaluation(
  { model, home, guidance }: { readonly model: string; readonly home: string; readonly guidance: number | undefined },
  context: BenchContext,
): Command {
  const extractor = fileURLToPath(new URL("../../../models/fashion-mnist-classifier", import.meta.url));
  const flags = ["--extractor", extractor, "--home", home, "--threads", String(context.threads)];
  if (guidance !== undefined) flags.push("--guidance", String(guidance));
  return ours("ddpm-evaluate-main.js", ["--model", model, "--samples", String(DRAWN), ...flags]);
}

/** Our worker that computes a convolution and both gradients. */
export function ourConvolution(name: ConvolutionName, context: BenchContext): Command {
  return ours("convolution-main.js", ["--name", name, "--threads", String(context.threads)]);
}

/** PyTorch's worker that computes a convolution and both gradients. */
export function torchConvolution(size: ConvolutionSize, context: BenchContext): Command {
  const { x, weight, stride, padding, groups } = size;
  const settings = Object.entries({ stride, padding, groups, threads: context.threads });
  const flags = settings.flatMap(([name, value]) => [`--${name}`, String(value)]);
  return torch("torch_convolution.py", ["--x", x.join(","), "--weight", weight.join(","), ...flags], context);
}

/** nanoGPT's whole CPU recipe in PyTorch. */
export function torchTraining(seed: number, context: BenchContext): Command {
  const flags = ["--seed", String(seed), "--threads", String(context.threads), "--text", textOf(context)];
  return torch("torch_train.py", flags, context);
}

/** TensorFlow.js's worker that takes training steps of nanoGPT's CPU configuration. */
export function tfjsSteps(matmul: "plain" | "tuned", context: BenchContext): Command {
  const flags = ["--modules", needed(context.tfjsModules, "tfjs"), "--matmul", matmul, ...textFlag(context)];
  return { program: process.execPath, arguments: [fileURLToPath(new URL("tfjs-step.mjs", peers)), ...flags] };
}

function ours(file: string, flags: readonly string[]): Command {
  return { program: process.execPath, arguments: [fileURLToPath(new URL(file, ourWorkers)), ...flags] };
}

function torch(file: string, flags: readonly string[], context: BenchContext): Command {
  return {
    program: needed(context.python, "python"),
    arguments: [fileURLToPath(new URL(file, peers)), ...flags],
  };
}

/** Both trainings that the row `ddpm` compares. */
export const ddpmOf = (context: BenchContext): DdpmFiles => needed(context.ddpm, "ddpm");

function textFlag(context: BenchContext): readonly string[] {
  return context.text === undefined ? [] : ["--text", context.text];
}

const picturesFlag = (context: BenchContext): readonly string[] => ["--pictures", needed(context.pictures, "pictures")];

function textOf(context: BenchContext): string {
  return needed(context.text, "text");
}

function needed<Value>(value: Value | undefined, need: Need): Value {
  if (value === undefined) throw new ArgumentError(`This row was started without what it needs: ${need}.`);
  return value;
}
