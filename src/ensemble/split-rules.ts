import { invalidArgument, invalidData, show } from "../base/errors.js";
import { nearest } from "../base/params.js";
import type { RowSource } from "../data/row-source.js";
import type { BoostingSplitOptions } from "../native/addon.js";
import type { SplitParams } from "./split-params.js";

/**
 * One byte a feature, 1 for those that hold categories; undefined: none does.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT for features that X does not have, ERR_INVALID_DATA for columns of names that
 * are not among them.
 */
export function categoricalMask(
  source: RowSource,
  { categoricalFeatures: chosen }: Pick<SplitParams, "categoricalFeatures">,
  where: string,
): Uint8Array | undefined {
  const mask = new Uint8Array(source.nFeatures);
  const named = (j: number): boolean => source.categories?.[j] !== undefined;
  if (chosen === "fromDtype") {
    mask.forEach((_, j) => (mask[j] = Number(named(j))));
  } else if (chosen !== null && typeof chosen[0] === "boolean") {
    if (chosen.length !== source.nFeatures) {
      throw invalidArgument(
        `${where}: categoricalFeatures has ${chosen.length} booleans, but X has ${source.nFeatures} features`,
      );
    }
    (chosen as readonly boolean[]).forEach((is, j) => (mask[j] = Number(is)));
  } else {
    for (const feature of (chosen ?? []) as readonly (number | string)[]) {
      mask[featureIndex(source, feature, "categoricalFeatures", where)] = 1;
    }
  }
  const refused = mask.findIndex((is, j) => is === 0 && named(j));
  if (refused >= 0) {
    throw invalidData(
      `${where}: X: column ${show(source.featureNames?.[refused] ?? refused)} holds categories (strings), but ` +
        'categoricalFeatures leaves it out: add it (or use "fromDtype"), drop it, or encode it as numbers first',
    );
  }
  return mask.includes(1) ? mask : undefined;
}

/** What the addon must know about splits. @throws TreelineError ERR_INVALID_ARGUMENT */
export function splitOptions(
  source: RowSource,
  params: Readonly<SplitParams>,
  categorical: Uint8Array | undefined,
  nOutputs: number,
  where: string,
): BoostingSplitOptions {
  return {
    monotonic: monotonicSigns(source, params, categorical, nOutputs, where),
    ...interactions(source, params, where),
    l1Regularization: params.l1Regularization,
    maxDeltaStep: params.maxDeltaStep,
    pathSmooth: params.pathSmooth,
    maxFeatures: params.maxFeatures,
    maxFeaturesPerTree: params.maxFeaturesPerTree,
    extraTrees: params.extraTrees,
    catSmooth: params.catSmooth,
    catL2: params.catL2,
    maxCatToOnehot: params.maxCatToOnehot,
    maxCatThreshold: params.maxCatThreshold ?? MOST_BINS,
    minDataPerGroup: params.minDataPerGroup,
  };
}

const MOST_BINS = 65_536;

function monotonicSigns(
  source: RowSource,
  { monotonicCst: given }: Readonly<SplitParams>,
  categorical: Uint8Array | undefined,
  nOutputs: number,
  where: string,
): Float64Array | undefined {
  if (given === null) return undefined;
  const signs = new Float64Array(source.nFeatures);
  if (Array.isArray(given)) {
    if (given.length !== source.nFeatures) {
      throw invalidArgument(
        `${where}: monotonicCst has ${given.length} numbers, but X has ${source.nFeatures} features`,
      );
    }
    signs.set(given as readonly number[]);
  } else {
    for (const [name, sign] of Object.entries(given as Readonly<Record<string, number>>)) {
      signs[featureIndex(source, name, "monotonicCst", where)] = sign;
    }
  }
  if (signs.every((sign) => sign === 0)) return undefined;
  if (nOutputs > 1) {
    throw invalidArgument(
      `${where}: monotonicCst is for one output: it cannot be used with more than two classes or several targets`,
    );
  }
  const refused = signs.findIndex((sign, j) => sign !== 0 && categorical?.[j] === 1);
  if (refused >= 0) {
    const name = show(source.featureNames?.[refused] ?? refused);
    throw invalidArgument(`${where}: monotonicCst: feature ${name} holds categories, which have no order`);
  }
  return signs;
}

function interactions(
  source: RowSource,
  { interactionCst: given }: Readonly<SplitParams>,
  where: string,
): Pick<BoostingSplitOptions, "interactions" | "interactionSets"> {
  if (given === null) return { interactions: "all", interactionSets: [] };
  if (given === "pairwise") return { interactions: "pairs", interactionSets: [] };
  if (given === "noInteractions") return { interactions: "none", interactionSets: [] };
  const sets = given.map((set) => new Set(set.map((item) => featureIndex(source, item, "interactionCst", where))));
  const listed = new Set(sets.flatMap((set) => [...set]));
  const rest = Array.from({ length: source.nFeatures }, (_, j) => j).filter((j) => !listed.has(j));
  if (rest.length > 0) sets.push(new Set(rest));
  return { interactions: "sets", interactionSets: sets.map((set) => Float64Array.from(set)) };
}

/** The index of a feature given as index or name. */
function featureIndex(source: RowSource, feature: number | string, param: string, where: string): number {
  if (typeof feature === "number") {
    if (Number.isInteger(feature) && feature >= 0 && feature < source.nFeatures) return feature;
    throw invalidArgument(
      `${where}: ${param}: there is no feature ${feature}: X has ${source.nFeatures} features, numbered from 0`,
    );
  }
  const names = source.featureNames;
  if (names === undefined) {
    throw invalidArgument(
      `${where}: ${param} names a feature (${show(feature)}), but X has no feature names: use indices`,
    );
  }
  const index = names.indexOf(feature);
  if (index < 0) {
    throw invalidArgument(`${where}: ${param}: there is no feature ${show(feature)}${nearest(feature, names)}`);
  }
  return index;
}
