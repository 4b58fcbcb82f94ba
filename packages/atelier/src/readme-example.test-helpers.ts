/** The example of the README, word for word; a test compares them and runs it. */
import { complete, emit, generate, load, type RecipeInput, reproduce, score, train } from "@atelier/atelier";

const recipe: RecipeInput = {
  data: "book.txt", // or a folder, or the name of a dataset: "moby-dick"
  model: { layers: 2, heads: 2, width: 32, context: 32 },
  training: { steps: 160, batch: 8, evaluateEvery: 80 },
};

const {
  run,
  score: held,
  baseline,
} = await train(recipe, {
  home: ".atelier", // where runs and models are kept
  onEvent: (event) => {
    if (event.kind === "evaluation") console.log(`step ${event.step}: loss ${event.loss.toFixed(3)}`);
  },
});
console.log(`${held?.bitsPerByte} bits per byte, and the n-grams' ${baseline.bitsPerByte}`);

const model = await load(run);
for await (const { text } of generate(model, { prompt: "the ", topP: 0.95, tokens: 120, seed: 7 })) {
  process.stdout.write(text); // as it is made
}

// All at once, and only text of this form.
const { rows, provenance } = await complete(model, { samples: 3, tokens: 20, grammar: { regex: "the [a-z]+" } });
const texts = rows.map((row) => row.text);
for (const { bitsPerByte } of await score(model, texts)) console.log(`${bitsPerByte.toFixed(2)} bits per byte`);
await model.release();

// What is written says what made it, and can be made again.
await emit({ media: "text", texts, whole: false }, provenance, { to: "file", path: "samples.txt" });
console.log((await reproduce("samples.txt")).equal);
