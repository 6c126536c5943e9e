/** Letters without their accents: NFKD, and without the characters of a combining class; scikit-learn's strip_accents_unicode. */
export function stripAccentsUnicode(text: string): string {
  if (isAscii(text)) return text;
  return text.normalize("NFKD").replace(/\p{M}/gu, (mark) => (isCombining(mark) ? "" : mark));
}

/** What is ASCII after NFKD: for languages that can be written so. scikit-learn's strip_accents_ascii. */
export function stripAccentsAscii(text: string): string {
  // eslint-disable-next-line no-control-regex -- ASCII begins with them
  return isAscii(text) ? text : text.normalize("NFKD").replace(/[^\x00-\x7f]/g, "");
}

function isAscii(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- ASCII begins with them
  return /^[\x00-\x7f]*$/.test(text);
}

const combining = new Map<string, boolean>();

/**
 * Whether a mark has a combining class other than 0. JavaScript does not tell, but sorts such marks by class when it
 * normalizes: U+0334 has class 1, the lowest, and U+0345 has 240, the highest.
 */
function isCombining(mark: string): boolean {
  let known = combining.get(mark);
  if (known === undefined) {
    known = isSorted(mark, "\u0334") || isSorted("\u0345", mark) || mark === "\u0334" || mark === "\u0345";
    combining.set(mark, known);
  }
  return known;
}

function isSorted(first: string, second: string): boolean {
  return (first + second).normalize("NFD") === second + first;
}
