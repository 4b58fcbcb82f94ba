/** The datasets known by name. Adding one is one file beside this, and one line here. */
import type { DatasetDefinition } from "./definition.js";
import { effect } from "./effect.js";
import { emoji } from "./emoji.js";
import { notoEmoji, twemoji } from "./emoji-datasource.js";
import { factbook } from "./factbook.js";
import { fashionMnist } from "./fashion-mnist.js";
import { flags } from "./flags.js";
import { hanzi } from "./hanzi.js";
import { icons } from "./icons.js";
import { mobyDick } from "./moby-dick.js";
import { names } from "./names.js";
import type { PictureDefinition } from "./picture-definition.js";
import { rxjs } from "./rxjs.js";
import { stateOfTheUnion } from "./state-of-the-union.js";

export const knownDatasets: readonly DatasetDefinition[] = [mobyDick, stateOfTheUnion, names, factbook, rxjs, effect];

export const knownPictures: readonly PictureDefinition[] = [
  emoji,
  notoEmoji,
  twemoji,
  hanzi,
  flags,
  icons,
  fashionMnist,
];
