export { CountVectorizer, type CountVectorizerParams } from "./count-vectorizer.js";
export { ENGLISH_STOP_WORDS } from "./english-stop-words.js";
export { stripAccentsAscii, stripAccentsUnicode } from "./strip-accents.js";
export type { TextParams } from "./text-params.js";
export type { Vocabulary } from "./vocabulary.js";
