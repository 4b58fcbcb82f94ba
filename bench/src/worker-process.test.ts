import { expect, test } from "vitest";
import { type Command, WorkerProcess } from "./worker-process.js";

const ready = `console.log(JSON.stringify({ ready: true, description: "a test", versions: { node: "20" } }));`;

function script(source: string): Command {
  return { program: process.execPath, arguments: ["--input-type=module", "--eval", source] };
}

const echo = `${ready}
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const { command, count } = JSON.parse(line);
  if (command === "steps") console.log(JSON.stringify({ milliseconds: count * 2, loss: count === 13 ? null : 1 }));
  if (command === "memory") console.log(JSON.stringify({ bytes: Number(process.env.OMP_NUM_THREADS) }));
}`;

test("one worker answers many commands, and has the threads it was given", async () => {
  const started = await WorkerProcess.start("echo", script(echo), 2);
  expect(started.ready.description).toBe("a test");
  expect(await started.worker.steps(3)).toBe(6);
  expect(await started.worker.steps(5)).toBe(10);
  expect(await started.worker.memory()).toBe(2);
  await started.worker.close();
});

test("an answer of another form is refused", async () => {
  const { worker } = await WorkerProcess.start("echo", script(echo), 2);
  await expect(worker.steps(13)).rejects.toMatchObject({ code: "WORKER_FAILED" });
  await worker.close();
});

test("a worker that ends early is reported with what it last said", async () => {
  const dying = script(`console.error("no such model"); process.exit(3);`);
  await expect(WorkerProcess.start("dying", dying, 2)).rejects.toThrow(/dying ended before it answered.*no such model/);
});

test("a program that does not exist is reported as such", async () => {
  const missing = { program: "/nonexistent/python", arguments: [] };
  await expect(WorkerProcess.start("PyTorch", missing, 2)).rejects.toThrow(/ENOENT/);
});

test("a worker that ends in the middle is reported, not waited for", async () => {
  const { worker } = await WorkerProcess.start(
    "brief",
    script(`${ready} process.stdin.once("data", () => process.exit(1));`),
    2,
  );
  await expect(worker.steps(1)).rejects.toThrow(/brief ended before it answered/);
  await worker.close();
});
