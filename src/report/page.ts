import { BaseEstimator } from "../base/estimator.js";
import { escapeHtml } from "../base/rich.js";
import { show } from "../base/errors.js";
import type { Scorable } from "../metrics/scorer.js";
import type { Named } from "../plot/call.js";
import { withOwnIds } from "../plot/render.js";
import { bestOf, measureText, type Measure, type ModelRow } from "./measure.js";
import type { Picture } from "./pictures.js";
import type { Problem } from "./problem.js";
import { STYLE } from "./style.js";
import type { ColumnFacts, TableSummary } from "./table-summary.js";

/** All that the page says. */
export interface PageContent {
  readonly title: string;
  readonly description: string | undefined;
  readonly problem: Problem;
  readonly summary: TableSummary;
  readonly classes: Picture | undefined;
  readonly weighted: boolean;
  readonly trainRows: number | undefined;
  readonly measures: readonly Measure[];
  readonly results: readonly ModelRow[];
  readonly pictures: readonly Picture[];
  readonly models: readonly Named<Scorable>[];
}

/** Nothing is fetched and nothing runs, whatever the names of columns and models say. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The report as one HTML page. Every text of the user is escaped. */
export async function pageOf(content: PageContent): Promise<string> {
  const { title, description, pictures, classes, summary } = content;
  const svgs: string[] = [];
  for (const [k, picture] of pictures.entries()) svgs.push(await figureOf(picture, `p${k}`));
  const balance = classes === undefined ? "" : `<div class="figures">${await figureOf(classes, "classes")}</div>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="generator" content="Treeline">
<title>${escapeHtml(title)}</title><style>${STYLE}
</style></head>
<body><a class="skip" href="#comparison">To the comparison</a>
<header><h1>${escapeHtml(title)}</h1>${description === undefined ? "" : `<p class="soft">${escapeHtml(description)}</p>`}
<nav aria-label="Parts of the report"><a href="#comparison">Comparison</a><a href="#pictures">Pictures</a><a href="#data">Data</a><a href="#models">Models</a></nav>
${factsOf(content)}</header>
<main>
<section aria-labelledby="comparison"><h2 id="comparison">Comparison</h2><div class="card">${comparisonOf(content)}</div></section>
<section aria-labelledby="pictures"><h2 id="pictures">Pictures</h2><div class="figures">
${svgs.join("\n")}
</div></section>
<section aria-labelledby="data"><h2 id="data">Data</h2>${balance}${columnsOf(summary)}</section>
<section aria-labelledby="models"><h2 id="models">Models</h2><div class="models">
${content.models.map(modelOf).join("\n")}
</div></section>
</main>
<footer>Written by Treeline. One file: nothing in it runs, and nothing is fetched.</footer>
</body></html>
`;
}

function factsOf({ problem, summary, trainRows, results, measures, weighted }: PageContent): string {
  const facts: [string, string, string][] = [];
  const tested = trainRows === undefined ? "" : `fitted on ${whole(trainRows)}`;
  facts.push([
    "Rows compared on",
    whole(summary.rows),
    weighted ? `${tested === "" ? "" : `${tested}, `}weighted` : tested,
  ]);
  facts.push(["Columns", whole(summary.nColumns), ""]);
  const missing = summary.columns.reduce((sum, column) => sum + column.missing, 0);
  const holes = summary.columns.filter((column) => column.missing > 0).length;
  facts.push(["Missing values", whole(missing), holes === 0 ? "" : `in ${whole(holes)} columns`]);
  if (problem.kind === "binary") {
    const count = problem.y.reduce((sum, one) => sum + one, 0);
    const share = `${Number(((100 * count) / problem.y.length).toPrecision(3))} %`;
    facts.push([`Positive: ${show(problem.positive)}`, share, `${whole(count)} rows`]);
  } else if (problem.kind === "multiclass") facts.push(["Classes", whole(problem.classes.length), ""]);
  const lead = leading(problem, measures);
  const best = bestOf(lead, results);
  const winner = results.find((row) => row[lead.key] === best);
  if (best !== undefined && winner !== undefined) {
    facts.push([`Best by ${lead.label}`, winner.model, measureText(lead, best)]);
  }
  const items = facts.map(
    ([name, value, note]) =>
      `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}${note === "" ? "" : `<small>${escapeHtml(note)}</small>`}</dd></div>`,
  );
  return `<dl class="facts">${items.join("")}</dl>`;
}

/** The measure that models are ordered by. */
function leading({ kind }: Problem, measures: readonly Measure[]): Measure {
  const key = { binary: "averagePrecision", multiclass: "balancedAccuracy", regression: "r2" }[kind];
  return measures.find((measure) => measure.key === key) as Measure;
}

function comparisonOf({ problem, measures, results }: PageContent): string {
  const lead = leading(problem, measures);
  const order = [...results].sort((a, b) => Number(b[lead.key]) - Number(a[lead.key]));
  const head = measures.map(
    ({ label, meaning }) =>
      `<th scope="col"><abbr title="${escapeHtml(meaning)}" style="text-decoration:none">${escapeHtml(label)}</abbr></th>`,
  );
  const body = order.map((row) => {
    const cells = measures.map((measure) => cellOf(measure, row, results));
    return `<tr><th scope="row">${escapeHtml(row.model)}</th>${cells.join("")}</tr>`;
  });
  return (
    `<div class="scroll" tabindex="0" role="region" aria-label="Comparison of the models"><table class="numbers">` +
    `<caption>Ordered by ${escapeHtml(lead.label)}. ★ marks the best of a column.</caption>` +
    `<thead><tr><th scope="col">Model</th>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table></div>`
  );
}

function cellOf(measure: Measure, row: ModelRow, results: readonly ModelRow[]): string {
  const value = row[measure.key];
  const classes: string[] = [];
  if (value !== undefined && value === bestOf(measure, results)) classes.push("best");
  const part = measure.share === true && typeof value === "number" ? Math.max(0, Math.min(1, value)) : undefined;
  if (part !== undefined) classes.push("share");
  const style = part === undefined ? "" : ` style="--part:${(100 * part).toFixed(1)}%"`;
  const name = classes.length === 0 ? "" : ` class="${classes.join(" ")}"`;
  return `<td${name}${style}>${measureText(measure, value)}</td>`;
}

async function figureOf({ title, caption, plot, wide }: Picture, id: string): Promise<string> {
  const label = escapeHtml(`${title}. ${caption}`);
  const svg = withOwnIds(await plot.toSVG(), id).replace("<svg ", `<svg role="img" aria-label="${label}" `);
  return (
    `<figure class="card${wide ? " wide" : ""}"><figcaption><strong>${escapeHtml(title)}</strong>${escapeHtml(caption)}</figcaption>` +
    `${svg}</figure>`
  );
}

function columnsOf({ columns, nColumns }: TableSummary): string {
  const number = (value: number | undefined): string =>
    value === undefined ? "" : measureText({ key: "", label: "", meaning: "" }, value);
  const line = (column: ColumnFacts): string =>
    `<tr><th scope="row">${escapeHtml(column.name)}</th><td class="text">${escapeHtml(column.type)}</td><td>${whole(column.missing)}</td>` +
    [column.mean, column.std, column.min, column.median, column.max]
      .map((value) => `<td>${number(value)}</td>`)
      .join("") +
    `<td>${column.unique === undefined ? "" : whole(column.unique)}</td><td>${escapeHtml(column.top ?? "")}</td></tr>`;
  const head = ["Column", "Type", "Missing", "Mean", "Std", "Min", "Median", "Max", "Different", "Most frequent"];
  const more = nColumns > columns.length ? `; ${whole(nColumns - columns.length)} more are not shown` : "";
  return (
    `<details class="card" style="margin-top:16px"><summary>${whole(columns.length)} columns of the rows compared on${more}</summary>` +
    `<div class="scroll" tabindex="0" role="region" aria-label="Columns"><table class="numbers"><thead><tr>` +
    `${head.map((name) => `<th scope="col">${name}</th>`).join("")}</tr></thead><tbody>${columns.map(line).join("")}</tbody></table></div></details>`
  );
}

function modelOf({ name, value }: Named<Scorable>): string {
  const picture =
    value instanceof BaseEstimator ? value.toHTML() : `<p>${escapeHtml((value as object).constructor.name)}</p>`;
  return `<article class="card model"><h3>${escapeHtml(name)}</h3>${picture}</article>`;
}

function whole(value: number): string {
  return value.toLocaleString("en");
}
