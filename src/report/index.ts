export { report, Report, type ReportOptions, type ReportProgress, type TrainingRows } from "./report.js";
export type { ModelRow } from "./measure.js";
