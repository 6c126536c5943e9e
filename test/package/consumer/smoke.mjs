// A user's first lines, as an ES module. Ends with what require() found to be the same thing.
import { createRequire } from "node:module";
import { StandardScaler, fromBuffer, simdInfo } from "treeline";
import { Matrix } from "treeline/data";
import { loadIris } from "treeline/datasets";

const { data } = await loadIris();
const scaler = await new StandardScaler().fit(data);
const Z = await fromBuffer(scaler.toBuffer()).transform(data);
if (!(Z instanceof Matrix) || Math.abs(Z.column(0).reduce((sum, z) => sum + z, 0)) > 1e-9)
  throw new Error("not centred");
if (createRequire(import.meta.url)("treeline").StandardScaler !== StandardScaler) throw new Error("two copies");
console.log(`ok ${process.version} ${simdInfo().active}`);
