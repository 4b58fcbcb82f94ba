/** The example of the README, word for word; a test compares them and runs it. */
import {
  BpeCodec,
  Curator,
  curationSchema,
  loadTextCodec,
  openTextDataset,
  splitDocuments,
  TokenStream,
} from "@atelier/data";
import { RandomKey } from "@atelier/engine/random";

const key = RandomKey.fromSeed(1);
const dataset = await openTextDataset("./notes", { home: ".atelier" }); // or "posts.jsonl", or "moby-dick"

// What would be taken out, and why. Nothing is changed on the disk.
const curator = new Curator(curationSchema.parse({ minWords: 3, pii: "mask" }));
const kept: string[] = [];
for await (const { name } of curator.curate(dataset.documents())) kept.push(name);
console.log(kept, curator.report().removed);

const { train, validation } = await splitDocuments(dataset, { validation: 0.1, key: key.split("split") });
const texts: string[] = [];
for await (const { text } of train.documents()) texts.push(text);
const codec = BpeCodec.train(texts, { vocabulary: 300 });

const stream = await TokenStream.fromDocuments(train.documents(), codec);
const heldOut = await TokenStream.fromDocuments(validation.documents(), codec);
const { inputs, targets } = stream.sample(key.split("batch").at(0), 4, 16); // (4, 16) each
const again = loadTextCodec(JSON.parse(JSON.stringify(codec)));
console.log(again.decode(inputs.subarray(0, 16)), again.decode(targets.subarray(0, 16)), heldOut.length);
