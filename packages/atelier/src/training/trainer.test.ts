/** The trainer on a small GPT: chunks, resuming, checkpoints, and what it says when numbers run away. */
import { CharacterCodec, TokenStream } from "@atelier/data";
import { compile, flattenTree, type HostTensor, hostTensor, RandomKey, State, type TreeRecord } from "@atelier/engine";
import {
  adamw,
  classicGpt,
  type GptConfiguration,
  gpt,
  modernGpt,
  muon,
  type Phase,
  sgd,
  warmupCosine,
} from "@atelier/models";
import { describe, expect, it } from "vitest";
import { initialState, type TrainingPlan, type TrainingState, trainingStep } from "./step.js";
import { bitsOf, difference, numbersOf } from "./step.test-helpers.js";
import { NonFiniteError, stateFromTrees, stateToTrees, Trainer, type TrainerOptions } from "./trainer.js";

const text = "the quick brown fox jumps over the lazy dog and the dog sleeps on. ".repeat(8);
const codec = CharacterCodec.fromTexts([text]);
const stream = new TokenStream(codec.encode(text));
const size = { vocabulary: codec.spec.vocabulary, context: 8, layers: 2, heads: 2, width: 16 };
const key = RandomKey.fromSeed(42);

const planOf = (c: GptConfiguration, more: Partial<TrainingPlan> = {}): TrainingPlan => ({
  family: gpt(c),
  optimisers: { gpt: adamw({ learningRate: 3e-3, betas: [0.9, 0.99] }) },
  schedule: warmupCosine({ warmup: 4, total: 100 }),
  clip: 1,
  ...more,
});

const optionsOf = (plan: TrainingPlan): TrainerOptions => ({
  plan,
  batches: (step) => {
    const { inputs, targets } = stream.sample(key.split("batch").at(step), 4, size.context);
    const shape = [4, size.context];
    return { inputs: hostTensor(inputs, shape), targets: hostTensor(targets, shape) };
  },
  key,
  threads: 2,
});

/** The state after chunks of the given lengths. */
async function after(
  plan: TrainingPlan,
  chunks: readonly number[],
  from?: { step: number; state: TrainingState<HostTensor> },
) {
  const trainer = new Trainer(optionsOf(plan), from);
  const losses: number[] = [];
  for (const chunk of chunks) losses.push(...(await trainer.advance(chunk)).losses);
  const { state, done } = trainer;
  const model = trainer.modelOf("gpt");
  await trainer.release();
  return { state, model, done, losses };
}

const all = planOf(classicGpt(size, { dropout: 0.1 }), { averageDecay: 0.9, accumulate: 2 });

describe("chunks", () => {
  it.each([
    ["a classic GPT", planOf(classicGpt(size))],
    ["dropout", planOf(classicGpt(size, { dropout: 0.2 }))],
    ["dropout, a moving average and accumulation", all],
    [
      "a modern GPT and Muon",
      planOf(modernGpt(size), {
        optimisers: {
          gpt: muon({
            learningRate: 0.02,
            matrices: (path) => path.startsWith("blocks."),
            rest: adamw({ learningRate: 0.01 }),
          }),
        },
      }),
    ],
  ])("of one step and of eight end in the same bits: %s", async (_, plan) => {
    const singly = await after(plan, [1, 1, 1, 1, 1, 1, 1, 1]);
    const together = await after(plan, [8]);
    expect(singly.done).toBe(8);
    expect(bitsOf(together.state)).toEqual(bitsOf(singly.state));
    expect(together.losses).toEqual(singly.losses);
    expect(singly.losses.length).toBe(8 * (plan.accumulate ?? 1));
  });

  it("report the mean loss and the largest norm", async () => {
    const trainer = new Trainer(optionsOf(planOf(classicGpt(size))));
    const { loss, losses, gradientNorm } = await trainer.advance(3);
    await trainer.release();
    expect(loss).toBeCloseTo((losses[0]! + losses[1]! + losses[2]!) / 3, 6);
    const norms: number[] = [];
    const one = new Trainer(optionsOf(planOf(classicGpt(size))));
    for (let i = 0; i < 3; i++) norms.push((await one.advance(1)).gradientNorm);
    await one.release();
    expect(gradientNorm).toBe(Math.max(...norms));
  });

  it("learn: the loss falls from ln V to less than half of it", async () => {
    const { losses } = await after(
      planOf(modernGpt(size), { optimisers: { gpt: adamw({ learningRate: 0.02 }) } }),
      [50, 50],
    );
    expect(losses[0]).toBeCloseTo(Math.log(size.vocabulary), 5);
    expect(losses.slice(-10).reduce((a, b) => a + b) / 10).toBeLessThan(Math.log(size.vocabulary) / 2);
  });
});

describe("a trainer that goes on from a checkpoint", () => {
  it("ends in the same bits as one that never stopped", async () => {
    const straight = await after(all, [3, 3]);
    const first = await after(all, [3]);
    const state = stateFromTrees(stateToTrees(first.state), initialState(all, RandomKey.fromSeed(999)));
    const second = await after(all, [3], { step: 3, state });
    expect(second.done).toBe(6);
    expect(bitsOf(second.state)).toEqual(bitsOf(straight.state));
  });
});

describe("weights", () => {
  it("are the moving average where one is kept, else the parameters", async () => {
    const kept = await after(all, [2]);
    expect(kept.model.params).toBe(kept.state.average.gpt);
    expect(difference(kept.model.params, kept.state.params.gpt!)).toBeGreaterThan(0);
    const plain = await after(planOf(classicGpt(size)), [2]);
    expect(plain.model.params).toBe(plain.state.params.gpt);
  });
});

describe("state as checkpoints store it", () => {
  it("comes back whole", async () => {
    const plan = planOf(modernGpt(size), {
      averageDecay: 0.99,
      accumulate: 2,
      optimisers: { gpt: muon({ learningRate: 0.02, matrices: () => false, rest: sgd({ learningRate: 0.1 }) }) },
    });
    const { state } = await after(plan, [1]);
    const trees = stateToTrees(state);
    expect(Object.keys(trees).sort()).toEqual(["accumulated", "average", "buffers", "counters", "optimiser", "params"]);
    const back = stateFromTrees(trees, initialState(plan, key));
    expect(bitsOf(back)).toEqual(bitsOf(state));
    // Branches without leaves, such as the state of plain SGD, are there too: training goes on.
    expect(back.optimiser).toEqual(state.optimiser);
    expect((await after(plan, [1], { step: 1, state: back })).done).toBe(2);
  });

  it("is refused where it does not fit the plan", async () => {
    const plan = planOf(classicGpt(size));
    const trees = stateToTrees(initialState(plan, key));
    const wider = initialState(planOf(classicGpt({ ...size, width: 32 })), key);
    expect(() => stateFromTrees(trees, wider)).toThrow('The checkpoint has no fitting "params/gpt.blocks');
    const deeper = initialState(planOf(classicGpt({ ...size, layers: 3 })), key);
    expect(() => stateFromTrees(trees, deeper)).toThrow('"params/gpt.blocks.2');
    const averaged = initialState(planOf(classicGpt(size), { averageDecay: 0.9 }), key);
    expect(() => stateFromTrees(trees, averaged)).toThrow('"average/gpt.blocks');
    const { counters: _, ...rest } = trees;
    expect(() => stateFromTrees(rest, initialState(plan, key))).toThrow('"counters/batches"');
    const counters = new Map([...trees.counters!, ["batches", hostTensor(new Int32Array(1), [])] as const]);
    expect(() => stateFromTrees({ ...trees, counters }, initialState(plan, key))).toThrow('"counters/batches"');
  });
});

describe("numbers that run away", () => {
  const failure = async (trainer: Trainer, chunk: number): Promise<NonFiniteError> => {
    const error: unknown = await trainer.advance(chunk).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NonFiniteError);
    return error as NonFiniteError;
  };

  it.each([1, 4])("are traced to the step, in chunks of %d, and the last good state is kept", async (chunk) => {
    // Plain SGD with a rate of 10³⁰: the first update throws every parameter away, the second step has no loss.
    const plan = planOf(classicGpt(size), {
      optimisers: { gpt: sgd({ learningRate: 1e30 }) },
      clip: undefined,
      schedule: warmupCosine({ warmup: 0, total: 100 }),
    });
    const trainer = new Trainer(optionsOf(plan));
    const good = chunk === 1 ? await trainer.advance(1).then(() => trainer.state) : trainer.state;
    const error = await failure(trainer, chunk);
    expect(error.code).toBe("NON_FINITE");
    expect(error.message).toMatch(/no longer finite at step 2;/);
    expect(error.hint).toContain("learning rate");
    expect(bitsOf(trainer.state)).toEqual(bitsOf(good));
    expect(trainer.done).toBe(chunk === 1 ? 1 : 0);
    await trainer.release();
  });

  it("name the first parameter that is infinite itself", async () => {
    const plan = planOf(classicGpt(size));
    const state = initialState(plan, key);
    const table = (state.params.gpt!.embedding as TreeRecord<HostTensor>).tokens as HostTensor;
    table.data[5] = Number.POSITIVE_INFINITY;
    const trainer = new Trainer(optionsOf(plan), { step: 6, state });
    const { message } = await failure(trainer, 2);
    await trainer.release();
    expect(message).toBe(
      'The loss is no longer finite at step 7; the parameter "gpt.embedding.tokens" has become infinite or NaN',
    );
  });

  it("name the first gradient that is bad where the parameters are still numbers", async () => {
    const c = classicGpt(size);
    const plan = planOf(c);
    const state = initialState(plan, key);
    // Finite, but the logits overflow.
    const norm = (state.params.gpt!.norm as TreeRecord<HostTensor>).scale as HostTensor;
    norm.data.fill(3e38);
    const table = (state.params.gpt!.embedding as TreeRecord<HostTensor>).tokens as HostTensor;
    table.data.forEach((value, i) => {
      table.data[i] = value * 1e4;
    });
    const trainer = new Trainer(optionsOf(plan), { step: 0, state });
    const { message } = await failure(trainer, 1);
    await trainer.release();
    const paths = flattenTree<HostTensor>(state.params).map(([path]) => path);
    expect(message).toContain(`the first bad gradient is that of "${paths[0]}"`);
  });

  it("say so where it is the gradient alone", async () => {
    const c = classicGpt(size);
    const overflowing = gpt(c).phases[0]!;
    const family = {
      ...gpt(c),
      // The loss stays as it is; its gradient is multiplied by 10³⁰, and its norm overflows.
      phases: [
        {
          ...overflowing,
          loss: (...args: Parameters<typeof overflowing.loss>) => {
            const { loss } = overflowing.loss(...args);
            return { loss: loss.add(loss.sub(loss.stopGradient()).mul(1e30)) };
          },
        },
      ],
    };
    const trainer = new Trainer(optionsOf({ ...planOf(c), family }));
    const { message } = await failure(trainer, 1);
    await trainer.release();
    expect(message).toBe("The gradient is no longer finite at step 1; no single gradient is at fault");
  });

  it("are traced to the update, not the batch, where several batches make one", async () => {
    const plan = planOf(classicGpt(size), {
      optimisers: { gpt: sgd({ learningRate: 1e30 }) },
      clip: undefined,
      accumulate: 3,
      schedule: warmupCosine({ warmup: 0, total: 100 }),
    });
    const trainer = new Trainer(optionsOf(plan));
    expect((await failure(trainer, 4)).message).toContain("at step 2;");
    await trainer.release();
  });
});

describe("a family of several phases", () => {
  it("is trained too; its losses are added", async () => {
    const c = classicGpt(size);
    const [phase] = gpt(c).phases;
    const family = { ...gpt(c), phases: [phase!, { ...phase!, name: "again", every: 2 }] };
    const trainer = new Trainer(optionsOf({ ...planOf(c), family }));
    const { losses } = await trainer.advance(2);
    expect(losses[0]).toBeGreaterThan(1.8 * Math.log(size.vocabulary));
    expect(numbersOf(trainer.state.counters).get("updates")).toEqual([2]);
    await trainer.release();
  });

  it("leaves a phase out of the steps in which it has no turn, and ends where one that only takes no notice of it does", async () => {
    const c = classicGpt(size);
    const [phase] = gpt(c).phases;
    const traced: string[] = [];
    const named = (name: string, every: number): Phase => ({
      ...phase!,
      name,
      every,
      loss: (...args) => {
        traced.push(name);
        return phase!.loss(...args);
      },
    });
    const plan = planOf(c, { accumulate: 2, averageDecay: 0.9 });
    const options = optionsOf({ ...plan, family: { ...gpt(c), phases: [named("always", 1), named("rarely", 3)] } });
    const trainer = new Trainer(options);
    const first = await trainer.advance(2);
    // A graph for the first step, of both; one for the second.
    expect(traced).toEqual(["always", "rarely", "always"]);
    const more = await trainer.advance(3);
    expect(first.figures["rarely.loss"]).toBeGreaterThan(0);
    expect(first.losses.map((loss) => (loss > 1.8 * Math.log(size.vocabulary) ? 2 : 1))).toEqual(
      Float32Array.of(2, 2, 1, 1),
    );
    expect(more.losses).toHaveLength(6);

    // All phases in every step, as the step has it by itself.
    const run = compile(trainingStep(options.plan), { donate: ["state"], threads: 2 });
    let state = new State(initialState(options.plan, key.split("initialise")));
    for (let batch = 0; batch < 10; batch++) {
      const next = await run({ state, batch: options.batches(batch) }, { keys: key.split("step").at(batch) });
      state = next.state;
    }
    expect(difference(trainer.state, state.read())).toBeLessThan(1e-6);
    await run.release();
    await trainer.release();
  });
});
