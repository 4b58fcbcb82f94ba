/**
 * Follows a recorded training run of nanoGPT (fixture: initial weights, batches, losses, gradient norms, then logits and greedy
 * tokens) and says how far ours strays from it. Exit code 0 where it follows, 1 where not, 2 for a command line that makes no sense.
 *
 *   npm run trajectory -- path/to/nanogpt-trajectory path/to/text.txt [--json]
 */
import { followTrajectory, LOSS_BAR } from "./follow-trajectory.js";
import { runTool } from "./run-tool.js";
import { readTrajectory } from "./trajectory-fixture.js";

runTool("npm run trajectory -- FIXTURE_STEM TEXT_FILE [--json]", 2, async ([stem, textFile], json) => {
  const result = await followTrajectory(await readTrajectory(stem!, textFile!));
  if (json) console.log(JSON.stringify(result));
  else {
    console.log(`largest difference in loss           ${result.loss.toExponential(2)}  (bar ${LOSS_BAR})`);
    console.log(`largest difference in gradient norm  ${result.gradNorm.toExponential(2)}`);
    console.log(`largest difference in final logits   ${result.logits.toExponential(2)}`);
    console.log(`greedy tokens                        ${result.tokensEqual ? "equal" : "different"}`);
  }
  return result.loss <= LOSS_BAR && result.tokensEqual;
});
