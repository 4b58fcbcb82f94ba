/**
 * Provenance as an XMP packet (ISO 16684-1), which pictures carry in themselves: the IPTC's digital source type, which programs and sites
 * read to label synthetic media (IPTC Photo Metadata Standard 2023.1), and the whole sealed provenance as JSON in a namespace of ours.
 */
import { DIGITAL_SOURCE_TYPE, type SealedProvenance } from "../provenance.js";

const NAMESPACE = "urn:atelier:provenance:1/";
const PROPERTY = "atelier:provenance";

export const xmpOf = (sealed: SealedProvenance): string =>
  [
    // The marks by which programs find the packet in a file they cannot read, as the standard has them.
    '<?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    `<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:atelier="${NAMESPACE}">`,
    `<Iptc4xmpExt:DigitalSourceType>${DIGITAL_SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>`,
    `<${PROPERTY}>${escaped(JSON.stringify(sealed))}</${PROPERTY}>`,
    "</rdf:Description>",
    "</rdf:RDF>",
    "</x:xmpmeta>",
    '<?xpacket end="w"?>',
  ].join("\n");

/** The JSON in a packet; undefined where it has none. Programs that write a packet again may make the element an attribute. */
export function provenanceIn(xmp: string): string | undefined {
  const found =
    new RegExp(`<${PROPERTY}>([^<]*)</${PROPERTY}>`).exec(xmp) ??
    new RegExp(`\\b${PROPERTY}=(?:"([^"]*)"|'([^']*)')`).exec(xmp);
  const json = found?.[1] ?? found?.[2];
  return json === undefined ? undefined : unescaped(json);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (sign) => `&${Object.keys(ENTITIES).find((name) => ENTITIES[name] === sign)};`);

const unescaped = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal?: string, hexadecimal?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = Number.parseInt(decimal ?? hexadecimal!, decimal === undefined ? 16 : 10);
    return code > 0x10ffff ? whole : String.fromCodePoint(code);
  });
