/**
 * A protobuf writer, as much of it as ONNX needs: varints, 32-bit floats, and length-delimited fields. Large payloads are kept as
 * they are and copied once, into the finished message. https://protobuf.dev/programming-guides/encoding/
 */

const text = new TextEncoder();

export class ProtobufWriter {
  private readonly chunks: Uint8Array[] = [];
  private pending: number[] = [];
  private length = 0;

  /** A varint field (wire type 0); negative numbers take ten bytes, as in the standard. */
  varint(field: number, value: number | bigint): this {
    this.raw((field << 3) | 0);
    this.rawBig(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  /** A 32-bit float field (wire type 5). */
  float(field: number, value: number): this {
    this.raw((field << 3) | 5);
    const bytes = new Uint8Array(Float32Array.of(value).buffer);
    this.pending.push(...bytes);
    this.length += 4;
    return this;
  }

  /** A bytes field (wire type 2). */
  bytes(field: number, value: Uint8Array): this {
    this.raw((field << 3) | 2);
    this.raw(value.length);
    this.append(value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, text.encode(value));
  }

  message(field: number, value: ProtobufWriter): this {
    this.raw((field << 3) | 2);
    this.raw(value.length);
    value.flush();
    for (const chunk of value.chunks) this.append(chunk);
    return this;
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.flush();
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      out.set(chunk, at);
      at += chunk.length;
    }
    return out;
  }

  private append(chunk: Uint8Array): void {
    this.length += chunk.length;
    if (chunk.length < 64) {
      for (const byte of chunk) this.pending.push(byte);
      return;
    }
    this.flushPending();
    this.chunks.push(chunk);
  }

  private raw(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.pending.push((rest & 127) | 128);
      rest = Math.floor(rest / 128);
      this.length++;
    }
    this.pending.push(rest);
    this.length++;
  }

  private rawBig(value: bigint): void {
    if (value < 2n ** 31n) {
      this.raw(Number(value));
      return;
    }
    let rest = value;
    while (rest > 127n) {
      this.pending.push(Number(rest & 127n) | 128);
      rest >>= 7n;
      this.length++;
    }
    this.pending.push(Number(rest));
    this.length++;
  }

  private flushPending(): void {
    if (this.pending.length === 0) return;
    this.chunks.push(Uint8Array.from(this.pending));
    this.pending = [];
  }

  private flush(): void {
    this.flushPending();
  }
}
