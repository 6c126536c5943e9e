import { invalidArgument, show } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { custom, type ParamSpec } from "../base/params.js";
import { has, tagsOf, type Wrappable } from "../wrappers/wrapped.js";

// What ensembles of named estimators share: voting and stacking.

/** An estimator of an ensemble, or "drop" for none. */
export type Member = Wrappable | "drop";

/** The parameter that voting and stacking ensembles have. */
export interface NamedMembersParams {
  /** [name, estimator] pairs; "drop" leaves one out. Names are unique and hold no "__". */
  estimators: readonly (readonly [name: string, estimator: Member])[];
}

/** What a fit of named estimators keeps. */
export interface NamedMembersFitted extends FittedBase {
  readonly members: readonly (readonly [name: string, estimator: Member])[];
}

/** The rule of the parameter `estimators`. */
export function membersSpec(): ParamSpec<NamedMembersParams["estimators"]> {
  return custom<NamedMembersParams["estimators"]>([], "an array of [name, estimator] pairs", isMembers, "no members");
}

function isMembers(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (entry: unknown) =>
        Array.isArray(entry) &&
        entry.length === 2 &&
        typeof entry[0] === "string" &&
        (entry[1] === "drop" || (typeof entry[1] === "object" && entry[1] !== null)),
    )
  );
}

/** Ensembles whose members are parameters with names: `name__param` changes a member's parameter, `name` a member. */
export abstract class NamedMembers<P extends NamedMembersParams, F extends NamedMembersFitted> extends BaseEstimator<
  P,
  F
> {
  /** The fitted estimators in order, without those that are dropped. */
  get estimators_(): readonly Wrappable[] {
    return this.used("estimators_").map(([, estimator]) => estimator);
  }

  /** The fitted estimators by name; "drop" for those that are left out. */
  get namedEstimators_(): Readonly<Record<string, Member>> {
    return Object.fromEntries(this.fitted("namedEstimators_").members);
  }

  protected override nested(): ReadonlyMap<string, unknown> {
    return new Map([...this.members, ...super.nested()]);
  }

  protected override replaceNested(name: string, value: unknown): Partial<P> {
    const estimators = this.members.map(([key, member]) => [key, key === name ? (value as Member) : member] as const);
    return { estimators } as unknown as Partial<P>;
  }

  /** The members as parameters; none while they are malformed: fit tells. */
  protected get members(): NamedMembersParams["estimators"] {
    return isMembers(this.params.estimators) ? this.params.estimators : [];
  }

  /** The fitted members that are not dropped. */
  protected used(what: string): readonly (readonly [name: string, estimator: Wrappable])[] {
    return usedOf(this.fitted(what).members);
  }

  /**
   * The members that are used, of a kind if one is given.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT for names that cannot be, no members, and what cannot be a member.
   */
  protected checkedMembers(
    where: string,
    kind?: EstimatorTags["kind"],
  ): readonly (readonly [name: string, estimator: Wrappable])[] {
    const names = this.members.map(([name]) => name);
    for (const [k, name] of names.entries()) {
      if (name === "" || name.includes("__") || Object.hasOwn(this.paramSpecs, name)) {
        throw invalidArgument(
          `${where}: an estimator must not be named ${show(name)} (empty, a parameter, or with "__")`,
        );
      }
      if (names.indexOf(name) !== k) throw invalidArgument(`${where}: there are two estimators named ${show(name)}`);
    }
    const used = usedOf(this.members);
    if (used.length === 0) {
      const what = names.length === 0 ? "there are none" : "all are dropped";
      throw invalidArgument(`${where}: estimators must hold at least one estimator, and ${what}`);
    }
    for (const [name, estimator] of used) {
      if (!["fit", "predict", "getParams"].every((method) => has(estimator, method))) {
        throw invalidArgument(
          `${where}: ${show(name)} must be an estimator with fit, predict and getParams, or "drop", got ${show(estimator)}`,
        );
      }
      const { tags } = estimator as { tags?: EstimatorTags };
      if (kind !== undefined && tags !== undefined && tags.kind !== kind) {
        throw invalidArgument(`${where}: ${show(name)} must be a ${kind}, but it is a ${tags.kind}`);
      }
    }
    return used;
  }

  /** The members as they are kept: the fitted ones in the places of those that are used. */
  protected withFitted(estimators: readonly Wrappable[]): NamedMembersFitted["members"] {
    let k = 0;
    return this.members.map(
      ([name, given]) => [name, given === "drop" ? given : (estimators[k++] as Wrappable)] as const,
    );
  }

  /** What generic code may expect: what all members can. */
  protected memberTags(kind: EstimatorTags["kind"]): EstimatorTags {
    return tagsOfAll(
      kind,
      usedOf(this.members).map(([, estimator]) => estimator),
    );
  }
}

function usedOf(members: NamedMembersParams["estimators"]): readonly (readonly [string, Wrappable])[] {
  return members.flatMap(([name, estimator]) => (estimator === "drop" ? [] : [[name, estimator] as const]));
}

/** Tags of an ensemble: what all estimators can do, what one of them needs. */
export function tagsOfAll(kind: EstimatorTags["kind"], estimators: readonly unknown[]): EstimatorTags {
  const all = estimators.map(tagsOf);
  const some = (tag: "positiveY" | "positiveOnly" | "twoClasses"): object =>
    all.some((tags) => tags[tag] === true) ? { [tag]: true } : {};
  return {
    kind,
    allowNaN: all.every((tags) => tags.allowNaN),
    requiresY: true,
    sampleWeight: all.every((tags) => tags.sampleWeight),
    ...some("positiveY"),
    ...some("positiveOnly"),
    ...some("twoClasses"),
    ...(all.length > 0 && all.every((tags) => tags.ignoresX === true) ? { ignoresX: true } : {}),
    ...(all.length > 0 && all.every((tags) => tags.documents === true) ? { documents: true } : {}),
  };
}
