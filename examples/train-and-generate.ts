/**
 * Trains a small character model on texts that the program has in hand, then goes on from a prompt. A few seconds on a laptop; for a
 * model worth having, give more text and more steps.
 */
import { complete, load, train } from "@atelier/atelier";

const verses = [
  "The rain it raineth on the just and also on the unjust fella;",
  "but chiefly on the just, because the unjust hath the just's umbrella.",
];
const home = ".atelier";

const result = await train(
  {
    data: "verses",
    model: { layers: 1, heads: 2, width: 32, context: 32 },
    training: { steps: 200, batch: 8, evaluateEvery: 100 },
    seed: 1,
  },
  { home, data: { name: "verses", documents: verses.map((verse) => `${verse}\n`.repeat(20)) } },
);
console.log(result.evidence?.verdict?.summary);

const model = await load(result.run, { home });
const { rows, provenance } = await complete(model, { prompt: "The rain", tokens: 60, temperature: 0.5, seed: 7 });
console.log(rows[0]?.text);
console.log(`made by ${provenance.model.name} with seed ${provenance.seed}`);
await model.release();
