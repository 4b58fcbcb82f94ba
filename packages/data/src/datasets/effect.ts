/**
 * The TypeScript sources of Effect 4.1.0 (https://github.com/Effect-TS/effect): some 540 files, with much documentation and many examples
 * in comments. Left out are two files that hold minified libraries as strings (5 of the 21 MB), the Kubernetes types generated
 * from OpenAPI (under the Apache licence), and what only re-exports other files. A dozen files adapted from other projects
 * bring those projects' MIT notices, which stay.
 */
import type { DatasetDefinition } from "./definition.js";
import { isSource, readTypeScriptSources } from "./typescript-sources.js";

const generated = [
  "src/cluster/K8sTypes.ts",
  "src/http-api/internal/httpApiScalar.ts",
  "src/http-api/internal/httpApiSwagger.ts",
];

export const effect: DatasetDefinition = {
  name: "effect",
  title: "Effect: the TypeScript sources of the library for typed effects",
  origin: "npm package effect@4.1.0, folder src",
  licence: "MIT",
  package: {
    spec: "effect@4.1.0",
    integrity: "sha512-lGx2MJJyrXA8RZb2UpQ/0Nkb5Utaimby7oD92+18noBxLPE85IFOvptdzau8dvcxAOwfwHo9iqapbKeFzqQM/Q==",
    bytes: 10_237_671,
  },
  keep: (path) => isSource(path) && !generated.includes(path),
  read: readTypeScriptSources,
  fingerprint: "sha256:dd53588c333d96b9e427719f386499d8a789047a9bf34db1df63042a742c0ac3",
};
