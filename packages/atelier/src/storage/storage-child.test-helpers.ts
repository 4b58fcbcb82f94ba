/** A child process that does to the storage what its first argument says, and prints how it went. For tests with real kills and limits. */
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { AtelierError } from "@atelier/engine/errors";
import { writeAtomic } from "./atomic.js";
import { acquireLock } from "./lock.js";
import { writeModel } from "./model-directory.js";

const [task, path = "", argument = ""] = process.argv.slice(2);

async function main(): Promise<void> {
  if (task === "write") {
    await writeAtomic(path, [Buffer.alloc(Number(argument), 0x61)]);
  } else if (task === "write-forever") {
    for (let i = 0; ; i++) {
      await writeAtomic(path, [Buffer.alloc(Number(argument), 0x61 + (i % 26))]);
      if (i === 0) console.log("started");
    }
  } else if (task === "model-forever") {
    for (let i = 0; ; i++) {
      const data = new Float32Array(1000).fill(i);
      const weights = new Map([["w", { dtype: "float32" as const, shape: [1000], data }]]);
      const rest = {
        family: "test",
        configuration: {},
        dataset: {},
        training: {},
        codec: { i },
        evidence: {},
        card: `${i}`,
      };
      await writeModel(path, { weights, ...rest });
      if (i === 0) console.log("started");
    }
  } else if (task === "hold") {
    acquireLock(path);
    console.log("held");
    await sleep(60_000);
  } else if (task === "contend") {
    // Take the lock as often as told, and write down when it is held: two "enter" in a row would be two holders.
    for (let taken = 0; taken < Number(argument); ) {
      try {
        const lock = acquireLock(path);
        appendFileSync(`${path}/journal`, `enter ${process.pid}\n`);
        if (taken % 2 === 0) await sleep(1);
        appendFileSync(`${path}/journal`, `leave ${process.pid}\n`);
        taken++;
        // The last time it is left behind, as by kill -9.
        if (taken === Number(argument)) process.kill(process.pid, "SIGKILL");
        lock.release();
      } catch (error) {
        if (!AtelierError.isInstance(error) || error.code !== "RUN_LOCKED") throw error;
      }
      await sleep(Math.abs(process.hrtime()[1] % 3));
    }
  }
}

main().then(
  () => console.log("ok"),
  (error: unknown) => {
    console.log(AtelierError.isInstance(error) ? `${error.code}: ${error.message}` : error);
    process.exitCode = 1;
  },
);
