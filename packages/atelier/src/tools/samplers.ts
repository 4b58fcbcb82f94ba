/**
 * Samples from the start and with the noise in a file, with every sampler that the file has a result of, and says how far each ends from
 * it. Exit code 0 where all are within the bar, 1 where one is not or the file is no such file, 2 for a command line that makes no sense.
 *
 *   npm run samplers -- path/to/diffusion-samplers.json [--json]
 */
import { runTool } from "./run-tool.js";
import { followSamplers, passes } from "./samplers-fixture.js";

runTool("npm run samplers -- FILE [--json]", 1, async ([file], json) => {
  const matches = await followSamplers(file!);
  if (json) console.log(JSON.stringify(Object.fromEntries(matches.map(({ name, difference }) => [name, difference]))));
  else {
    const width = Math.max(...matches.map(({ name }) => name.length));
    for (const match of matches) {
      const verdict = passes(match) ? "pass" : "fail";
      console.log(`${match.name.padEnd(width)}  ${match.difference.toExponential(1).padStart(7)}  ${verdict}`);
    }
  }
  return matches.every(passes);
});
