import { inspect } from "node:util";
import { escapeHtml } from "./rich.js";

/** A parameter as a diagram lists it. */
export interface DiagramParam {
  readonly name: string;
  readonly value: unknown;
  readonly isDefault: boolean;
}

/** An estimator and those inside it, for drawing. */
export interface Diagram {
  readonly className: string;
  readonly params: readonly DiagramParam[];
  /** Estimators inside by name; a text stands for itself ("passthrough"). */
  readonly inside: readonly (readonly [name: string, diagram: Diagram | string])[];
  /** Those inside follow one another; else they stand side by side. */
  readonly inOrder: boolean;
}

const STYLE = `<style>
.treeline-estimator{font:13px Helvetica,Arial,sans-serif;display:inline-block}
.treeline-estimator details,.treeline-estimator .plain{border:1px solid #8794a3;border-radius:5px;margin:3px;padding:3px 8px;background:#f4f6f9;color:#1d2733}
.treeline-estimator .fitted{background:#e3f0f8}
.treeline-estimator summary{cursor:pointer;white-space:nowrap}
.treeline-estimator .name{color:#5b6875;font-size:11px;margin-left:.6em}
.treeline-estimator .params{border-collapse:collapse;font:11px ui-monospace,Menlo,Consolas,monospace;margin:4px 0}
.treeline-estimator .params td{padding:1px 10px 1px 0;text-align:left;border:0;background:none}
.treeline-estimator .default{color:#6b7783}
.treeline-estimator .inside{border:1px dashed #8794a3;border-radius:5px;margin:3px;padding:3px}
.treeline-estimator .across{display:flex;flex-wrap:wrap;align-items:flex-start}
</style>`;

/**
 * An estimator as a nested picture in HTML, without scripts: a box an estimator, which opens to its parameters (those that
 * are not the defaults first and dark), steps of pipelines from top to bottom, others side by side.
 */
export function estimatorHtml(diagram: Diagram, isFitted: boolean): string {
  return `${STYLE}<div class="treeline-estimator">${boxOf(diagram, isFitted, isFitted ? "fitted" : "not fitted")}</div>`;
}

function boxOf(diagram: Diagram, isFitted: boolean, note: string): string {
  const name = note === "" ? "" : `<span class="name">${escapeHtml(note)}</span>`;
  const head = `<details${isFitted ? ' class="fitted"' : ""}><summary>${escapeHtml(diagram.className)}${name}</summary>${paramsOf(diagram)}</details>`;
  if (diagram.inside.length === 0) return head;
  const inside = diagram.inside.map(([key, inner]) =>
    typeof inner === "string"
      ? `<div class="plain">${escapeHtml(inner)}<span class="name">${escapeHtml(key)}</span></div>`
      : `<div>${boxOf(inner, isFitted, key)}</div>`,
  );
  return `<div class="inside">${head}<div${diagram.inOrder ? "" : ' class="across"'}>${inside.join("")}</div></div>`;
}

function paramsOf({ params }: Diagram): string {
  if (params.length === 0) return "";
  const sorted = [...params.filter(({ isDefault }) => !isDefault), ...params.filter(({ isDefault }) => isDefault)];
  const rows = sorted.map(
    ({ name, value, isDefault }) =>
      `<tr${isDefault ? ' class="default"' : ""}><td>${escapeHtml(name)}</td><td>${escapeHtml(valueText(value))}</td></tr>`,
  );
  return `<table class="params">${rows.join("")}</table>`;
}

/** A value in one short line. */
export function valueText(value: unknown): string {
  const text = inspect(value, { depth: 2, breakLength: Infinity, maxArrayLength: 8, maxStringLength: 60 });
  return text.length > 100 ? `${text.slice(0, 97)}…` : text;
}
