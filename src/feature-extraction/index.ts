export { CountVectorizer, type CountVectorizerParams } from "./count-vectorizer.js";
export { ENGLISH_STOP_WORDS } from "./english-stop-words.js";
export { HashingVectorizer, type HashingVectorizerParams } from "./hashing-vectorizer.js";
export { stripAccentsAscii, stripAccentsUnicode } from "./strip-accents.js";
export type { TextParams } from "./text-params.js";
export type { Norm } from "./tfidf.js";
export { TfidfTransformer, type TfidfTransformerParams } from "./tfidf-transformer.js";
export { TfidfVectorizer, type TfidfVectorizerParams } from "./tfidf-vectorizer.js";
export type { Vocabulary } from "./vocabulary.js";
