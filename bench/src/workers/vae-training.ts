/**
 * Training the VAE of PyTorch's examples (784-400-20, Bernoulli pictures, Adam at 1e-3, batches of 128) on Fashion-MNIST with the product's
 * own trainer, and judging it on the test pictures: what both workers are made of. peers/torch_vae.py is the same in PyTorch.
 */

import { tmpdir } from "node:os";
import { Trainer } from "@atelier/atelier";
import { decodePictures, ImageCodec, openPictures, type PictureSet } from "@atelier/data";
import {
  compile,
  type HostTensor,
  hostTensor,
  leavesOf,
  RandomKey,
  Scope,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import { adamw, constantRate, countParameters, vae, vaeConfiguration, vaeElbo } from "@atelier/models";

export const BATCH = 128;
/** Steps in one call of the runtime, as `atelier train` makes them for models of this size. */
const TOGETHER = 8;
/** Test pictures judged at once. */
const JUDGED = 500;

export interface VaeTraining {
  readonly parameters: number;
  /** Tracing, differentiating, optimising and compiling the step. */
  readonly compileMilliseconds: number;
  /** Pictures that are trained on. */
  readonly pictures: number;
  /** The mean loss of so many steps, in nats per picture. */
  steps(count: number): Promise<number>;
  /** The mean loss of the test pictures, each with one draw of z, and how many there are. */
  judge(): Promise<{ readonly loss: number; readonly pictures: number }>;
}

export async function startVaeTraining(options: {
  readonly folder: string;
  readonly seed: number;
  readonly threads: number;
}): Promise<VaeTraining> {
  const { threads } = options;
  const codec = new ImageCodec({ size: 28, channels: 1 });
  const { shape, fields } = codec.spec;
  const { records } = await openPictures(options.folder, { home: tmpdir() });
  const { set } = await decodePictures(records, codec.settings);
  const [train, test] = [partOf(set, "train"), partOf(set, "test")];
  const c = vaeConfiguration({ shape, fields, latent: 20 });
  const family = vae(c);
  const key = RandomKey.fromSeed(options.seed);

  /** All pictures in a new order on every pass; a batch may lie across two passes. */
  const orders = new Map<number, Uint32Array>();
  const placeAt = (position: number): number => {
    const pass = Math.floor(position / train.length);
    let order = orders.get(pass);
    if (order === undefined) {
      order = key.split("order").at(pass).permutation(train.length);
      orders.delete(pass - 2);
      orders.set(pass, order);
    }
    return order[position - pass * train.length]!;
  };
  const rowsOf = (from: PictureSet, places: readonly number[]): HostTensor =>
    hostTensor(codec.encode(from.rows(places)), [places.length, ...shape]);
  const trainer = new Trainer({
    plan: {
      family,
      optimisers: { vae: adamw({ learningRate: 1e-3, weightDecay: 0 }) },
      schedule: constantRate,
    },
    batches: (step) => ({
      x: rowsOf(
        train,
        Array.from({ length: BATCH }, (_, i) => placeAt(step * BATCH + i)),
      ),
    }),
    key,
    threads,
  });
  const started = performance.now();
  await trainer.prepare(TOGETHER);
  const compileMilliseconds = performance.now() - started;

  const bound = compile(
    ({ params, x }: { params: TreeRecord<Tensor>; x: Tensor }) => ({
      elbo: vaeElbo(Scope.over({ params }), c, x).elbo,
    }),
    { threads },
  );
  return {
    parameters: countParameters(leavesOf<HostTensor>(trainer.state.params)),
    compileMilliseconds,
    pictures: train.length,
    async steps(count) {
      let total = 0;
      for (let done = 0; done < count; done += TOGETHER) {
        const now = Math.min(TOGETHER, count - done);
        total += (await trainer.advance(now)).loss * now;
      }
      return total / count;
    },
    async judge() {
      const params = trainer.state.params.vae!;
      let total = 0;
      for (let from = 0; from < test.length; from += JUDGED) {
        const places = Array.from({ length: Math.min(JUDGED, test.length - from) }, (_, i) => from + i);
        const { elbo } = await bound({ params, x: rowsOf(test, places) }, { keys: key.split("judge").at(from) });
        total -= [...elbo.data].reduce((sum, value) => sum + value, 0);
      }
      return { loss: total / test.length, pictures: test.length };
    },
  };
}

const partOf = (set: PictureSet, part: "train" | "test"): PictureSet =>
  set.select(set.splits.flatMap((split, i) => (split === part ? [i] : [])));
