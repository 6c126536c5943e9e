import { nearest } from "../base/params.js";
import {
  ColumnTransformer,
  fromSklearn,
  makePipeline,
  OneHotEncoder,
  Pipeline,
  SimpleImputer,
  StandardScaler,
  type AnyEstimator,
  type Frame,
} from "../index.js";
import { isText, type Task } from "./problem.js";
import { asUsage, UsageError } from "./terminal.js";

type Params = Readonly<Record<string, unknown>>;

/** A short name's class for each task, and parameters that are not the class's defaults. */
interface ShortName {
  readonly classification?: string;
  readonly regression?: string;
  readonly params?: Params;
}

/** Names for the command line, besides the classes' own. */
export const SHORT_NAMES: Readonly<Record<string, ShortName>> = {
  boosting: { classification: "HistGradientBoostingClassifier", regression: "HistGradientBoostingRegressor" },
  forest: { classification: "RandomForestClassifier", regression: "RandomForestRegressor" },
  extraTrees: { classification: "ExtraTreesClassifier", regression: "ExtraTreesRegressor" },
  tree: { classification: "DecisionTreeClassifier", regression: "DecisionTreeRegressor" },
  logistic: { classification: "LogisticRegression", params: { maxIter: 1000 } },
  linear: { regression: "LinearRegression" },
  ridge: { classification: "RidgeClassifier", regression: "Ridge" },
  svm: { classification: "LinearSVC" },
  bayes: { classification: "GaussianNB" },
  neighbors: { classification: "KNeighborsClassifier", regression: "KNeighborsRegressor" },
  dummy: { classification: "DummyClassifier", regression: "DummyRegressor" },
};

/** What `treeline compare` compares unless told. */
export const COMPARED: Readonly<Record<Task, readonly string[]>> = {
  classification: ["dummy", "logistic", "bayes", "forest", "boosting"],
  regression: ["dummy", "ridge", "forest", "boosting"],
};

/** An unfitted estimator of a class. @throws UsageError for a name that no class has. */
function estimatorOf(className: string): AnyEstimator {
  try {
    return fromSklearn(className);
  } catch (error) {
    const near = nearest(className, Object.keys(SHORT_NAMES));
    const hint = near.includes("did you mean") ? near : (/; .*/.exec((error as Error).message)?.[0] ?? "");
    throw new UsageError(`there is no model ${JSON.stringify(className)}${hint}`, { cause: error });
  }
}

/** The task a class is made for. @throws UsageError for one that neither classifies nor regresses. */
function taskOf(className: string): Task {
  const { kind } = estimatorOf(className).tags;
  if (kind === "classifier") return "classification";
  if (kind === "regressor") return "regression";
  throw new UsageError(`${className} is no classifier and no regressor`);
}

/** Refuses names of models before any work. @throws UsageError */
export function checkModelName(name: string): void {
  if (!Object.hasOwn(SHORT_NAMES, name)) taskOf(name);
}

/** The task that a model's name asks for; undefined where the target decides. */
export function taskAsked(name: string): Task | undefined {
  const short = SHORT_NAMES[name];
  if (short === undefined) return taskOf(name);
  if (short.classification === undefined) return "regression";
  return short.regression === undefined ? "classification" : undefined;
}

/** Parameters as the command line gives them: --params JSON and --set name=value. @throws UsageError */
export function readParams(json: string | undefined, settings: readonly string[] = []): Params {
  const params: Record<string, unknown> = {};
  if (json !== undefined) {
    const given = parsed(json);
    if (typeof given !== "object" || given === null || Array.isArray(given)) {
      throw new UsageError(`--params must be a JSON object such as '{"maxIter": 200}', got ${json}`);
    }
    Object.assign(params, given);
  }
  for (const setting of settings) {
    const at = setting.indexOf("=");
    if (at <= 0) throw new UsageError(`--set must be name=value, got ${JSON.stringify(setting)}`);
    params[setting.slice(0, at)] = parsed(setting.slice(at + 1));
  }
  return params;
}

/**
 * Parameters of several models as the command line gives them: --set model.name=value, by model.
 *
 * @throws UsageError for what is no such setting, and for a name that no model has.
 */
export function readParamsByModel(settings: readonly string[] = []): Readonly<Record<string, Params>> {
  const byModel: Record<string, string[]> = {};
  for (const setting of settings) {
    const [, name = "", rest = ""] = /^([^.=]+)\.([^=]+=.*)$/s.exec(setting) ?? [];
    if (name === "") throw new UsageError(`--set must be model.name=value, got ${JSON.stringify(setting)}`);
    checkModelName(name);
    (byModel[name] ??= []).push(rest);
  }
  return Object.fromEntries(Object.entries(byModel).map(([name, own]) => [name, readParams(undefined, own)]));
}

/** The value that JSON says; what is no JSON is a text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** A model with its parameters. @throws UsageError for a task it is not made for, or a parameter it does not have. */
export function makeModel(name: string, task: Task, params: Params, randomState: number): AnyEstimator {
  const short = SHORT_NAMES[name];
  const className = short === undefined ? name : short[task];
  if (className === undefined || taskOf(className) !== task) {
    throw new UsageError(`${name} is no model for ${task}, which the target's values make of it`);
  }
  const model = asUsage(() => estimatorOf(className).setParams({ ...short?.params, ...params }));
  const seeded = Object.hasOwn(model.paramSpecs, "randomState") && params["randomState"] === undefined;
  return seeded ? model.setParams({ randomState }) : model;
}

/** The parameters that are not the class's defaults. */
export function changedParams(model: AnyEstimator): Record<string, unknown> {
  const specs = model.paramSpecs as Readonly<Record<string, { readonly default: unknown }>>;
  const params = Object.entries(model.getParams({ deep: false }) as Record<string, unknown>);
  return Object.fromEntries(params.filter(([name, value]) => value !== specs[name]?.default));
}

/** Models that look at each column's order only: numbers need no scaling. */
const ANY_SCALE = /Tree|Forest|Boosting|Dummy|NB$|Isotonic/;
/** Most columns that a column of texts becomes; the rarer ones share one. */
const MOST_CATEGORIES = 100;

/**
 * The model with what its columns need before it. Boosting takes missing values and categories as they are. For others
 * missing numbers become the mean, numbers are scaled unless the model is one of trees, and categories get a column each.
 */
export function prepared(model: AnyEstimator, X: Frame): AnyEstimator {
  if (model.className.startsWith("HistGradientBoosting")) return model;
  const texts = X.schema.filter(({ type }) => isText(type)).map(({ name }) => name);
  const numbers = X.columns.filter((name) => !texts.includes(name));
  const steps: object[] = [
    ...(model.tags.allowNaN ? [] : [new SimpleImputer()]),
    ...(ANY_SCALE.test(model.className) || model.tags.positiveOnly === true ? [] : [new StandardScaler()]),
  ];
  if (texts.length === 0) return steps.length === 0 ? model : makePipeline(...steps, model);
  const encode = new OneHotEncoder({ handleUnknown: "infrequentIfExist", maxCategories: MOST_CATEGORIES });
  const transformers = [
    ["numbers", steps.length === 0 ? "passthrough" : makePipeline(...steps), numbers],
    ["categories", encode, texts],
  ] as const;
  return makePipeline(new ColumnTransformer({ transformers, sparseThreshold: 0 }), model);
}

/** Names of the features that held texts in fit. */
export function textsOf(model: AnyEstimator): string[] {
  const names = model.featureNamesIn_ ?? [];
  const { isCategorical_: is } = model as { isCategorical_?: boolean[] | null };
  if (is !== undefined) return names.filter((_, j) => is?.[j] === true);
  const first = model instanceof Pipeline ? Object.values(model.namedSteps)[0] : model;
  if (!(first instanceof ColumnTransformer)) return [];
  const encoded = first.transformers_.filter(([, step]) => step instanceof OneHotEncoder);
  return encoded.flatMap(([, step, columns]) =>
    columns
      .filter((_, k) => (step as OneHotEncoder).categories_[k]?.some((value) => typeof value === "string"))
      .map((j) => names[j] as string),
  );
}
