/** What 8-bit weights cost in quality: the perplexity of a trained model with its weights and with them rounded. */

import { compile, hostTensor, Scope, type Tensor, type TreeRecord, type WeightFormat } from "@atelier/engine";
import { gptLoss } from "@atelier/models";
import { charactersOf, splitCharacters } from "./characters.js";
import { startGptTraining } from "./gpt-training.js";
import { readBenchRecipe } from "./recipes.js";

const trainingSteps = 320;
const windowsPerCall = 64;

/** Trains nanoGPT's CPU configuration for a while on the text and judges it twice on all of the validation split. */
export async function compareRounded(text: string, threads: number): Promise<string> {
  const { ids, vocabulary } = await charactersOf(text);
  const { train, validation } = splitCharacters(ids);
  const recipe = await readBenchRecipe("nanogpt");
  const training = await startGptTraining({ recipe, vocabulary, tokens: train, seed: recipe.seed, threads });
  await training.steps(trainingSteps);
  const { configuration, weights } = training;
  const perplexity = async (format: WeightFormat): Promise<number> => {
    const call = compile(
      ({ gpt, inputs, targets }: { gpt: TreeRecord<Tensor>; inputs: Tensor; targets: Tensor }) => ({
        loss: gptLoss(Scope.over({ params: gpt }), configuration, inputs, targets),
      }),
      { freeze: ["gpt"], threads, weights: format },
    );
    const size = windowsPerCall * configuration.context;
    const shape = [windowsPerCall, configuration.context];
    const losses: number[] = [];
    for (let at = 0; at + size + 1 <= validation.length; at += size) {
      const { loss } = await call({
        gpt: weights,
        inputs: hostTensor(validation.slice(at, at + size), shape),
        targets: hostTensor(validation.slice(at + 1, at + size + 1), shape),
      });
      losses.push(loss.data[0]!);
    }
    await call.release();
    return Math.exp(losses.reduce((sum, loss) => sum + loss, 0) / losses.length);
  };
  const [exact, rounded] = [await perplexity("float32"), await perplexity("int8")];
  const percent = (rounded / exact - 1) * 100;
  return `perplexity after ${trainingSteps} steps of nanogpt-cpu ${exact.toFixed(4)}, with int8 ${rounded.toFixed(4)} (${percent >= 0 ? "+" : ""}${percent.toFixed(3)} %)`;
}
