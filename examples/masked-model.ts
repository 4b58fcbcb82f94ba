/** A masked model: fills blanks, compares sentences, and says which of two is the likelier. */
import { embed, fill, load, nearestTo, score, train } from "@atelier/atelier";

const home = ".atelier";
const colours = ["red", "green", "blue"];
const sentences = colours.flatMap((colour) => [`the ${colour} ball is ${colour}. `, `a ${colour} car, so ${colour}! `]);
const { run } = await train(
  {
    data: "colours",
    family: "bert",
    codec: { kind: "bpe", vocabulary: 300 },
    model: { layers: 1, heads: 2, width: 32, context: 16 },
    training: { steps: 150, batch: 16, evaluateEvery: 150 },
  },
  { home, data: { name: "colours", documents: [sentences.join("").repeat(30)] } },
);

const model = await load(run, { home });
const { gaps } = await fill(model, { text: "the red ball is<blank>.", choices: 3 });
console.log(gaps[0]?.map(({ text }) => text));
const others = ["a red car", "the blue ball"];
const [query, ...vectors] = await embed(model, ["the red ball", ...others]);
for (const { index, similarity } of nearestTo(query!, vectors)) console.log(others[index], similarity.toFixed(3));
const [likely, unlikely] = await score(model, ["the red ball is red.", "the red ball is blue."]);
console.log(likely!.bitsPerByte < unlikely!.bitsPerByte ? "red is likelier" : "blue is likelier");
await model.release();
