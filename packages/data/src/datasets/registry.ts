/** The datasets known by name. Adding one is one file beside this, and one line here. */
import type { DatasetDefinition } from "./definition.js";
import { effect } from "./effect.js";
import { factbook } from "./factbook.js";
import { mobyDick } from "./moby-dick.js";
import { names } from "./names.js";
import { rxjs } from "./rxjs.js";
import { stateOfTheUnion } from "./state-of-the-union.js";

export const knownDatasets: readonly DatasetDefinition[] = [mobyDick, stateOfTheUnion, names, factbook, rxjs, effect];
