export {
  CalibratedClassifierCV,
  type CalibratedClassifier,
  type CalibratedClassifierCVParams,
  type CalibratedFitOptions,
} from "./calibrated-classifier-cv.js";
export { calibrationCurve, type CalibrationCurve, type CalibrationCurveOptions } from "./calibration-curve.js";
