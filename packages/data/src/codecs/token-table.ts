/**
 * The table from ids to bytes, and everything that follows from it: decoding, streaming, counting, previewing. Shared by every
 * codec whose tokens are fixed byte strings.
 */
import { ArgumentError } from "@atelier/engine/errors";
import type { DecodeOptions, StreamDecoder } from "./tokens-codec.js";

export class TokenTable {
  readonly size: number;
  private readonly tokens: readonly Uint8Array[];
  private readonly special: Uint8Array;

  /** `tokens[id]` are the bytes of a token; `specials` name the ids that are no text. */
  constructor(tokens: readonly Uint8Array[], specials: Readonly<Record<string, number>>) {
    this.tokens = tokens;
    this.size = tokens.length;
    this.special = new Uint8Array(tokens.length);
    for (const id of Object.values(specials)) this.special[id] = 1;
  }

  bytes(id: number): Uint8Array {
    const token = this.tokens[id];
    if (token === undefined) {
      throw new ArgumentError(`Token id ${id} is outside the vocabulary of ${this.size} tokens`, {
        hint: `Ids run from 0 to ${this.size - 1}; check that the model and the codec belong together.`,
      });
    }
    return token;
  }

  decodeBytes(ids: ArrayLike<number>, { specials = true }: DecodeOptions = {}): Uint8Array {
    let length = 0;
    for (let i = 0; i < ids.length; i++) {
      const token = this.bytes(ids[i]!);
      if (specials || this.special[ids[i]!] === 0) length += token.length;
    }
    const out = new Uint8Array(length);
    let at = 0;
    for (let i = 0; i < ids.length; i++) {
      if (!specials && this.special[ids[i]!] === 1) continue;
      const token = this.tokens[ids[i]!]!;
      out.set(token, at);
      at += token.length;
    }
    return out;
  }

  decode(ids: ArrayLike<number>, options?: DecodeOptions): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.decodeBytes(ids, options));
  }

  streamDecoder({ specials = true }: DecodeOptions = {}): StreamDecoder {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    return {
      push: (id) => {
        const token = this.bytes(id);
        return !specials && this.special[id] === 1 ? "" : decoder.decode(token, { stream: true });
      },
      end: () => decoder.decode(),
    };
  }

  bytesOf(ids: ArrayLike<number>): number {
    let total = 0;
    for (let i = 0; i < ids.length; i++) {
      const token = this.bytes(ids[i]!);
      if (this.special[ids[i]!] === 0) total += token.length;
    }
    return total;
  }

  preview(ids: ArrayLike<number>, limit = 24): string {
    const shown = Array.from({ length: Math.min(limit, ids.length) }, (_, i) => {
      const token = this.bytes(ids[i]!);
      try {
        const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(token);
        return JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
      } catch {
        return [...token].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
      }
    });
    return shown.join("|") + (ids.length > limit ? "|…" : "");
  }
}

/** Cuts a text at the special tokens written in it; of two that begin at the same place the longer wins. */
export function splitAtSpecials(text: string, specials: Readonly<Record<string, number>>): (string | number)[] {
  const names = Object.keys(specials).sort((a, b) => b.length - a.length);
  if (names.length === 0) return [text];
  const pattern = new RegExp(`(${names.map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|")})`, "u");
  return text
    .split(pattern)
    .map((part, i) => (i % 2 === 1 ? specials[part]! : part))
    .filter((part) => part !== "");
}
