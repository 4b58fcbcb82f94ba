/**
 * The TypeScript sources of RxJS 7.8.2 (https://github.com/ReactiveX/rxjs): some 240 files of one house style, with much documentation
 * and many examples in comments. Nothing is generated, and no file repeats the licence. What only re-exports other files is left
 * out (`index.ts` and the like), and so are aliases: of three renamed operators, and of whole modules in `umd.ts`.
 */
import type { DatasetDefinition } from "./definition.js";
import { isSource, readTypeScriptSources } from "./typescript-sources.js";

const aliases = ["operators/combineAll", "operators/exhaust", "operators/flatMap", "umd"].map(
  (name) => `src/internal/${name}.ts`,
);

export const rxjs: DatasetDefinition = {
  name: "rxjs",
  title: "RxJS: the TypeScript sources of the library for reactive programming",
  origin: "npm package rxjs@7.8.2, folder src",
  licence: "Apache-2.0",
  package: {
    spec: "rxjs@7.8.2",
    integrity: "sha512-dhKf903U/PQZY6boNNtAGdWbG85WAbjT/1xYoZIC7FAY0yWapOBQVsVrDl58W86//e1VpMNBtRV4MaXfdMySFA==",
    bytes: 751_525,
  },
  keep: (path) => isSource(path) && !aliases.includes(path),
  read: readTypeScriptSources,
  fingerprint: "sha256:2f56d399469deae81b7192689655aae973816bab840b788f58c549e5a5385f49",
};
