/** The packet that pictures carry, as we write it and as other programs write it again. */
import { expect, it } from "vitest";
import { type SealedProvenance, seal } from "../provenance.js";
import { provenanceIn, xmpOf } from "./xmp.js";

const sealed: SealedProvenance = seal(
  {
    format: 1,
    digitalSourceType: "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
    created: "2026-01-01T00:00:00.000Z",
    model: { name: "a <b> & \"c\" 'd' ☃ 🐋", family: "vae", weights: "0".repeat(64), codec: "1".repeat(64) },
    request: { task: "generate-pictures", samples: 1, temperature: 1 },
    seed: 1,
    device: "cpu",
    threads: 1,
    batch: 1,
    weights: "float32",
    processor: "none",
    versions: {},
  },
  { media: "picture", format: "png", sha256: "2".repeat(64) },
);

it("gives back what was put into it, whatever letters it has", () => {
  const xmp = xmpOf(sealed);
  expect(JSON.parse(provenanceIn(xmp)!)).toEqual(sealed);
  // Nothing in the packet closes an element too early.
  expect(xmp.match(/<\/[\w:]+>/g)).toEqual([
    "</Iptc4xmpExt:DigitalSourceType>",
    "</atelier:provenance>",
    "</rdf:Description>",
    "</rdf:RDF>",
    "</x:xmpmeta>",
  ]);
});

it("is found as an attribute too, with entities of every kind", () => {
  const json = '{"a":"<&>\'☃"}';
  const attribute = "{&quot;a&quot;:&#34;&lt;&amp;&gt;&apos;&#x2603;&#34;}";
  expect(provenanceIn(`<rdf:Description atelier:provenance="${attribute}" x="1"/>`)).toBe(json);
  expect(provenanceIn(`<rdf:Description atelier:provenance='{"a":1}'/>`)).toBe('{"a":1}');
  expect(provenanceIn("<atelier:provenance>&#x110000; &nosuch;</atelier:provenance>")).toBe("&#x110000; &nosuch;");
  expect(provenanceIn("<rdf:Description/>")).toBeUndefined();
});
