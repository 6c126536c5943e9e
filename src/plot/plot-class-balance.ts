import { invalidArgument, invalidData, show } from "../base/errors.js";
import { encodeLabels, type VectorLike } from "../data/vector.js";
import { checkChoice, checkOptions } from "../metrics/options.js";
import { isVector, namedOf, type OneOrNamed } from "./call.js";
import { Plot, sizeOf, type PlotOptions, type PlotRow } from "./plot.js";
import { PALETTE } from "./style.js";

/** Options of plotClassBalance. */
export interface ClassBalanceOptions extends PlotOptions {
  /** The axis of counts: "linear" (default), or "log" where classes are of very different size. */
  readonly scale?: "linear" | "log" | undefined;
}

/**
 * How many rows each class has, in one column of labels or in several: training and test rows, say. Bars are labelled with
 * the number and its share.
 *
 * @example await plotClassBalance({ training: yTrain, test: yTest }, { scale: "log" });
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export async function plotClassBalance(
  y: OneOrNamed<VectorLike & object>,
  options: ClassBalanceOptions = {},
): Promise<Plot> {
  const where = "plotClassBalance";
  checkOptions(where, options, ["scale", "title", "width", "height"]);
  const { scale = "linear" } = options;
  checkChoice(where, "scale", scale, ["linear", "log"]);
  const columns = namedOf(where, y, isVector, "a column of labels", (all) =>
    all.map((_, k) => (all.length === 1 ? "" : `y ${k + 1}`)),
  );
  if (columns === undefined)
    throw invalidArgument(`${where}: expected labels, or columns of labels by name, got ${show(y)}`);
  const rows: PlotRow[] = [];
  for (const { name, value } of columns) {
    const { classes, codes } = await encodeLabels(value, `${where}: ${name === "" ? "y" : name}`);
    if (classes.length > 200) throw invalidData(`${where}: ${classes.length} different labels are too many for bars`);
    const counts = new Float64Array(classes.length);
    for (const code of codes) counts[code] = (counts[code] as number) + 1;
    counts.forEach((n, k) => {
      const share = n / codes.length;
      const percent = `${(100 * share).toPrecision(share >= 0.1 ? 4 : 3)} %`;
      rows.push({
        set: name,
        class: String(classes[k]),
        rows: n,
        share,
        text: `${n.toLocaleString("en")} (${percent})`,
      });
    });
  }
  const labels = [...new Set(rows.map((row) => row["class"]))];
  const size = sizeOf(where, options, { width: 420, height: Math.max(60, 30 * labels.length * columns.length) });
  const most = Math.max(1, ...rows.map((row) => row["rows"] as number));
  const y1 = { field: "class", type: "nominal", sort: labels, title: "Class" };
  const domain = scale === "log" ? [1, most] : [0, most];
  const x = {
    field: "rows",
    type: "quantitative",
    title: "Rows",
    scale: { type: scale, domain },
    axis: { format: ",d", tickCount: 5 },
  };
  const several = columns.length > 1;
  const sets = columns.map(({ name }) => name);
  const offset = several ? { yOffset: { field: "set", sort: sets } } : {};
  const color = { field: "set", type: "nominal", title: null, sort: sets, scale: { range: [...PALETTE] } };
  const layer = [
    {
      mark: { type: "bar", color: PALETTE[0], ...(scale === "log" ? {} : {}) },
      encoding: {
        x,
        ...(scale === "log" ? { x2: { datum: 1 } } : {}),
        y: y1,
        ...offset,
        ...(several ? { color } : {}),
      },
    },
    {
      mark: { type: "text", align: "left", dx: 5, clip: false },
      encoding: { x, y: y1, ...offset, text: { field: "text", type: "nominal" } },
    },
  ];
  return new Plot(rows, { ...size, padding: { left: 5, top: 5, bottom: 5, right: 120 }, layer }, options);
}
