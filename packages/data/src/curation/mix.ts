/** MurmurHash3's last step (Appleby 2011, public domain): spreads every bit of a 32-bit number over all of them; a bijection. */
export function mix(word: number): number {
  let x = word;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
