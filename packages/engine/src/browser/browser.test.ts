/**
 * The engine in a real browser. A transformer is trained for twenty steps on WebAssembly and on WebGPU, and must go the way that the
 * float64 interpreter goes and that onnxruntime-node goes.
 */
import { fileURLToPath } from "node:url";
import type { Device } from "@atelier/engine";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openSite, type Site } from "./chromium.test-helpers.js";
import { interpretTraining } from "./interpreted.test-helpers.js";
import { CALLS, REPEAT, type Trained, train } from "./training.test-helpers.js";

if (chromiumPath === undefined) {
  console.warn("No Chromium here, so the engine is not tested in a browser. Install it, or set CHROMIUM to its path.");
}

/** Losses in float32 against float64; they are about 1 to 3. Two runtimes in float32 keep as close. */
const LOSS_TOLERANCE = 1e-5;
const PARAMETER_TOLERANCE = 1e-5;

const expected = interpretTraining();

function expectSameTraining({ losses, params }: Trained, reference: Omit<Trained, "milliseconds">): void {
  const distance = (a: readonly number[], b: readonly number[]): number =>
    Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));
  expect(losses).toHaveLength(CALLS * REPEAT);
  expect(params).toHaveLength(reference.params.length);
  expect(distance(losses, reference.losses)).toBeLessThan(LOSS_TOLERANCE);
  expect(distance(params, reference.params)).toBeLessThan(PARAMETER_TOLERANCE);
}

test("the training that the browser is asked for learns", () => {
  const mean = (losses: readonly number[]): number => losses.reduce((a, b) => a + b) / losses.length;
  expect(mean(expected.losses.slice(-5))).toBeLessThan(0.6 * mean(expected.losses.slice(0, 5)));
});

test("onnxruntime-node trains as the float64 interpreter does", async () => {
  expectSameTraining(await train("cpu"), expected);
});

describe.skipIf(chromiumPath === undefined)("in headless Chromium", () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite(fileURLToPath(new URL("./page", import.meta.url)), chromiumPath!);
  });
  afterAll(() => site?.close());

  const trainOn = async (page: Page, device: Device): Promise<Trained> => {
    await page.evaluate("atelier.useRuntime()");
    return page.evaluate<Trained>(`atelier.train("${device}")`);
  };

  test("a function without a chosen runtime fails with what to do", async () => {
    const page = await site.open({ isolated: true });
    const error = await page.evaluate<{ code: string; hint: string }>(
      'atelier.train("cpu").catch(({ code, hint }) => ({ code, hint }))',
    );
    expect(error.code).toBe("DEVICE_UNAVAILABLE");
    expect(error.hint).toContain("useRuntime(await webRuntime())");
  });

  test("CPU, with threads", async () => {
    const page = await site.open({ isolated: true });
    const trained = await trainOn(page, "cpu");
    expectSameTraining(trained, expected);
    expectSameTraining(trained, await train("cpu"));
    expect(page.workers()).toHaveLength(1); // two threads: the page and one more
    expect(await page.evaluate("atelier.version")).toMatch(/^1\.\d+\.\d+/);
  });

  test("CPU, on a page that isn't isolated and so has no threads", async () => {
    const page = await site.open({ isolated: false });
    expectSameTraining(await trainOn(page, "cpu"), expected);
    expect(page.workers()).toHaveLength(0);
  });

  test("CPU, in a worker", async () => {
    const page = await site.open({ isolated: true });
    expectSameTraining(await page.evaluate<Trained>('atelier.trainInWorker("cpu")'), expected);
  });

  test.for([
    ["promise integration", ""],
    ["Asyncify, as in browsers without promise integration", "delete WebAssembly.Suspending;"],
  ] as const)("WebGPU, with %s", async ([, script], { skip }) => {
    const page = await site.open({ isolated: true, script });
    const adapter = await page.evaluate("navigator.gpu?.requestAdapter().then((found) => found?.info.architecture)");
    if (adapter === undefined)
      console.warn("Chromium gives no WebGPU adapter here, so the engine is not tested on it.");
    skip(adapter === undefined, "Chromium gives no WebGPU adapter");
    await page.evaluate("atelier.useRuntime()");
    // Two at once, of which one has to wait.
    const both = await page.evaluate<Trained[]>('Promise.all([atelier.train("webgpu"), atelier.train("webgpu")])');
    for (const trained of both) {
      expectSameTraining(trained, expected);
      expectSameTraining(trained, await train("cpu"));
    }
  });

  test("a device that browsers don't have is refused", async () => {
    const page = await site.open({ isolated: true });
    await page.evaluate("atelier.useRuntime()");
    expect(await page.evaluate('atelier.train("cuda").catch((error) => error.code)')).toBe("DEVICE_UNAVAILABLE");
  });
});
