/** A model of code that writes what is missing between two pieces of a program. */
import { fill, load, train } from "@atelier/atelier";

const home = ".atelier";
const functions = ["add +", "subtract -", "multiply *", "divide /"].map((line) => line.split(" "));
const source = functions
  .map(([name, sign]) => `export function ${name}(a: number, b: number): number {\n  return a ${sign} b;\n}\n`)
  .join("\n");
const { run } = await train(
  {
    data: "arithmetic",
    codec: { kind: "code", vocabulary: 320 },
    model: { layers: 2, heads: 2, width: 32, context: 64 },
    training: { steps: 150, batch: 8, fill: 0.7, evaluateEvery: 150 },
  },
  {
    home,
    data: {
      name: "arithmetic.ts",
      documents: Array.from({ length: 20 }, (_, i) => ({ name: `${i}.ts`, text: source })),
    },
  },
);

const model = await load(run, { home });
const { text } = await fill(model, {
  prefix: "export function add(a: number, b: number): number {\n",
  suffix: "\n}\n",
  tokens: 16,
});
console.log(text);
await model.release();
