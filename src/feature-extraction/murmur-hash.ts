const encoder = new TextEncoder();
let scratch = new Uint8Array(256);

/** MurmurHash3 of a text's UTF-8 bytes with seed 0, as a signed 32-bit integer: scikit-learn's murmurhash3_32. */
export function murmurHash3(text: string): number {
  if (scratch.length < 3 * text.length) scratch = new Uint8Array(6 * text.length);
  const bytes = scratch;
  const length = utf8(text, bytes);
  let h = 0;
  const whole = length & ~3;
  for (let i = 0; i < whole; i += 4) {
    h ^= mixed(
      (bytes[i] as number) |
        ((bytes[i + 1] as number) << 8) |
        ((bytes[i + 2] as number) << 16) |
        ((bytes[i + 3] as number) << 24),
    );
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let i = length - 1; i >= whole; i--) tail = (tail << 8) | (bytes[i] as number);
  h ^= mixed(tail) ^ length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function mixed(block: number): number {
  const k = Math.imul(block, 0xcc9e2d51);
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
}

/** Writes a text's bytes; how many they are. Plain ASCII, which most words are, needs no encoder. */
function utf8(text: string, bytes: Uint8Array): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) return encoder.encodeInto(text, bytes).written;
    bytes[i] = unit;
  }
  return text.length;
}
