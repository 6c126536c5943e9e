export { LinearSVC, type LinearSVCFitOptions, type LinearSVCParams } from "./linear-svc.js";
