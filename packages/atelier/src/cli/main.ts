#!/usr/bin/env node
/** The `atelier` program. */
import { commandEntries } from "./commands/index.js";
import { runProcess } from "./process.js";

await runProcess(commandEntries);
