/** The datasets known by name. Adding one is one file beside this, and one line here. */
import type { DatasetDefinition } from "./definition.js";
import { mobyDick } from "./moby-dick.js";

export const knownDatasets: readonly DatasetDefinition[] = [mobyDick];
