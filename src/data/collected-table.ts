// The declaration must also compile where the optional apache-arrow is not installed: hence ts-ignore, which reaches it.
// eslint-disable-next-line @typescript-eslint/ban-ts-comment -- as said above
/** @ts-ignore A Table of apache-arrow. */
// eslint-disable-next-line @typescript-eslint/consistent-type-imports -- an import statement would lose the comment
export type CollectedTable = import("apache-arrow").Table;
