/** Opens a corpus in a process of its own and prints what came out, and the most memory that the process ever had. */
import { resolveTextRecipe } from "../recipe/resolve.js";
import { openCorpus } from "./corpus.js";

const [data, home, codec] = process.argv.slice(2);
const seconds: Record<string, number> = {};
let at = performance.now();
const { dataset, train, validation } = await openCorpus(resolveTextRecipe({ data, codec: JSON.parse(codec!) }), {
  home: home!,
  onProgress: ({ stage }) => {
    seconds[stage] = (seconds[stage] ?? 0) + (performance.now() - at) / 1000;
    at = performance.now();
  },
});
const { documents, bytes, characters } = dataset.card;
const peak = process.resourceUsage().maxRSS * 1024;
const batch = [...train.read(0, 8), ...validation.read(validation.length - 8, validation.length)];
console.log(
  JSON.stringify({
    documents,
    bytes,
    characters,
    train: train.length,
    validation: validation.length,
    batch,
    peak,
    seconds,
  }),
);
