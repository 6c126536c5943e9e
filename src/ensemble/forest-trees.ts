import { treeSpecs } from "../tree/tree-params.js";
import type { ForestParams } from "./forest-params.js";

/** The parameters of a forest that are those of its trees. */
export function treeParamsOf<C>({ criterion, ...params }: Readonly<ForestParams> & { readonly criterion: C }): object {
  const own = Object.keys(treeSpecs(null)).map((name) => [name, params[name as keyof typeof params]]);
  return { criterion, ...(Object.fromEntries(own) as object) };
}
