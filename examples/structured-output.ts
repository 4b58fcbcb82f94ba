/** Output that is valid for a JSON Schema whatever the model: here one that has hardly been trained at all. */
import { complete, load, train } from "@atelier/atelier";

const home = ".atelier";
const people = Array.from({ length: 200 }, (_, i) =>
  JSON.stringify({ name: ["Ada", "Ben", "Cleo", "Dan"][i % 4], age: 20 + (i % 50), tags: ["a", "b"].slice(0, i % 3) }),
);
const { run } = await train(
  {
    data: "people",
    model: { layers: 1, heads: 2, width: 32, context: 64 },
    training: { steps: 20, batch: 8, evaluateEvery: 20 },
  },
  { home, data: { name: "people", documents: people.map((person) => `${person}\n`) } },
);

const schema = {
  type: "object",
  properties: {
    name: { type: "string", pattern: "^[A-Z][a-z]{1,9}$" },
    age: { type: "integer", minimum: 0, maximum: 120 },
    tags: { type: "array", items: { enum: ["a", "b"] }, maxItems: 2 },
  },
  required: ["name", "age", "tags"],
  additionalProperties: false,
};
const model = await load(run, { home });
const { rows } = await complete(model, { grammar: { jsonSchema: schema }, samples: 4, tokens: 80, seed: 1 });
for (const { text } of rows) {
  const person = JSON.parse(text) as { name: string; age: number; tags: string[] };
  console.log(`${person.name}, ${person.age}: ${person.tags.join(" ")}`);
}
await model.release();
