/** The example of the README, word for word; a test compares them and runs it. */
import { GptGenerator, openModel, type RecipeInput, train } from "@atelier/atelier";
import { RandomKey } from "@atelier/engine";

const home = ".atelier"; // where runs and models are kept
const recipe: RecipeInput = {
  data: "book.txt", // or a folder, or the name of a dataset: "moby-dick"
  model: { layers: 2, heads: 2, width: 32, context: 32 },
  training: { steps: 160, batch: 8, evaluateEvery: 80 },
};

const { run, score, baseline } = await train(recipe, {
  home,
  onEvent: (event) => {
    if (event.kind === "evaluation") console.log(`step ${event.step}: loss ${event.loss.toFixed(3)}`);
  },
});
console.log(`${score?.bitsPerByte} bits per byte, and the n-grams' ${baseline.bitsPerByte}`);

const { configuration, weights, codec } = await openModel(home, run);
const generator = new GptGenerator(configuration, weights);
const decoder = codec.streamDecoder();
const settings = { temperature: 0.8, topP: 0.95, tokens: 120, samples: 1 };
for await (const { token } of generator.generate(codec.encode("the "), settings, RandomKey.fromSeed(7))) {
  process.stdout.write(decoder.push(token));
}
await generator.release();
