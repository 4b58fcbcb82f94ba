/** Streams several samples side by side, with the probability of each token, and stops when it has seen enough. */
import { generate, load, train } from "@atelier/atelier";

const home = ".atelier";
const { run } = await train(
  {
    data: "counting",
    model: { layers: 1, heads: 2, width: 32, context: 32 },
    training: { steps: 100, batch: 8, evaluateEvery: 100 },
  },
  { home, data: { name: "counting", documents: ["one two three four five six seven eight nine ten. ".repeat(60)] } },
);

const model = await load(run, { home });
const enough = new AbortController();
const texts = ["", ""];
try {
  const pieces = generate(
    model,
    { prompt: "one two", samples: 2, tokens: 500, stop: ["."], logProbabilities: 1, seed: 3 },
    { signal: enough.signal },
  );
  for await (const { row, text, logProbability } of pieces) {
    texts[row] += text;
    if (logProbability !== undefined && logProbability < Math.log(1e-4)) console.log(`a surprise in row ${row}`);
    if (texts.join("").length > 200) enough.abort();
  }
} catch (error) {
  if (!enough.signal.aborted) throw error;
}
console.log(texts);
await model.release();
