export {
  permutationImportance,
  type PermutationImportance,
  type PermutationImportanceOptions,
} from "./permutation-importance.js";
export {
  partialDependence,
  type PartialDependence,
  type PartialDependenceKind,
  type PartialDependenceOptions,
} from "./partial-dependence.js";
export { treeToSvg, type DrawnTree, type TreeSvgOptions } from "../tree/tree-svg.js";
