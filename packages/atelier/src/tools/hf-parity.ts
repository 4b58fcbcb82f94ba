/**
 * Reads a Hugging Face GPT-2 folder with an `expected.json` beside its files and says how far ours strays from what is recorded there:
 * encodings, decodings, logits and greedy tokens. Exit code 0 where it follows, 1 where not.
 *
 *   npm run hf-parity -- path/to/folder [--json]
 */
import { huggingFaceParity } from "./follow-huggingface.js";
import { runTool } from "./run-tool.js";

/** The largest difference in logits that counts as the same model. */
const LOGITS_BAR = 1e-4;

runTool("npm run hf-parity -- FOLDER [--json]", 1, async ([folder], json) => {
  const result = await huggingFaceParity(folder!);
  const { logits, encodingsEqual, decodingsEqual, greedyEqual } = result;
  if (json) console.log(JSON.stringify(result));
  else {
    const word = (equal: boolean): string => (equal ? "equal" : "different");
    console.log(`largest difference in logits  ${logits.toExponential(2)}  (bar ${LOGITS_BAR})`);
    console.log(`encodings                     ${word(encodingsEqual)}`);
    console.log(`decodings                     ${word(decodingsEqual)}`);
    console.log(`greedy tokens                 ${word(greedyEqual)}`);
  }
  return logits <= LOGITS_BAR && encodingsEqual && decodingsEqual && greedyEqual;
});
