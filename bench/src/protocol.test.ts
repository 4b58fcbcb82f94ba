import { expect, test } from "vitest";
import { alternate, type Steps } from "./protocol.js";

/** A worker whose turns take the given milliseconds a step, and that writes down when it worked. */
function scripted(name: string, perStep: readonly number[], log: string[]): Steps {
  let turn = 0;
  return {
    async steps(count) {
      log.push(`${name}×${count}`);
      const milliseconds = perStep[turn]! * count;
      turn += 1;
      return milliseconds;
    },
  };
}

test("takes turns after a warm-up, changing who goes first", async () => {
  const log: string[] = [];
  const ours = scripted("a", [9, 1, 1, 1], log);
  const peer = scripted("b", [9, 1, 1, 1], log);
  await alternate(ours, peer, { rounds: 3, ourSteps: 8, peerSteps: 2, pauseMilliseconds: 0 });
  expect(log).toEqual(["a×8", "b×2", "a×8", "b×2", "b×2", "a×8", "a×8", "b×2"]);
});

test("the ratio is the median of the pairs' own ratios, without the warm-up", async () => {
  // Pairs: 10/20, 30/10, 12/20, 8/16, 9/10 → 0.5, 3, 0.6, 0.5, 0.9.
  const ours = scripted("a", [1000, 10, 30, 12, 8, 9], []);
  const peer = scripted("b", [1, 20, 10, 20, 16, 10], []);
  const result = await alternate(ours, peer, { rounds: 5, ourSteps: 4, peerSteps: 3, pauseMilliseconds: 0 });
  expect(result.ratio).toBeCloseTo(0.6, 12);
  expect(result.range[0]).toBeCloseTo(0.5, 12);
  expect(result.range[1]).toBeCloseTo(3, 12);
  expect(result.ours).toBeCloseTo(10, 12);
  expect(result.peer).toBeCloseTo(16, 12);
});
