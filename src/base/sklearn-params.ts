import { camelCase, type ParamSpec, type ParamSpecs } from "./params.js";

/** Parameters in Treeline's spelling, and what has no place here. */
export interface Translated {
  readonly params: Readonly<Record<string, unknown>>;
  /** Parameters that Treeline does not have, with values that ask for something: as scikit-learn spells them. */
  readonly unknown: readonly string[];
}

// Parameters that say how scikit-learn comes to its answer, where Treeline comes to the same answer its own way: data are
// never changed in place, closed forms have no tolerance, intercepts are not penalised, any table is accepted.
const WITHOUT_MEANING = new Set([
  "accept_sparse",
  "check_inverse",
  "compute_labels",
  "copy",
  "copy_X",
  "copy_X_train",
  "copy_x",
  "dual",
  "intercept_scaling",
  "leaf_size",
  "power_iteration_normalizer",
  "precompute",
  "tol",
  "use_legacy_attributes",
]);
// Parameters of which Treeline has one choice.
const ONLY: Readonly<Record<string, unknown>> = {
  decode_error: "strict",
  encoding: "utf-8",
  input: "content",
  multi_class: "ovr",
  sparse: "auto",
};

/**
 * Parameters as scikit-learn's get_params() tells them, in Treeline's spelling: names, and those string values that are
 * names ("log_loss"). A value that a parameter does not take is left as it is: fit says what is wrong with it.
 *
 * @param specs the parameters that there are.
 */
export function fromSklearnSpelling(given: Readonly<Record<string, unknown>>, specs: ParamSpecs<object>): Translated {
  const known = specs as Readonly<Record<string, ParamSpec<unknown>>>;
  const params: Record<string, unknown> = {};
  const unknown: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (value === "deprecated" || value === "warn" || value === undefined) continue; // the default, soon another
    const spelt = Object.hasOwn(known, name) ? name : camelCase(name);
    const spec = Object.hasOwn(known, spelt) ? known[spelt] : undefined;
    if (spec !== undefined) params[spelt] = inSpelling(value, spec);
    else if (!isMeaningless(name, value)) unknown.push(name);
  }
  return { params, unknown };
}

function isMeaningless(name: string, value: unknown): boolean {
  return WITHOUT_MEANING.has(name) || value === null || value === false || value === 0 || value === ONLY[name];
}

/** The first way of writing the value that the parameter takes. */
function inSpelling(value: unknown, spec: ParamSpec<unknown>): unknown {
  const ways = [value];
  if (typeof value === "string") ways.push(camelCase(value), camelCase(value.replaceAll("-", "_")));
  if (Array.isArray(value))
    ways.push(value.map((item: unknown) => (typeof item === "string" ? camelCase(item) : item)));
  if (value === 0 || value === 1) ways.push(value === 1); // verbose
  return ways.find((way) => spec.accepts(way)) ?? value;
}
